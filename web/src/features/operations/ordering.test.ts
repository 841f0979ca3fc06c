import { expect, it } from "vitest";
import { byDepth } from "./ordering";

const step = (key: string, ...depends_on: string[]) => ({ key, depends_on });
const keys = (...steps: { key: string; depends_on: string[] }[]) => byDepth(steps).map((each) => each.key);

it("nothing stands before what it waits for, and equals keep their order", () => {
  expect(keys(step("pool", "plane"), step("plane", "net", "role"), step("net"), step("role"))).toEqual(["net", "role", "plane", "pool"]);
});

it("what is not in the plan holds nobody up, and a circle ends", () => {
  expect(keys(step("a", "elsewhere"))).toEqual(["a"]);
  expect(keys(step("a", "b"), step("b", "a"))).toHaveLength(2);
});
