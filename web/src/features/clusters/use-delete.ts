"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { api, newKey, unwrap } from "@/api/client";
import type { Cluster, Operation, Plan } from "@/api/types";
import { useAccepted } from "@/lib/acting";

const PATH = "/api/v1/clusters/{cluster}";

/** Everything that would go with it. Asks the cloud, so it is asked once for each time the dialogue opens. */
export function useDeletePlan(cluster: Cluster) {
  return useQuery({
    queryKey: ["delete-plan", cluster.id],
    queryFn: async ({ signal }) =>
      (await unwrap(api.DELETE(PATH, { signal, params: { path: { cluster: cluster.id }, query: { dry_run: true } } }))) as Plan,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function useDelete(cluster: Cluster) {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: async (digest: string) =>
      (await unwrap(
        api.DELETE(PATH, { params: { path: { cluster: cluster.id }, query: { plan_digest: digest }, header: { "idempotency-key": newKey() } } }),
      )) as Operation,
    onSuccess: accepted,
  });
}
