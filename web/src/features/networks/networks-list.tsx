"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { api, unwrap } from "@/api/client";
import type { Network } from "@/api/types";
import { dateTime } from "@/lib/format";
import { clusterHref } from "@/lib/hrefs";
import { useWorkspace } from "@/lib/permissions";
import { usePages, useProviders, useProviderTitle } from "@/lib/queries";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/fields";
import { Mark, type Tone } from "@/ui/marks";
import { Empty, Loading, PageHead } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { CELL, HEAD, ROW, TableBox } from "@/ui/table";

const TONES: Record<Network["state"], Tone> = { ready: "good", provisioning: "busy", updating: "busy", deleting: "busy", drifted: "warn", needs_attention: "bad", deleted: "idle" };

export function NetworksList() {
  const t = useTranslations();
  const workspace = useWorkspace();
  const { data: providers } = useProviders();
  const [parameters, change] = useUrlState();
  const provider = providers?.find((each) => each.name === parameters.get("provider"))?.name;
  const { items, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = usePages(["networks", "list", provider], (cursor, signal) =>
    unwrap(api.GET("/api/v1/networks", { signal, params: { query: { provider, cursor, limit: 100 } } })),
  );
  const shown = workspace && items?.filter((each) => each.workspace_id === workspace.workspace_id);
  return (
    <>
      <PageHead title={t("networks.title")} sub={t("networks.sub")} />
      <div className="flex flex-col gap-4">
        <div className="max-w-56">
          <SelectField label={t("networks.cloud")} value={provider ?? ""} onChange={(event) => change({ provider: event.target.value })} choices={[{ value: "", text: t("common.all") }, ...(providers ?? []).map((each) => ({ value: each.name, text: each.title }))]} />
        </div>
        <ProblemNote error={error} onRetry={() => void refetch()} />
        {isPending && <Loading label={t("common.loading")} />}
        {shown?.length === 0 && !hasNextPage && <Empty title={t(provider ? "networks.noMatch" : "networks.empty")}>{!provider && t("networks.emptyDetail")}</Empty>}
        {!!shown?.length && <Table items={shown} />}
        {hasNextPage && <div><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("common.more")}</Button></div>}
      </div>
    </>
  );
}

function Table({ items }: { items: Network[] }) {
  const t = useTranslations();
  const locale = useLocale();
  const titleOf = useProviderTitle();
  return (
    <TableBox label={t("networks.title")}>
      <thead>
        <tr>{(["name", "state", "cloud", "region", "range", "subnets", "usedBy", "created"] as const).map((key) => <th key={key} scope="col" className={HEAD}>{t(`networks.${key}`)}</th>)}</tr>
      </thead>
      <tbody>
        {items.map((each) => (
          <tr key={each.id} className={ROW}>
            <td className={CELL}><span className="font-medium">{each.name}</span>{each.vpc_id && <code className="block text-xs text-muted">{each.vpc_id}</code>}</td>
            <td className={CELL}><Mark tone={TONES[each.state]} text={t(`state.${each.state}`)} title={each.message} /></td>
            <td className={CELL}>{titleOf(each.provider)}</td>
            <td className={CELL}>{each.region}</td>
            <td className={CELL}><code>{each.cidr_block}</code></td>
            <td className={`${CELL} tabular-nums`}>{each.subnet_ids.length}</td>
            <td className={CELL}>{each.owned_by ? <Link href={clusterHref(each.owned_by.id)} prefetch={false} className="text-accent hover:underline">{each.owned_by.name}</Link> : "–"}</td>
            <td className={`${CELL} whitespace-nowrap`}>{dateTime(each.created_at, locale)}</td>
          </tr>
        ))}
      </tbody>
    </TableBox>
  );
}
