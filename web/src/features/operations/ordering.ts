// The order in which steps can happen. Pure.
import type { Step } from "@/api/types";

type Node = Pick<Step, "key" | "depends_on">;

/** Steps by how long the longest chain before them is; within that, as they came. A circle, which no plan has, ends. */
export function byDepth<T extends Node>(steps: readonly T[]): T[] {
  const known = new Map(steps.map((step) => [step.key, step]));
  const depths = new Map<string, number>();
  const depth = (key: string, path: ReadonlySet<string>): number => {
    const found = depths.get(key);
    if (found !== undefined) return found;
    const step = known.get(key);
    if (!step || path.has(key)) return 0;
    const before = step.depends_on.filter((each) => known.has(each)).map((each) => depth(each, new Set([...path, key])));
    const value = before.length ? 1 + Math.max(...before) : 0;
    depths.set(key, value);
    return value;
  };
  return steps
    .map((step, index) => ({ step, index, depth: depth(step.key, new Set()) }))
    .sort((a, b) => a.depth - b.depth || a.index - b.index)
    .map((each) => each.step);
}
