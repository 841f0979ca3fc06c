"use client";

import { useTranslations } from "next-intl";
import type { Cluster } from "@/api/types";
import { Mark } from "@/ui/marks";
import { HEALTH_TONES, healthOf, SYNC_TONES, syncOf } from "./judging";

export function HealthMark({ cluster }: { cluster: Cluster }) {
  const t = useTranslations("health");
  const health = healthOf(cluster);
  const message = cluster.conditions.find((each) => each.type === "Ready")?.message;
  return <Mark tone={HEALTH_TONES[health]} text={t(health)} title={message || undefined} />;
}

export function SyncMark({ cluster }: { cluster: Cluster }) {
  const t = useTranslations("sync");
  const sync = syncOf(cluster);
  return <Mark tone={SYNC_TONES[sync]} text={t(sync)} />;
}
