import clsx from "clsx";
import Link from "next/link";
import type { ButtonHTMLAttributes, ReactNode } from "react";

type Look = "primary" | "plain" | "danger" | "quiet";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-accent-ink border-transparent hover:brightness-110",
  plain: "bg-panel text-text border-line hover:bg-raised",
  danger: "bg-panel text-bad border-bad hover:bg-bad-soft",
  quiet: "bg-transparent text-text border-transparent hover:bg-raised",
};

const shape = (look: Look, className?: string) =>
  clsx(
    "inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 py-1.5 text-sm font-medium whitespace-nowrap transition-colors",
    "disabled:cursor-not-allowed disabled:opacity-60",
    LOOKS[look],
    className,
  );

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  busy?: boolean;
}

export function Button({ look = "plain", busy = false, className, disabled, children, ...rest }: Props) {
  return (
    <button type="button" {...rest} disabled={disabled || busy} aria-busy={busy || undefined} className={shape(look, className)}>
      {busy && <span aria-hidden className="size-3.5 animate-spin rounded-full border-2 border-current border-t-transparent" />}
      {children}
    </button>
  );
}

export function LinkButton({ href, look = "plain", className, children }: { href: string; look?: Look; className?: string; children: ReactNode }) {
  return (
    <Link href={href} prefetch={false} className={shape(look, className)}>
      {children}
    </Link>
  );
}
