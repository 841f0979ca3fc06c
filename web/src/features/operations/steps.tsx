"use client";

import { useLocale, useTranslations } from "next-intl";
import type { Step } from "@/api/types";
import { duration } from "@/lib/format";
import { OperationMark } from "@/ui/operation-mark";
import { byDepth } from "./ordering";

/** Every step in the order in which they can happen, with what it waits for. */
export function Steps({ steps }: { steps: Step[] }) {
  const t = useTranslations("operations");
  const locale = useLocale();
  const titles = new Map(steps.map((step) => [step.key, step.title]));
  return (
    <ol className="flex flex-col">
      {byDepth(steps).map((step) => {
        const took = step.started_at && step.ended_at ? (Date.parse(step.ended_at) - Date.parse(step.started_at)) / 1000 : null;
        return (
          <li key={step.key} className="flex flex-col gap-1 border-b border-line/60 py-2 text-sm first:pt-0 last:border-b-0 last:pb-0">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <OperationMark state={step.state} />
              <span className="min-w-0 flex-1">{step.title}</span>
              {took !== null && <span className="text-xs text-muted tabular-nums">{duration(took, locale)}</span>}
              {step.attempts > 1 && <span className="text-xs text-warn">{t("attempts", { count: step.attempts })}</span>}
            </div>
            {step.external_id && <code className="text-xs break-all text-muted">{step.external_id}</code>}
            {step.message && <p className="text-xs text-bad">{step.message}</p>}
            {step.state === "pending" && step.depends_on.length > 0 && (
              <p className="text-xs text-muted">{t("after", { list: step.depends_on.map((key) => titles.get(key) ?? key).join(", ") })}</p>
            )}
          </li>
        );
      })}
    </ol>
  );
}
