"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, newKey, unwrap } from "@/api/client";

interface NewCredential {
  workspace_id: string;
  provider: string;
  name: string;
  data: Record<string, unknown>;
}

/** Adding verifies with real calls: what cannot be used is refused, with the reason. */
export function useAddCredential() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewCredential) =>
      unwrap(api.POST("/api/v1/credentials", { params: { header: { "idempotency-key": newKey() } }, body: body as never })),
    gcTime: 0, // what was typed holds secrets: it is not kept
    onSuccess: () => queries.invalidateQueries({ queryKey: ["credentials"] }),
  });
}

export function useVerifyCredential() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.POST("/api/v1/credentials/{credential_id}:verify", { params: { path: { credential_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["credentials"] }),
  });
}
