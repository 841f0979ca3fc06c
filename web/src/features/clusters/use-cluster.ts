"use client";

import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";

export function useCluster(id: string) {
  return useQuery({
    queryKey: ["clusters", "one", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/clusters/{cluster}", { signal, params: { path: { cluster: id } } })),
    enabled: !!id,
  });
}

/** What was done to it, newest first. */
export function useClusterActivity(id: string) {
  return useQuery({
    queryKey: ["operations", "of", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/operations", { signal, params: { query: { target_id: id, limit: 20 } } })),
    select: (page) => page.items,
  });
}
