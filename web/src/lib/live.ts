// The stream of everything the caller may see: refreshes what is shown when something happens.
"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { follow, type Liveness } from "@/api/stream";

const GATHER_MS = 300;

/** Which lists an event makes stale, by the first part of its name: "operation.progressed" -> operations, clusters ... */
export function staleKeys(name: string): string[] {
  const about = name.split(".")[0] ?? "";
  if (about === "operation" || about === "resource") return ["operations", "clusters", "networks"];
  if (about === "credential") return ["credentials"];
  if (about === "member" || about === "role" || about === "workspace") return ["permissions"];
  return [];
}

export function useLiveUpdates(): Liveness {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      for (const key of stale) void queries.invalidateQueries({ queryKey: [key] });
      stale.clear();
    };
    const stop = follow("/api/v1/events", {
      onLiveness: setLiveness,
      onEvent: (event) => {
        if (event.name === "resync") void queries.invalidateQueries();
        if (event.name !== "message") return;
        staleKeys((JSON.parse(event.data) as { name: string }).name).forEach((key) => stale.add(key));
        timer ??= setTimeout(flush, GATHER_MS);
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [queries]);
  return liveness;
}
