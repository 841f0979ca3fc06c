"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { announcements } from "@/lib/announcing";

export function Toasts() {
  const t = useTranslations("common");
  const shown = useSyncExternalStore(announcements.subscribe, announcements.current, announcements.none);
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-16 z-40 flex flex-col items-end gap-2 md:bottom-4">
      {shown.map((each) => (
        <div key={each.id} className="pointer-events-auto flex max-w-md items-center gap-3 rounded-lg border border-line bg-panel px-4 py-2.5 text-sm shadow-lg">
          <span>{each.text}</span>
          {each.href && <Link href={each.href} prefetch={false} className="font-medium whitespace-nowrap text-accent underline">{each.linkText}</Link>}
          <button type="button" aria-label={t("close")} onClick={() => announcements.dismiss(each.id)} className="text-muted hover:text-text">
            <X aria-hidden className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}
