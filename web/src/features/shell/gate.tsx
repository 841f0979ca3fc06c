"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { resume, session } from "@/api/session";
import { Dialog } from "@/ui/dialog";
import { ProblemNote } from "@/ui/problem";
import { Frame } from "./frame";
import { LoginForm } from "./login-form";
import { LoginPage } from "./login-page";
import { ProofForm } from "./proof-form";

/** Shows pages to whoever is signed in. When the session ends the page stays where it is, behind the sign-in. */
export function Gate({ children }: { children: ReactNode }) {
  const t = useTranslations("login");
  const queries = useQueryClient();
  const status = useSyncExternalStore(session.subscribe, session.status, session.status);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    resume().then(() => setFailure(null), setFailure);
  }, [attempt]);
  useEffect(() => {
    if (status === "out") queries.clear(); // nothing of one person is shown to the next
  }, [status, queries]);

  if (failure) return <main className="mx-auto max-w-md p-6"><ProblemNote error={failure} onRetry={() => setAttempt(attempt + 1)} /></main>;
  if (status === "unknown") return null;
  if (status === "out") return <LoginPage />;
  return (
    <>
      <Frame>{children}</Frame>
      {status === "expired" && (
        <Dialog title={t("expired")}>
          <p className="text-sm text-muted">{t("expiredDetail")}</p>
          <LoginForm />
        </Dialog>
      )}
      {status === "proof" && <ProofForm />}
    </>
  );
}
