"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { ProblemError } from "@/api/problems";
import { declineProof, prove } from "@/api/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/fields";
import { ProblemNote } from "@/ui/problem";

/** Some acts ask for a fresh proof; the request that met this waits behind the dialogue and then goes on. */
export function ProofForm() {
  const t = useTranslations();
  const [asksCode, setAsksCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      const code = String(form.get("code") ?? "").trim();
      await prove({ password: String(form.get("password")), ...(code && { code }) });
    } catch (refused) {
      if (refused instanceof ProblemError && refused.kind === "second-factor-required") setAsksCode(true);
      else setError(refused);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title={t("login.proof")} closeLabel={t("common.close")} onClose={declineProof}>
      <p className="text-sm text-muted">{t("login.proofDetail")}</p>
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <TextField label={t("login.password")} name="password" type="password" autoComplete="current-password" required autoFocus />
        {asksCode && <TextField label={t("login.code")} name="code" hint={t("login.codeHint")} autoComplete="one-time-code" required />}
        <ProblemNote error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={declineProof}>{t("common.cancel")}</Button>
          <Button type="submit" look="primary" busy={busy}>{t("login.continue")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
