"use client";

import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "./button";

/** A command to take along. */
export function CopyBox({ text, label }: { text: string; label: string }) {
  const t = useTranslations("common");
  const [done, setDone] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setDone(true));
  return (
    <div className="flex items-start gap-2 rounded-lg bg-raised p-2">
      <pre tabIndex={0} aria-label={label} className="min-w-0 flex-1 overflow-x-auto p-1 font-mono text-xs whitespace-pre">{text}</pre>
      <Button look="quiet" onClick={copy} aria-label={t("copyOf", { what: label })}>
        {done ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
        {done ? t("copied") : t("copy")}
      </Button>
    </div>
  );
}
