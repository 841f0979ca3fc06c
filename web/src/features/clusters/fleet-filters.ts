// The fleet list's filters and sort, as the address has them. Pure.
import type { SortingState } from "@tanstack/react-table";
import type { ClusterState } from "@/api/types";

export const STATES = ["provisioning", "ready", "degraded", "updating", "deleting", "needs_attention", "drifted"] as const satisfies readonly ClusterState[];

export interface FleetFilters {
  name?: string;
  provider?: string;
  region?: string;
  state?: (typeof STATES)[number];
}

/** Only what the API knows: a mistyped state in an address is left out and not sent. */
export function filtersOf(parameters: URLSearchParams): FleetFilters {
  const text = (name: string) => parameters.get(name)?.trim() || undefined;
  return { name: text("name"), provider: text("provider"), region: text("region"), state: STATES.find((state) => state === parameters.get("state")) };
}

/** "name" or "-cost". */
export function sortOf(text: string | null): SortingState {
  if (!text) return [];
  return [{ id: text.replace(/^-/, ""), desc: text.startsWith("-") }];
}

export function sortText(sorting: SortingState): string {
  const first = sorting[0];
  return first ? `${first.desc ? "-" : ""}${first.id}` : "";
}
