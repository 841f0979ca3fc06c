"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { Cluster } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/fields";
import { Loading } from "@/ui/panels";
import { PlanView } from "@/ui/plan-view";
import { ProblemNote } from "@/ui/problem";
import { useDelete, useDeletePlan } from "./use-delete";

/** Everything that goes, then the name typed, then the button. What is deleted is exactly the plan that was shown. */
export function DeleteDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const t = useTranslations();
  const [typed, setTyped] = useState("");
  const plan = useDeletePlan(cluster);
  const remove = useDelete(cluster);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (plan.data && typed === cluster.name) remove.mutate(plan.data.digest, { onSuccess: onClose });
  }

  return (
    <Dialog title={t("cluster.deleteTitle", { name: cluster.name })} closeLabel={t("common.close")} onClose={onClose}>
      {plan.isFetching && <><p className="text-sm text-muted">{t("cluster.looking")}</p><Loading label={t("common.loading")} /></>}
      <ProblemNote error={plan.error} onRetry={() => void plan.refetch()} />
      {plan.data && !plan.isFetching && (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <PlanView plan={plan.data} deleting />
          {plan.data.ok ? (
            <TextField label={t("cluster.typeName", { name: cluster.name })} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
          ) : (
            <p className="text-sm font-medium text-bad">{t("cluster.cannotDelete")}</p>
          )}
          <ProblemNote error={remove.error} onRetry={() => void plan.refetch()} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" look="danger" busy={remove.isPending} disabled={!plan.data.ok || typed !== cluster.name}>{t("cluster.delete")}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
