"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, newKey, unwrap } from "@/api/client";
import type { Operation, Plan, UnifiedClusterBody } from "@/api/types";
import { useAccepted } from "@/lib/acting";

/** What creating this would do, asked anew whenever the review is opened. */
export function useCreationPlan(body: UnifiedClusterBody) {
  return useQuery({
    queryKey: ["creation-plan", body],
    queryFn: async ({ signal }) => (await unwrap(api.POST("/api/v1/clusters", { signal, params: { query: { dry_run: true } }, body }))) as Plan,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

/** One key for one review: pressing twice, or again after a broken connection, makes one cluster. */
export function useCreate() {
  const accepted = useAccepted();
  const key = useRef(newKey());
  return useMutation({
    mutationFn: async ({ body, digest }: { body: UnifiedClusterBody; digest: string }) =>
      (await unwrap(api.POST("/api/v1/clusters", { params: { header: { "idempotency-key": key.current } }, body: { ...body, plan_digest: digest } }))) as Operation,
    onSuccess: accepted,
  });
}
