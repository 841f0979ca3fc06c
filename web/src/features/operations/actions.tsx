"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import type { Operation } from "@/api/types";
import { money } from "@/lib/format";
import { operationHref } from "@/lib/hrefs";
import { useMay } from "@/lib/permissions";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/marks";
import { Loading } from "@/ui/panels";
import { PlanView } from "@/ui/plan-view";
import { ProblemNote } from "@/ui/problem";
import { type Act, ACTS, useAct, useActPlan } from "./use-act";

/** What may be done with it now: the API says it, and only to whom it is allowed. */
export function Actions({ operation }: { operation: Operation }) {
  const t = useTranslations("operations");
  const may = useMay();
  const [asked, setAsked] = useState<Act | null>(null);
  if (!may("operations.act", operation.workspace_id)) return null;
  return (
    <>
      {ACTS.filter((act) => operation.actions.includes(act)).map((act) => (
        <Button key={act} look={act === "rollback" || act === "cancel" ? "danger" : "plain"} onClick={() => setAsked(act)}>{t(`act.${act}`)}</Button>
      ))}
      {asked && <ActDialog operation={operation} act={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function ActDialog({ operation, act, onClose }: { operation: Operation; act: Act; onClose: () => void }) {
  const t = useTranslations();
  const locale = useLocale();
  const router = useRouter();
  const plan = useActPlan(operation.id, act);
  const perform = useAct(operation.id, act);
  const done = (answer: Operation) => {
    onClose();
    if (answer.id !== operation.id) router.push(operationHref(answer.id));
  };
  return (
    <Dialog title={t(`operations.act.${act}`)} closeLabel={t("common.close")} onClose={onClose}>
      <p className="text-sm text-muted">{t(`operations.about.${act}`)}</p>
      {plan.isFetching && <Loading label={t("common.loading")} />}
      <ProblemNote error={plan.error ?? perform.error} />
      {plan.data && !plan.isFetching && (
        <>
          {plan.data.stays.length > 0 && <Note tone="warn">{t("operations.stays", { count: plan.data.stays.length, cost: money(plan.data.kept_usd_per_month, locale) })}</Note>}
          {plan.data.lost.length > 0 && <Note tone="bad">{t("operations.lost", { list: plan.data.lost.join(", ") })}</Note>}
          {act !== "cancel" && act !== "pause" && <PlanView plan={plan.data} deleting={act === "rollback"} />}
        </>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button look="primary" busy={perform.isPending} disabled={!plan.data || plan.isFetching} onClick={() => perform.mutate(undefined, { onSuccess: done })}>{t(`operations.act.${act}`)}</Button>
      </div>
    </Dialog>
  );
}
