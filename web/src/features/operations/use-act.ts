"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { api, newKey, unwrap } from "@/api/client";
import type { ActionPlan, Operation } from "@/api/types";
import { useAccepted } from "@/lib/acting";

export const ACTS = ["cancel", "resume", "rollback", "pause"] as const;
export type Act = (typeof ACTS)[number];

const PATHS = {
  cancel: "/api/v1/operations/{operation_id}:cancel",
  resume: "/api/v1/operations/{operation_id}:resume",
  rollback: "/api/v1/operations/{operation_id}:rollback",
  pause: "/api/v1/operations/{operation_id}:pause",
} as const;

/** What the act would do: what is not begun any more, what stays and costs, what is lost. */
export function useActPlan(operationId: string, act: Act) {
  return useQuery({
    queryKey: ["act-plan", operationId, act],
    queryFn: async ({ signal }) =>
      (await unwrap(api.POST(PATHS[act], { signal, params: { path: { operation_id: operationId }, query: { dry_run: true } } }))) as ActionPlan,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function useAct(operationId: string, act: Act) {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: async () =>
      (await unwrap(api.POST(PATHS[act], { params: { path: { operation_id: operationId }, header: { "idempotency-key": newKey() } } }))) as Operation,
    onSuccess: accepted,
  });
}
