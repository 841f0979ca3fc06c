"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, unwrap } from "@/api/client";
import { follow, type Liveness } from "@/api/stream";
import type { Operation } from "@/api/types";

const GATHER_MS = 150;

/** One operation, live: its own stream begins with a snapshot, and every event after it makes us look again. */
export function useOperation(id: string) {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");
  const query = useQuery({
    queryKey: ["operations", "one", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/operations/{operation_id}", { signal, params: { path: { operation_id: id } } })),
  });
  useEffect(() => {
    const key = ["operations", "one", id];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lookAgain = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: key });
      }, GATHER_MS);
    };
    const stop = follow(`/api/v1/operations/${encodeURIComponent(id)}/events`, {
      onLiveness: setLiveness,
      onEvent: (event) => {
        if (event.name === "snapshot") queries.setQueryData(key, JSON.parse(event.data) as Operation);
        else lookAgain();
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [id, queries]);
  return { ...query, liveness };
}
