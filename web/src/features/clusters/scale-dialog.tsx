"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { Cluster, NodePool, ScaleBody } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { CheckField, TextField } from "@/ui/fields";
import { Loading } from "@/ui/panels";
import { PlanView } from "@/ui/plan-view";
import { ProblemNote } from "@/ui/problem";
import { useScale, useScalePlan } from "./use-scale";

/** First the new size, then what that does and costs, then the button. */
export function ScaleDialog({ cluster, pool, onClose }: { cluster: Cluster; pool: NodePool; onClose: () => void }) {
  const t = useTranslations();
  const [automatic, setAutomatic] = useState(!!pool.auto_scaling?.enabled);
  const [body, setBody] = useState<ScaleBody | null>(null);
  const plan = useScalePlan(cluster, pool.name, body);
  const scale = useScale(cluster, pool.name);

  function show(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const figure = (name: string) => Number(form.get(name));
    scale.reset();
    setBody(automatic ? { auto_scaling: { enabled: true, min: figure("min"), max: figure("max") } } : { node_count: figure("count"), ...(pool.auto_scaling && { auto_scaling: false }) });
  }

  return (
    <Dialog title={t("pools.scaleOf", { name: pool.name })} closeLabel={t("common.close")} onClose={onClose}>
      <form onSubmit={show} onChange={() => setBody(null)} className="flex flex-col gap-3">
        <CheckField label={t("pools.automatic")} checked={automatic} onChange={(event) => setAutomatic(event.target.checked)} />
        {automatic ? (
          <div className="grid grid-cols-2 gap-3">
            <TextField label={t("pools.min")} name="min" type="number" min={0} max={5000} required defaultValue={pool.auto_scaling?.min ?? 1} />
            <TextField label={t("pools.max")} name="max" type="number" min={1} max={5000} required defaultValue={pool.auto_scaling?.max ?? Math.max(3, pool.node_count ?? 1)} />
          </div>
        ) : (
          <TextField label={t("pools.count")} name="count" type="number" min={0} max={5000} required defaultValue={pool.node_count ?? 1} />
        )}
        {!body && <Button type="submit" look="primary">{t("plan.show")}</Button>}
      </form>
      {body && plan.isFetching && <Loading label={t("common.loading")} />}
      <ProblemNote error={plan.error ?? scale.error} />
      {body && plan.data && !plan.isFetching && (
        <>
          <PlanView plan={plan.data} />
          <Button
            look="primary"
            busy={scale.isPending}
            disabled={!plan.data.ok}
            onClick={() => scale.mutate({ body, digest: plan.data.digest }, { onSuccess: onClose })}
          >
            {t("pools.apply")}
          </Button>
        </>
      )}
    </Dialog>
  );
}
