import clsx from "clsx";
import { CircleAlert, CircleCheck, CircleDashed, CircleX, LoaderCircle, TriangleAlert } from "lucide-react";

export type Tone = "good" | "busy" | "warn" | "bad" | "idle";

const TONES = {
  good: { icon: CircleCheck, look: "bg-good-soft text-good" },
  busy: { icon: LoaderCircle, look: "bg-busy-soft text-busy" },
  warn: { icon: TriangleAlert, look: "bg-warn-soft text-warn" },
  bad: { icon: CircleX, look: "bg-bad-soft text-bad" },
  idle: { icon: CircleDashed, look: "bg-raised text-muted" },
} as const;

/** A state: words and a sign, so that nobody depends on the colour. */
export function Mark({ tone, text, title }: { tone: Tone; text: string; title?: string }) {
  const { icon: Icon, look } = TONES[tone];
  return (
    <span title={title} className={clsx("inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap", look)}>
      <Icon aria-hidden className={clsx("size-3.5 shrink-0", tone === "busy" && "animate-spin")} />
      {text}
    </span>
  );
}

export function Note({ tone, children }: { tone: "warn" | "bad" | "idle"; children: React.ReactNode }) {
  const Icon = tone === "idle" ? CircleAlert : TONES[tone].icon;
  return (
    <div className={clsx("flex gap-2.5 rounded-lg px-3.5 py-2.5 text-sm", TONES[tone].look)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
