"use client";

import { useTranslations } from "next-intl";
import { Mark, type Tone } from "./marks";

const TONES = {
  pending: "idle", running: "busy", paused: "warn", succeeded: "good", failed: "bad", needs_attention: "bad", cancelling: "busy", cancelled: "idle",
  blocked: "bad",
} as const satisfies Record<string, Tone>;

/** An operation's state, or a step's. A word that this console does not know yet is shown as the API writes it. */
export function OperationMark({ state }: { state: string }) {
  const t = useTranslations("operationState");
  const known = state in TONES ? (state as keyof typeof TONES) : null;
  return <Mark tone={known ? TONES[known] : "idle"} text={known ? t(known) : state} />;
}
