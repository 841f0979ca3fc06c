"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { ProblemError } from "@/api/problems";
import { signIn } from "@/api/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/fields";
import { ProblemNote } from "@/ui/problem";
import { beginSignOn, fetchSignOn } from "./single-sign-on";

/** Password, then a code if the account has a second factor; or the identity provider, if there is one. */
export function LoginForm() {
  const t = useTranslations("login");
  const [asksCode, setAsksCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const signOn = useQuery({ queryKey: ["sign-on"], queryFn: fetchSignOn, staleTime: Infinity });

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setError(null);
    try {
      await signIn({ email: text("email"), password: text("password"), ...(asksCode && { code: text("code").trim() }) });
    } catch (refused) {
      const needsCode = refused instanceof ProblemError && refused.kind === "second-factor-required";
      if (needsCode) setAsksCode(true);
      else setError(refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <TextField label={t("email")} name="email" type="email" autoComplete="username" required autoFocus readOnly={asksCode} />
      <TextField label={t("password")} name="password" type="password" autoComplete="current-password" required readOnly={asksCode} />
      {asksCode && (
        <TextField label={t("code")} name="code" hint={t("codeHint")} autoComplete="one-time-code" minLength={6} maxLength={32} required autoFocus />
      )}
      <ProblemNote error={error} />
      <Button type="submit" look="primary" busy={busy}>{asksCode ? t("continue") : t("signIn")}</Button>
      {signOn.data?.enabled && (
        <>
          <p className="text-center text-xs text-muted">{t("or")}</p>
          <Button onClick={() => void beginSignOn()}>{t("sso", { issuer: new URL(signOn.data.issuer).host })}</Button>
        </>
      )}
    </form>
  );
}
