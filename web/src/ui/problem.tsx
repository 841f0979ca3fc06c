"use client";

import { useTranslations } from "next-intl";
import { ProblemError, UnreachableError } from "@/api/problems";
import { Button } from "./button";
import { Note } from "./marks";

/** What happened, why, and what to do next, in the server's own words. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations("problem");
  if (!error) return null;
  const known = error instanceof ProblemError ? error.problem : null;
  const title = known?.title ?? t(error instanceof UnreachableError ? "unreachable" : "unexpected");
  const detail = known ? known.detail : t(error instanceof UnreachableError ? "unreachableDetail" : "unexpectedDetail");
  return (
    <div role="alert">
      <Note tone="bad">
        <p className="font-medium">{title}</p>
        {detail && <p className="mt-0.5">{detail}</p>}
        {known?.errors?.map((each) => (
          <p key={each.pointer} className="mt-0.5">
            <code>{each.pointer}</code>: {each.detail}
          </p>
        ))}
        {known?.trace_id && <p className="mt-1 text-xs opacity-80">{t("trace", { id: known.trace_id })}</p>}
        {onRetry && <Button className="mt-2" onClick={onRetry}>{t("retry")}</Button>}
      </Note>
    </div>
  );
}
