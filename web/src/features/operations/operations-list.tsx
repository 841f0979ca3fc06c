"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { api, unwrap } from "@/api/client";
import type { OperationState } from "@/api/types";
import { dateTime } from "@/lib/format";
import { operationHref } from "@/lib/hrefs";
import { useKindTitle } from "@/lib/kinds";
import { useWorkspace } from "@/lib/permissions";
import { usePages, useProviderTitle } from "@/lib/queries";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/fields";
import { OperationMark } from "@/ui/operation-mark";
import { Empty, Loading, PageHead } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { CELL, HEAD, ROW, TableBox } from "@/ui/table";

const STATES = ["pending", "running", "paused", "succeeded", "failed", "needs_attention", "cancelling", "cancelled"] as const satisfies readonly OperationState[];

export function OperationsList() {
  const t = useTranslations();
  const locale = useLocale();
  const titleOf = useKindTitle();
  const providerOf = useProviderTitle();
  const workspace = useWorkspace();
  const [parameters, change] = useUrlState();
  const state = STATES.find((each) => each === parameters.get("state"));
  const { items, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = usePages(
    ["operations", "list", workspace?.workspace_id, state],
    (cursor, signal) => unwrap(api.GET("/api/v1/operations", { signal, params: { query: { workspace_id: workspace?.workspace_id, state, cursor, limit: 50 } } })),
  );
  return (
    <>
      <PageHead title={t("operations.title")} sub={t("operations.sub")} />
      <div className="flex flex-col gap-4">
        <div className="max-w-56">
          <SelectField label={t("operations.state")} value={state ?? ""} onChange={(event) => change({ state: event.target.value })} choices={[{ value: "", text: t("common.all") }, ...STATES.map((each) => ({ value: each, text: t(`operationState.${each}`) }))]} />
        </div>
        <ProblemNote error={error} onRetry={() => void refetch()} />
        {isPending && <Loading label={t("common.loading")} />}
        {items?.length === 0 && <Empty title={t(state ? "operations.noMatch" : "operations.empty")}>{!state && t("operations.emptyDetail")}</Empty>}
        {!!items?.length && (
          <TableBox label={t("operations.title")}>
            <thead>
              <tr>{(["what", "state", "target", "progressShort", "by", "begun2"] as const).map((key) => <th key={key} scope="col" className={HEAD}>{t(`operations.${key}`)}</th>)}</tr>
            </thead>
            <tbody>
              {items.map((each) => (
                <tr key={each.id} className={ROW}>
                  <td className={CELL}><Link href={operationHref(each.id)} prefetch={false} className="font-medium text-accent hover:underline">{titleOf(each.kind)}</Link></td>
                  <td className={CELL}><OperationMark state={each.state} /></td>
                  <td className={CELL}>{each.target.name}<span className="block text-xs text-muted">{providerOf(each.target.provider)} · {each.target.region}</span></td>
                  <td className={`${CELL} tabular-nums`}>{each.progress.percent} %</td>
                  <td className={CELL}>{each.requested_by.label}</td>
                  <td className={`${CELL} whitespace-nowrap`}>{dateTime(each.created_at, locale)}</td>
                </tr>
              ))}
            </tbody>
          </TableBox>
        )}
        {hasNextPage && <div><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("common.more")}</Button></div>}
      </div>
    </>
  );
}
