"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useProviders } from "@/lib/queries";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/fields";
import { type FleetFilters, STATES } from "./fleet-filters";

const TYPING_MS = 250;

interface Props {
  filters: FleetFilters;
  change: (changes: Record<string, string>) => void;
  clear?: () => void;
}

export function FleetFilterBar({ filters, change, clear }: Props) {
  const t = useTranslations();
  const { data: providers } = useProviders();
  const any = { value: "", text: t("common.all") };
  return (
    <div className="grid grid-cols-2 items-end gap-3 md:grid-cols-[1fr_1fr_1fr_1fr_auto]">
      <TypedFilter label={t("fleet.filterName")} value={filters.name ?? ""} onSettled={(name) => change({ name })} placeholder={t("fleet.filterNameHint")} />
      <SelectField label={t("fleet.cloud")} value={filters.provider ?? ""} onChange={(event) => change({ provider: event.target.value })} choices={[any, ...(providers ?? []).map((each) => ({ value: each.name, text: each.title }))]} />
      <SelectField label={t("fleet.state")} value={filters.state ?? ""} onChange={(event) => change({ state: event.target.value })} choices={[any, ...STATES.map((state) => ({ value: state, text: t(`state.${state}`) }))]} />
      <TypedFilter label={t("fleet.region")} value={filters.region ?? ""} onSettled={(region) => change({ region })} />
      <div>{clear && <Button look="quiet" onClick={clear}>{t("fleet.clear")}</Button>}</div>
    </div>
  );
}

/** What is typed counts when the typing pauses. */
function TypedFilter({ label, value, onSettled, placeholder }: { label: string; value: string; onSettled: (text: string) => void; placeholder?: string }) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => (onSettled(typed.trim()), setTyped(null)), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, onSettled]);
  return <TextField label={label} value={typed ?? value} onChange={(event) => setTyped(event.target.value)} maxLength={100} placeholder={placeholder} autoComplete="off" spellCheck={false} />;
}
