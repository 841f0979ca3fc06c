// What the caller may do, from GET /me/permissions: actions that would be refused are not offered.
"use client";

import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Membership, Permission } from "@/api/types";
import { useWorkspaceChoice } from "./preferences";

export function usePermissions() {
  return useQuery({
    queryKey: ["permissions"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/me/permissions", { signal })),
    staleTime: 60_000,
  });
}

/** May the caller do this in that workspace? False until it is known. */
export function useMay(): (permission: Permission, workspaceId: string | undefined) => boolean {
  const { data } = usePermissions();
  return (permission, workspaceId) => {
    const found = data?.workspaces.find((each) => each.workspace_id === workspaceId);
    return !!found && !found.suspended && found.permissions.includes(permission);
  };
}

/** The workspace that is looked at: the chosen one if it is still the caller's, else their first. */
export function useWorkspace(): Membership | undefined {
  const chosen = useWorkspaceChoice();
  const { data } = usePermissions();
  return data?.workspaces.find((each) => each.workspace_id === chosen) ?? data?.workspaces[0];
}
