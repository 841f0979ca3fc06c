"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { api, unwrap } from "@/api/client";
import { duration } from "@/lib/format";
import { operationHref } from "@/lib/hrefs";
import { useKindTitle } from "@/lib/kinds";
import { Panel } from "@/ui/panels";
import { Progress } from "@/ui/progress";

/** The operation under way, with the way to its page. */
export function Running({ operationId }: { operationId: string }) {
  const t = useTranslations("operations");
  const locale = useLocale();
  const titleOf = useKindTitle();
  const { data } = useQuery({
    queryKey: ["operations", "one", operationId],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/operations/{operation_id}", { signal, params: { path: { operation_id: operationId } } })),
  });
  if (!data) return null;
  const { percent, done, total, eta_seconds: eta } = data.progress;
  return (
    <Panel className="lg:col-span-2" title={titleOf(data.kind)} actions={<Link href={operationHref(data.id)} prefetch={false} className="text-sm font-medium text-accent hover:underline">{t("follow")}</Link>}>
      <Progress percent={percent} label={titleOf(data.kind)} />
      <p className="mt-1 text-xs text-muted">
        {t("progress", { done, total })}
        {eta !== null && ` · ${t("left", { time: duration(eta, locale) })}`}
      </p>
    </Panel>
  );
}
