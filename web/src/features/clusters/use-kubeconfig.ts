"use client";

import { useMutation } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Cluster } from "@/api/types";
import { saveAs } from "@/lib/saving";

/** Downloads the file that holds no secret: kubectl asks `skyclust kube-token` for a short-lived one. */
export function useKubeconfig(cluster: Cluster) {
  return useMutation({
    mutationFn: async () => {
      const text = await unwrap(
        api.GET("/api/v1/{provider}/kubernetes/clusters/{cluster}/kubeconfig", {
          params: { path: { provider: cluster.provider, cluster: cluster.id } },
          parseAs: "text",
        }),
      );
      saveAs(`kubeconfig-${cluster.name}.yaml`, String(text));
    },
  });
}
