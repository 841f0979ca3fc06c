// What follows every accepted operation: the lists know, and a toast leads to it.
"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Operation } from "@/api/types";
import { operationHref } from "./hrefs";
import { announce } from "./announcing";
import { useKindTitle } from "./kinds";

export const STALE_BY_OPERATION = ["operations", "clusters", "networks"] as const;

export function useAccepted(): (operation: Operation) => void {
  const queries = useQueryClient();
  const t = useTranslations("operations");
  const titleOf = useKindTitle();
  return useCallback(
    (operation) => {
      for (const key of STALE_BY_OPERATION) void queries.invalidateQueries({ queryKey: [key] });
      announce(t("begun", { what: titleOf(operation.kind), name: operation.target.name }), operationHref(operation.id), t("follow"));
    },
    [queries, t, titleOf],
  );
}
