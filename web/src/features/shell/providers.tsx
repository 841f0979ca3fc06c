"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NextIntlClientProvider } from "next-intl";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { ProblemError } from "@/api/problems";
import { useLocaleChoice } from "@/lib/preferences";
import en from "@/messages/en.json";
import ko from "@/messages/ko.json";
import { Toasts } from "@/ui/toasts";
import { Gate } from "./gate";

const MESSAGES = { en, ko };

/** A refusal stays a refusal; only what may pass by itself is asked again. */
const retry = (failures: number, error: unknown) =>
  failures < 2 && !(error instanceof ProblemError && error.problem.status < 500);

export function Providers({ children }: { children: ReactNode }) {
  const locale = useLocaleChoice();
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry, staleTime: 5_000 } } }));
  useEffect(() => {
    if (locale) document.documentElement.lang = locale;
  }, [locale]);
  if (!locale) return null; // in the build: the page is drawn in the browser, in its language
  return (
    <NextIntlClientProvider locale={locale} messages={MESSAGES[locale]} timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}>
      <QueryClientProvider client={queries}>
        <Suspense>
          <Gate>{children}</Gate>
        </Suspense>
        <Toasts />
      </QueryClientProvider>
    </NextIntlClientProvider>
  );
}
