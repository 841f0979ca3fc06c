"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { api, newKey, unwrap } from "@/api/client";
import type { Cluster, Operation, Plan, ScaleBody } from "@/api/types";
import { useAccepted } from "@/lib/acting";

const PATH = "/api/v1/{provider}/kubernetes/clusters/{cluster}/node-pools/{pool}/scale";

const target = (cluster: Cluster, pool: string) => ({ provider: cluster.provider, cluster: cluster.id, pool });

/** What scaling to this size would do. */
export function useScalePlan(cluster: Cluster, pool: string, body: ScaleBody | null) {
  return useQuery({
    queryKey: ["clusters", "scale-plan", cluster.id, pool, body],
    queryFn: async ({ signal }) =>
      (await unwrap(api.PUT(PATH, { signal, params: { path: target(cluster, pool), query: { dry_run: true } }, body: body ?? {} }))) as Plan,
    enabled: body !== null,
    staleTime: 0,
  });
}

export function useScale(cluster: Cluster, pool: string) {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: async ({ body, digest }: { body: ScaleBody; digest: string }) =>
      (await unwrap(
        api.PUT(PATH, { params: { path: target(cluster, pool), header: { "idempotency-key": newKey() } }, body: { ...body, plan_digest: digest } }),
      )) as Operation,
    onSuccess: accepted,
  });
}
