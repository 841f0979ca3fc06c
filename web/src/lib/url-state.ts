// Filters and sort live in the address: a reload, a bookmark and the back button keep them.
"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

export function useUrlState(): [URLSearchParams, (changes: Record<string, string>) => void] {
  const parameters = useSearchParams();
  const path = usePathname();
  const change = useCallback(
    (changes: Record<string, string>) => window.history.replaceState(null, "", withChanges(path, window.location.search, changes)),
    [path],
  );
  return [parameters, change];
}

/** The address with these parameters; "" removes one. */
export function withChanges(path: string, search: string, changes: Record<string, string>): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const query = next.toString();
  return query ? `${path}?${query}` : path;
}
