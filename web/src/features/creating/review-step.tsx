"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { operationHref } from "@/lib/hrefs";
import { useWorkspace } from "@/lib/permissions";
import { useCredentials } from "@/lib/queries";
import { Button } from "@/ui/button";
import { CopyBox } from "@/ui/copy";
import { Note } from "@/ui/marks";
import { Loading, Panel } from "@/ui/panels";
import { PlanView } from "@/ui/plan-view";
import { ProblemNote } from "@/ui/problem";
import { bodyOf, cliCommand, curlCommand, type Draft } from "./draft";
import { useCreate, useCreationPlan } from "./use-create";

export function ReviewStep({ draft, onBack }: { draft: Draft; onBack: () => void }) {
  const t = useTranslations();
  const router = useRouter();
  const workspace = useWorkspace();
  const { data: credentials } = useCredentials();
  const body = bodyOf(draft, workspace?.workspace_id ?? "");
  const plan = useCreationPlan(body);
  const create = useCreate();
  const cli = cliCommand(draft, credentials?.find((each) => each.id === draft.credentialId)?.name ?? draft.credentialId);
  const go = () => plan.data && create.mutate({ body, digest: plan.data.digest }, { onSuccess: (operation) => router.push(operationHref(operation.id)) });
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <Panel title={t("create.planOf", { name: draft.name })}>
        <div className="flex flex-col gap-4">
          {plan.isFetching && <Loading label={t("common.loading")} />}
          <ProblemNote error={plan.error} onRetry={() => void plan.refetch()} />
          {plan.data && !plan.isFetching && <PlanView plan={plan.data} />}
          {plan.data && !plan.data.ok && <Note tone="bad">{t("create.blocked")}</Note>}
          <ProblemNote error={create.error} onRetry={() => void plan.refetch()} />
          <div className="flex flex-wrap gap-2">
            <Button onClick={onBack}>{t("common.back")}</Button>
            <Button look="primary" onClick={go} busy={create.isPending} disabled={!plan.data?.ok || plan.isFetching}>{t("create.button")}</Button>
          </div>
        </div>
      </Panel>
      <details className="rounded-xl border border-line bg-panel p-4">
        <summary className="text-sm font-medium">{t("create.elsewhere")}</summary>
        <div className="mt-3 flex flex-col gap-3">
          {cli && <CopyBox label={t("create.cli")} text={cli} />}
          <CopyBox label="curl" text={curlCommand(body, typeof window === "undefined" ? "" : window.location.origin)} />
        </div>
      </details>
    </div>
  );
}
