// Two questions about a cluster, kept apart: does it work (health), and is it as it was asked for (sync)? Pure.
import type { Cluster } from "@/api/types";
import type { Tone } from "@/ui/marks";

export type Health = "healthy" | "degraded" | "attention" | "starting" | "stopping" | "asleep" | "gone";
export type Sync = "synced" | "working" | "drifted" | "stuck";

type Seen = Pick<Cluster, "state" | "conditions" | "hibernated" | "operation_id">;

export function healthOf(cluster: Seen): Health {
  if (cluster.state === "deleted") return "gone";
  if (cluster.state === "deleting") return "stopping";
  const plane = cluster.conditions.find((each) => each.type === "ControlPlaneReady");
  const pools = cluster.conditions.find((each) => each.type === "NodePoolsReady");
  if (cluster.state === "provisioning") return "starting";
  if (cluster.hibernated) return "asleep";
  if (plane?.status !== "True") return "attention";
  if (cluster.state === "degraded" || (pools && pools.status !== "True" && cluster.state !== "updating")) return "degraded";
  return "healthy";
}

export function syncOf(cluster: Seen): Sync {
  if (cluster.operation_id) return "working";
  if (cluster.state === "drifted") return "drifted";
  if (cluster.state === "needs_attention") return "stuck";
  return "synced";
}

export const HEALTH_TONES: Record<Health, Tone> = {
  healthy: "good", degraded: "warn", attention: "bad", starting: "busy", stopping: "busy", asleep: "idle", gone: "idle",
};
export const SYNC_TONES: Record<Sync, Tone> = { synced: "good", working: "busy", drifted: "warn", stuck: "bad" };

/** Nodes asked for, over all pools. */
export function nodesOf(cluster: Pick<Cluster, "node_pools">): number {
  return cluster.node_pools.reduce((sum, pool) => sum + (pool.node_count ?? 0), 0);
}
