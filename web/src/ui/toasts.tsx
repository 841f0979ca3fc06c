"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
  href?: string;
  linkText?: string;
}

const SHOWN_MS = 8000;
let toasts: readonly Toast[] = [];
let count = 0;
const NONE: readonly Toast[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  listeners.forEach((listener) => listener());
}

const dismiss = (id: number) => set(toasts.filter((each) => each.id !== id));

/** Tells that something was begun or done, with the way to it. */
export function toast(text: string, href?: string, linkText?: string) {
  const id = ++count;
  set([...toasts, { id, text, href, linkText }].slice(-3));
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function Toasts() {
  const t = useTranslations("common");
  const shown = useSyncExternalStore(subscribe, () => toasts, () => NONE);
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-16 z-40 flex flex-col items-end gap-2 md:bottom-4">
      {shown.map((each) => (
        <div key={each.id} className="pointer-events-auto flex max-w-md items-center gap-3 rounded-lg border border-line bg-panel px-4 py-2.5 text-sm shadow-lg">
          <span>{each.text}</span>
          {each.href && <Link href={each.href} className="font-medium text-accent underline">{each.linkText}</Link>}
          <button type="button" aria-label={t("close")} onClick={() => dismiss(each.id)} className="text-muted hover:text-text">
            <X aria-hidden className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}
