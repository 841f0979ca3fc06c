"use client";

import clsx from "clsx";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useMay, useWorkspace } from "@/lib/permissions";
import { useCredentials, useProviders } from "@/lib/queries";
import { Button, LinkButton } from "@/ui/button";
import { Note } from "@/ui/marks";
import { Empty, Loading, PageHead, Panel } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { type Draft, EMPTY, hasPool } from "./draft";
import { NodesStep } from "./nodes-step";
import { PlaceStep } from "./place-step";
import { ReviewStep } from "./review-step";

const STEPS = ["place", "nodes", "review"] as const;

/** Where, on what, and then the plan: nothing is made before the last button. */
export function CreateWizard() {
  const t = useTranslations();
  const may = useMay();
  const workspace = useWorkspace();
  const { data: providers, error } = useProviders();
  const { data: credentials, error: noCredentials } = useCredentials();
  if (error || noCredentials) return <ProblemNote error={error ?? noCredentials} />;
  if (!providers || !credentials || !workspace) return <Loading label={t("common.loading")} />;
  if (!may("clusters.create", workspace.workspace_id)) return <Note tone="warn">{t("create.forbidden")}</Note>;
  if (!credentials.length) {
    const add = may("credentials.create", workspace.workspace_id) && <LinkButton href="/credentials/new/" look="primary">{t("fleet.addCredential")}</LinkButton>;
    return <Empty title={t("create.noCredential")} action={add}>{t("fleet.emptyCredential")}</Empty>;
  }
  const only = credentials.length === 1 ? credentials[0] : undefined;
  return <Steps key={workspace.workspace_id} first={{ ...EMPTY, credentialId: only?.id ?? "", provider: only?.provider ?? "" }} />;
}

function Steps({ first }: { first: Draft }) {
  const t = useTranslations();
  const [at, setAt] = useState(0);
  const [draft, setDraft] = useState<Draft>(first);
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const next = (event: FormEvent) => {
    event.preventDefault();
    setAt(at === 0 && !hasPool(draft) ? 2 : at + 1);
  };
  const back = () => setAt(at === 2 && !hasPool(draft) ? 0 : at - 1);
  return (
    <>
      <PageHead title={t("fleet.create")} />
      <ol className="mb-4 flex gap-2" aria-label={t("create.steps")}>
        {STEPS.map((step, index) => (
          <li key={step} aria-current={index === at ? "step" : undefined} className={clsx("flex-1 border-t-4 pt-1.5 text-sm", index <= at ? "border-accent" : "border-line", index === at ? "font-semibold" : "text-muted")}>
            {index + 1}. {t(`create.${step}`)}
          </li>
        ))}
      </ol>
      {at === 2 ? (
        <ReviewStep draft={draft} onBack={back} />
      ) : (
        <Panel className="max-w-3xl">
          <form onSubmit={next} className="flex flex-col gap-4">
            {at === 0 ? <PlaceStep draft={draft} change={change} /> : <NodesStep draft={draft} change={change} />}
            <div className="flex gap-2">
              {at > 0 && <Button onClick={back}>{t("common.back")}</Button>}
              <Button type="submit" look="primary">{t("common.next")}</Button>
            </div>
          </form>
        </Panel>
      )}
    </>
  );
}
