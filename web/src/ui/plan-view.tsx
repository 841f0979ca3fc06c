"use client";

import clsx from "clsx";
import { Minus, Pencil, Plus, RefreshCw } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { Plan, PlannedChange } from "@/api/types";
import { duration, money } from "@/lib/format";
import { Mark, Note, type Tone } from "./marks";

const VERBS = { create: Plus, update: Pencil, replace: RefreshCw, delete: Minus } as const;
type Verb = keyof typeof VERBS;
const TONES: Record<Verb, string> = { create: "text-good", update: "text-busy", replace: "text-warn", delete: "text-bad" };

/** What will happen, before it happens: how much it costs, how long it takes, what stands against it, and each thing. */
export function PlanView({ plan, deleting = false }: { plan: Plan; deleting?: boolean }) {
  const t = useTranslations("plan");
  const locale = useLocale();
  const changes = plan.changes.filter((each): each is PlannedChange & { verb: Verb } => each.verb in VERBS);
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-3 gap-3 rounded-lg bg-raised p-3 text-sm">
        <Figure name={deleting ? t("costAfter") : t("cost")} value={money(plan.usd_per_month, locale)} />
        <Figure name={t("duration")} value={plan.expected_seconds ? duration(plan.expected_seconds, locale) : "–"} />
        <Figure name={t("changes")} value={String(changes.length)} />
      </dl>
      {plan.findings.map((finding) => (
        <Note key={finding.code + finding.field} tone={finding.severity === "error" ? "bad" : "warn"}>{finding.message}</Note>
      ))}
      {changes.length === 0 && <Note tone="idle">{t("nothing")}</Note>}
      {changes.length > 0 && (
        <ul className="max-h-72 overflow-y-auto rounded-lg border border-line" tabIndex={0} aria-label={t("list")}>
          {changes.map((change) => <Change key={change.key} change={change} />)}
        </ul>
      )}
      {plan.inventory && plan.inventory.length > 0 && <Inventory items={plan.inventory} />}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="text-base font-semibold tabular-nums">{value}</dd>
    </div>
  );
}

function Change({ change }: { change: PlannedChange & { verb: Verb } }) {
  const t = useTranslations("plan");
  const locale = useLocale();
  const Icon = VERBS[change.verb];
  return (
    <li className="flex items-start gap-3 border-b border-line/60 px-3 py-2 text-sm last:border-b-0">
      <span className={clsx("inline-flex w-20 shrink-0 items-center gap-1.5 text-xs font-medium", TONES[change.verb])}>
        <Icon aria-hidden className="size-3.5" />
        {t(change.verb)}
      </span>
      <span className="min-w-0 flex-1">
        {change.title}
        {change.changes.map((each) => (
          <span key={each.field} className="block text-xs text-muted">
            {each.field}: {JSON.stringify(each.before)} → {JSON.stringify(each.after)}
          </span>
        ))}
      </span>
      {change.usd_per_month > 0 && <span className="text-xs whitespace-nowrap text-muted tabular-nums">{money(change.usd_per_month, locale)}</span>}
    </li>
  );
}

const ORIGINS: Record<string, Tone> = { ours: "idle", foreign: "bad" };

/** Everything that is in there, foreign things first: they are what stands in the way. */
function Inventory({ items }: { items: NonNullable<Plan["inventory"]> }) {
  const t = useTranslations("plan");
  const sorted = [...items].sort((a, b) => Number(b.origin === "foreign") - Number(a.origin === "foreign"));
  const foreign = items.filter((each) => each.origin === "foreign").length;
  return (
    <details open={foreign > 0} className="rounded-lg border border-line">
      <summary className="px-3 py-2 text-sm font-medium">{t("inventory", { count: items.length, foreign })}</summary>
      <ul className="max-h-60 overflow-y-auto border-t border-line" tabIndex={0} aria-label={t("inventoryList")}>
        {sorted.map((each) => (
          <li key={each.kind + each.external_id} className="flex flex-wrap items-center gap-2 border-b border-line/60 px-3 py-1.5 text-xs last:border-b-0">
            <span className="font-medium">{each.kind}</span>
            <code className="min-w-0 break-all">{each.name || each.external_id}</code>
            <Mark tone={ORIGINS[each.origin] ?? "idle"} text={t(each.origin === "foreign" ? "foreign" : each.origin === "ours" ? "ours" : "cloud")} />
            <span className="text-muted">{each.why}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
