"use client";

import { useMemo } from "react";
import { api, unwrap } from "@/api/client";
import { useWorkspace } from "@/lib/permissions";
import { usePages } from "@/lib/queries";
import type { FleetFilters } from "./fleet-filters";

const PAGE = 100;

/** Clusters of the workspace that is looked at. The API lists those of all workspaces of the caller. */
export function useFleet(filters: FleetFilters) {
  const workspace = useWorkspace();
  const pages = usePages(["clusters", "fleet", filters], (cursor, signal) =>
    unwrap(api.GET("/api/v1/clusters", { signal, params: { query: { ...filters, cursor, limit: PAGE } } })),
  );
  const id = workspace?.workspace_id;
  // The same list until something changes: a table given a new one each time would draw itself for ever.
  const items = useMemo(() => (id ? pages.items?.filter((each) => each.workspace_id === id) : undefined), [pages.items, id]);
  return { ...pages, items };
}
