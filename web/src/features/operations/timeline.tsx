"use client";

import { useLocale, useTranslations } from "next-intl";
import type { Operation } from "@/api/types";
import { clockTime } from "@/lib/format";

export function Timeline({ lines }: { lines: Operation["timeline"] }) {
  const t = useTranslations("operations");
  const locale = useLocale();
  if (!lines.length) return <p className="text-sm text-muted">{t("noTimeline")}</p>;
  return (
    <ol className="flex max-h-[36rem] flex-col gap-2 overflow-y-auto" tabIndex={0} aria-label={t("timeline")}>
      {lines.map((line, index) => (
        <li key={index} className="flex gap-3 text-sm">
          <time dateTime={line.at} className="shrink-0 text-xs leading-5 text-muted tabular-nums">{clockTime(line.at, locale)}</time>
          <span className="min-w-0">{line.text}</span>
        </li>
      ))}
    </ol>
  );
}
