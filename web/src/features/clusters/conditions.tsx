"use client";

import { useTranslations } from "next-intl";
import type { Cluster } from "@/api/types";
import { Mark } from "@/ui/marks";
import { Panel } from "@/ui/panels";

const GOOD_WHEN_TRUE = ["Ready", "ControlPlaneReady", "NodePoolsReady"];

export function Conditions({ cluster }: { cluster: Cluster }) {
  const t = useTranslations("cluster");
  return (
    <Panel title={t("conditions")}>
      <ul className="flex flex-col gap-2.5">
        {cluster.conditions.map((condition) => {
          const good = GOOD_WHEN_TRUE.includes(condition.type) === (condition.status === "True");
          const known = (GOOD_WHEN_TRUE as string[]).includes(condition.type);
          return (
            <li key={condition.type} className="flex flex-wrap items-start gap-2 text-sm">
              <Mark tone={condition.status === "Unknown" ? "idle" : good ? "good" : "warn"} text={known ? t(`condition.${condition.type as "Ready"}`) : condition.type} />
              <span className="min-w-0 flex-1 text-muted">
                {[!good && condition.reason, condition.message].filter(Boolean).join(": ")}
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
