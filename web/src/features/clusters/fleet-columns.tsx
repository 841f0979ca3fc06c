"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";
import type { Cluster } from "@/api/types";
import { dateTime, money } from "@/lib/format";
import { useProviderTitle } from "@/lib/queries";
import { HealthMark, SyncMark } from "./cluster-marks";
import { clusterHref } from "@/lib/hrefs";
import { healthOf, nodesOf, syncOf } from "./judging";

const column = createColumnHelper<Cluster>();

export function useFleetColumns() {
  const t = useTranslations("fleet");
  const locale = useLocale();
  const titleOf = useProviderTitle();
  return useMemo(
    () => [
      column.accessor("name", {
        header: t("name"),
        cell: ({ row }) => <Link prefetch={false} href={clusterHref(row.original.id)} className="font-medium text-accent hover:underline">{row.original.name}</Link>,
      }),
      column.accessor(healthOf, { id: "health", header: t("health"), cell: ({ row }) => <HealthMark cluster={row.original} /> }),
      column.accessor(syncOf, { id: "sync", header: t("sync"), cell: ({ row }) => <SyncMark cluster={row.original} /> }),
      column.accessor("provider", { id: "cloud", header: t("cloud"), cell: ({ getValue }) => titleOf(getValue()) }),
      column.accessor("region", { header: t("region") }),
      column.accessor("version", { header: t("version"), sortingFn: "alphanumeric" }),
      column.accessor(nodesOf, { id: "nodes", header: t("nodes") }),
      column.accessor((cluster) => cluster.cost.usd_per_month, {
        id: "cost",
        header: t("cost"),
        cell: ({ getValue }) => <span className="tabular-nums">{money(getValue(), locale)}</span>,
      }),
      column.accessor("created_at", { header: t("created"), cell: ({ getValue }) => <span className="whitespace-nowrap">{dateTime(getValue(), locale)}</span> }),
    ],
    [t, locale, titleOf],
  );
}
