"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { ProblemNote } from "@/ui/problem";
import { LoginForm } from "./login-form";
import { Choices } from "./choices";
import { Logo } from "./logo";
import { finishSignOn } from "./single-sign-on";

/** The door. It stands at whatever address was asked for, so that a deep link leads there after signing in. */
export function LoginPage() {
  const t = useTranslations("login");
  const [error, setError] = useState<unknown>(null);
  const grant = useSearchParams().get("grant");
  const onLogin = usePathname().startsWith("/login");
  const begun = useRef(false);
  useEffect(() => {
    if (!grant || !onLogin || begun.current) return;
    begun.current = true;
    finishSignOn(grant).then((back) => window.location.replace(back), setError);
  }, [grant, onLogin]);
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-5 py-10">
      <div className="flex flex-col items-center gap-3">
        <Logo className="size-12" />
        <h1 className="text-xl font-semibold">{t("title")}</h1>
      </div>
      <div className="rounded-xl border border-line bg-panel p-6 shadow-sm">
        {grant && onLogin && !error ? <p role="status">{t("finishing")}</p> : <LoginForm />}
        <ProblemNote error={error} />
      </div>
      <div className="flex justify-center"><Choices /></div>
    </main>
  );
}
