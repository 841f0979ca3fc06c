"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { dateTime } from "@/lib/format";
import { operationHref } from "@/lib/hrefs";
import { useKindTitle } from "@/lib/kinds";
import { OperationMark } from "@/ui/operation-mark";
import { Panel } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { useClusterActivity } from "./use-cluster";

export function Activity({ clusterId }: { clusterId: string }) {
  const t = useTranslations("cluster");
  const locale = useLocale();
  const titleOf = useKindTitle();
  const { data, error } = useClusterActivity(clusterId);
  return (
    <Panel title={t("activity")} className="lg:col-span-2">
      <ProblemNote error={error} />
      <ul className="flex flex-col gap-2">
        {data?.map((operation) => (
          <li key={operation.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <OperationMark state={operation.state} />
            <Link href={operationHref(operation.id)} prefetch={false} className="font-medium text-accent hover:underline">{titleOf(operation.kind)}</Link>
            <span className="text-muted">{operation.requested_by.label} · {dateTime(operation.created_at, locale)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
