"use client";

import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";

const FOR_LONG = { staleTime: 10 * 60_000 };

export function useRegions(provider: string) {
  return useQuery({
    queryKey: ["metadata", "regions", provider],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/{provider}/kubernetes/metadata/regions", { signal, params: { path: { provider } } })),
    enabled: !!provider,
    select: (answer) => answer.items.map((each) => each.name),
    ...FOR_LONG,
  });
}

export function useVersions(provider: string) {
  return useQuery({
    queryKey: ["metadata", "versions", provider],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/{provider}/kubernetes/metadata/versions", { signal, params: { path: { provider } } })),
    enabled: !!provider,
    select: (answer) => answer.items,
    ...FOR_LONG,
  });
}

/** Machine types of a region whose name has `part` in it. There are hundreds: the first that fit are shown. */
export function useMachineTypes(provider: string, region: string, part: string) {
  return useQuery({
    queryKey: ["metadata", "machine-types", provider, region, part],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/{provider}/kubernetes/metadata/machine-types", { signal, params: { path: { provider }, query: { region, name: part, vcpu_min: 2, limit: 50 } } })),
    enabled: !!provider && !!region,
    select: (answer) => answer.items,
    placeholderData: (before) => before,
    ...FOR_LONG,
  });
}

export function useNetworksIn(provider: string, region: string, credentialId: string) {
  return useQuery({
    queryKey: ["networks", "in", provider, region, credentialId],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/networks", { signal, params: { query: { provider, region, credential_id: credentialId, limit: 200 } } })),
    enabled: !!provider && !!region && !!credentialId,
    select: (answer) => answer.items.filter((each) => each.state === "ready" && each.vpc_id && !each.owned_by),
  });
}
