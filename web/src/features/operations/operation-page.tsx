"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import type { Operation } from "@/api/types";
import { dateTime, duration } from "@/lib/format";
import { clusterHref } from "@/lib/hrefs";
import { useKindTitle } from "@/lib/kinds";
import { useProviderTitle } from "@/lib/queries";
import { useUrlState } from "@/lib/url-state";
import { LinkButton } from "@/ui/button";
import { LiveMark } from "@/ui/live-mark";
import { Note } from "@/ui/marks";
import { OperationMark } from "@/ui/operation-mark";
import { Empty, Loading, PageHead, Panel } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { Progress } from "@/ui/progress";
import { Actions } from "./actions";
import { Steps } from "./steps";
import { Timeline } from "./timeline";
import { useOperation } from "./use-operation";

export function OperationPage() {
  const t = useTranslations();
  const id = useUrlState()[0].get("id") ?? "";
  if (!id) return <Empty title={t("missing.title")} action={<LinkButton href="/operations/">{t("shell.operations")}</LinkButton>} />;
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { id: string }) {
  const t = useTranslations("common");
  const { data, error, liveness, refetch } = useOperation(id);
  if (error && !data) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading label={t("loading")} />;
  return <Shown operation={data} liveness={liveness} />;
}

function Shown({ operation, liveness }: { operation: Operation; liveness: ReturnType<typeof useOperation>["liveness"] }) {
  const t = useTranslations("operations");
  const locale = useLocale();
  const titleOf = useKindTitle();
  const providerOf = useProviderTitle();
  const { target, progress } = operation;
  const gone = operation.kind === "cluster.delete" && operation.state === "succeeded";
  return (
    <>
      <PageHead
        title={`${titleOf(operation.kind)}: ${target.name}`}
        sub={
          <span className="flex flex-wrap items-center gap-2">
            <OperationMark state={operation.state} />
            {!operation.ended_at && <LiveMark liveness={liveness} />}
            {providerOf(target.provider)} · {target.region} · {operation.requested_by.label} · {dateTime(operation.created_at, locale)}
          </span>
        }
      >
        {target.kind === "cluster" && !gone && <LinkButton href={clusterHref(target.id)}>{t("toCluster")}</LinkButton>}
        <Actions operation={operation} />
      </PageHead>
      <div className="flex flex-col gap-4">
        <div>
          <Progress percent={progress.percent} label={t("progressLabel")} />
          <p className="mt-1 text-sm text-muted">
            {t("progress", { done: progress.done, total: progress.total })}
            {progress.eta_seconds !== null && ` · ${t("left", { time: duration(progress.eta_seconds, locale) })}`}
          </p>
        </div>
        {operation.error && <Note tone="bad"><p className="font-medium">{operation.error.reason}</p><p>{operation.error.message}</p></Note>}
        {operation.attention.map((each) => (
          <Note key={each.step} tone="bad">
            <p className="font-medium">{each.title}</p>
            <p>{each.message}</p>
            {each.blockers.length > 0 && <p>{t("blockers", { list: each.blockers.join(", ") })}</p>}
            {each.remedy && <p className="mt-1">{each.remedy}</p>}
          </Note>
        ))}
        {operation.leftovers.length > 0 && (
          <Note tone="warn">
            <p className="font-medium">{t("leftovers")}</p>
            <ul>{operation.leftovers.map((each) => <li key={each.step}>{each.title} <code>{each.external_id}</code>: {each.why} {each.remedy}</li>)}</ul>
          </Note>
        )}
        <div className="grid gap-4 lg:grid-cols-[3fr_2fr]">
          <Panel title={t("steps")}><Steps steps={operation.steps} /></Panel>
          <Panel title={t("timeline")}><Timeline lines={operation.timeline} /></Panel>
        </div>
        {target.kind !== "cluster" && <Link href="/networks/" prefetch={false} className="text-sm text-accent hover:underline">{t("toNetworks")}</Link>}
      </div>
    </>
  );
}
