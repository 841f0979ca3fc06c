// Questions that more than one feature asks.
"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, unwrap } from "@/api/client";
import type { Page } from "@/api/types";
import { useWorkspace } from "./permissions";

export function useProviders() {
  return useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/providers", { signal })),
    staleTime: Infinity,
    select: (answer) => answer.items,
  });
}

/** A cloud's own name for people; until it is known, its short one. */
export function useProviderTitle(): (name: string) => string {
  const { data } = useProviders();
  return useCallback((name) => data?.find((each) => each.name === name)?.title ?? name, [data]);
}

/** Credentials of the workspace that is looked at. */
export function useCredentials(provider?: string) {
  const workspace = useWorkspace();
  return useQuery({
    queryKey: ["credentials", workspace?.workspace_id, provider],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/credentials", { signal, params: { query: { workspace_id: workspace?.workspace_id, provider, limit: 200 } } })),
    enabled: !!workspace,
    select: (answer) => answer.items,
  });
}

/** A list page by page, by the cursor that each page gives for the next. */
export function usePages<T>(key: readonly unknown[], ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return { ...query, items };
}
