// Operation kinds in words. A kind that this console does not know yet is shown as the API writes it.
"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

const KNOWN = ["cluster.create", "cluster.delete", "cluster.update", "cluster.upgrade", "node_pool.create", "node_pool.update", "node_pool.scale", "node_pool.delete", "network.create", "network.update", "network.delete"] as const;

export function useKindTitle(): (kind: string) => string {
  const t = useTranslations("kinds");
  return useCallback(
    (kind) => {
      const base = kind.replace(/\.rollback$/, "");
      const known = KNOWN.find((each) => each === base);
      const title = known ? t(known.replace(".", "_") as "cluster_create") : base;
      return base === kind ? title : t("rollback", { what: title });
    },
    [t],
  );
}
