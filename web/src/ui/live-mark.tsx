"use client";

import { useTranslations } from "next-intl";
import type { Liveness } from "@/api/stream";
import { Mark, type Tone } from "./marks";

const TONES: Record<Liveness, Tone> = { live: "good", connecting: "busy", reconnecting: "warn", ended: "idle" };

export function LiveMark({ liveness }: { liveness: Liveness }) {
  const t = useTranslations("shell");
  return <span role="status" className="flex"><Mark tone={TONES[liveness]} text={t(liveness)} /></span>;
}
