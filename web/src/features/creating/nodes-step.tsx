"use client";

import { useLocale, useTranslations } from "next-intl";
import { useDeferredValue, useState } from "react";
import type { MachineType } from "@/api/types";
import { money } from "@/lib/format";
import { useProviders } from "@/lib/queries";
import { CheckField, TextField } from "@/ui/fields";
import { ProblemNote } from "@/ui/problem";
import type { Draft } from "./draft";
import { useMachineTypes } from "./use-metadata";

const HOURS_PER_MONTH = 730;

interface Props {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
}

export function NodesStep({ draft, change }: Props) {
  const t = useTranslations();
  const { data: providers } = useProviders();
  const can = (capability: string) => !!providers?.find((each) => each.name === draft.provider)?.capabilities.includes(capability);
  const figure = (name: keyof Draft, least: number, most: number) => ({
    type: "number", required: true, min: least, max: most, value: String(draft[name]), onChange: (event: { target: { value: string } }) => change({ [name]: Number(event.target.value) }),
  });
  return (
    <>
      <MachineTypePicker draft={draft} onPick={(machineType) => change({ machineType })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={t("create.pool")} required value={draft.pool} onChange={(event) => change({ pool: event.target.value.trim() })} maxLength={63} pattern="[A-Za-z0-9][A-Za-z0-9_\-]*" />
        <TextField label={t("pools.disk")} hint={t("create.diskHint")} {...figure("diskGb", 10, 16_384)} />
        <TextField label={t("pools.count")} {...figure("nodes", 0, 5000)} />
      </div>
      {can("node_pools.autoscaling") && <CheckField label={t("pools.automatic")} checked={draft.automatic} onChange={(event) => change({ automatic: event.target.checked })} />}
      {draft.automatic && (
        <div className="grid grid-cols-2 gap-4">
          <TextField label={t("pools.min")} {...figure("min", 0, draft.max)} />
          <TextField label={t("pools.max")} {...figure("max", Math.max(1, draft.min), 5000)} />
        </div>
      )}
      {can("node_pools.spot") && <CheckField label={t("create.spot")} hint={t("create.spotHint")} checked={draft.spot} onChange={(event) => change({ spot: event.target.checked })} />}
    </>
  );
}

function MachineTypePicker({ draft, onPick }: { draft: Draft; onPick: (name: string) => void }) {
  const t = useTranslations("create");
  const locale = useLocale();
  const [part, setPart] = useState(draft.machineType);
  const { data, error } = useMachineTypes(draft.provider, draft.region, useDeferredValue(part.trim()));
  const price = (each: MachineType) => (each.price ? t("aMonth", { cost: money(each.price.usd_per_hour * HOURS_PER_MONTH, locale) }) : t("noPrice"));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <TextField label={t("machine")} value={part} onChange={(event) => setPart(event.target.value)} placeholder={t("machineSearch")} autoComplete="off" spellCheck={false} maxLength={100} />
      <ProblemNote error={error} />
      <div role="radiogroup" aria-label={t("machine")} className="grid max-h-64 gap-1 overflow-y-auto rounded-lg border border-line p-1.5 sm:grid-cols-2">
        {data?.map((each) => (
          <label key={each.name} className="flex items-center gap-2 rounded-md px-2 py-1.5 text-sm hover:bg-raised has-checked:bg-accent-soft">
            <input type="radio" name="machine-type" required value={each.name} checked={draft.machineType === each.name} onChange={() => onPick(each.name)} className="accent-(--accent)" />
            <span className="min-w-0 flex-1">
              <span className="font-medium">{each.name}</span>
              <span className="block text-xs text-muted">{t("size", { vcpu: each.vcpu, memory: each.memory_gib })}{each.gpu && ` · ${each.gpu.count}× ${each.gpu.type}`}</span>
            </span>
            <span className="text-xs whitespace-nowrap text-muted tabular-nums">{price(each)}</span>
          </label>
        ))}
        {data?.length === 0 && <p className="p-2 text-sm text-muted">{t("noMachine")}</p>}
      </div>
    </fieldset>
  );
}
