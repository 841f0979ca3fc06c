import { describe, expect, it } from "vitest";
import type { Cluster } from "@/api/types";
import { healthOf, nodesOf, syncOf } from "./judging";

const seen = (state: Cluster["state"], more: Partial<Cluster> = {}) => ({
  state,
  hibernated: false,
  operation_id: null,
  conditions: [
    { type: "ControlPlaneReady", status: "True" as const },
    { type: "NodePoolsReady", status: "True" as const },
  ],
  ...more,
});

describe("health and sync are two answers", () => {
  it("a drifted cluster that works is healthy, and not in sync", () => {
    expect([healthOf(seen("drifted")), syncOf(seen("drifted"))]).toEqual(["healthy", "drifted"]);
  });
  it("a cluster being changed goes on being healthy", () => {
    const cluster = seen("updating", { operation_id: "op" });
    expect([healthOf(cluster), syncOf(cluster)]).toEqual(["healthy", "working"]);
  });
  it("without its control plane nothing is healthy", () => {
    const cluster = seen("needs_attention", { conditions: [{ type: "ControlPlaneReady", status: "False" }] });
    expect([healthOf(cluster), syncOf(cluster)]).toEqual(["attention", "stuck"]);
  });
  it("a pool that is behind makes it degraded, unless that is what is being changed", () => {
    const conditions: Cluster["conditions"] = [
      { type: "ControlPlaneReady", status: "True" },
      { type: "NodePoolsReady", status: "False" },
    ];
    expect(healthOf(seen("needs_attention", { conditions }))).toBe("degraded");
    expect(healthOf(seen("updating", { conditions }))).toBe("healthy");
  });
  it.each([
    ["provisioning", "starting"],
    ["deleting", "stopping"],
    ["deleted", "gone"],
  ] as const)("%s is %s", (state, health) => expect(healthOf(seen(state))).toBe(health));
  it("one that sleeps is neither broken nor healthy", () => {
    expect(healthOf(seen("ready", { hibernated: true }))).toBe("asleep");
  });
});

it("nodes are counted over all pools", () => {
  const pool = { node_count: 2 } as Cluster["node_pools"][number];
  expect(nodesOf({ node_pools: [pool, { ...pool, node_count: 3 }] })).toBe(5);
});
