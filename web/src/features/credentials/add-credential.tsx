"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { fieldErrors } from "@/api/problems";
import type { Provider } from "@/api/types";
import { announce } from "@/lib/announcing";
import { useMay, useWorkspace } from "@/lib/permissions";
import { useProviders } from "@/lib/queries";
import { Button, LinkButton } from "@/ui/button";
import { CheckField, SelectField, TextArea, TextField } from "@/ui/fields";
import { Note } from "@/ui/marks";
import { Loading, PageHead, Panel } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { dataOf, fieldsOf, pastedData } from "./schema-fields";
import { SchemaField } from "./schema-field";
import { useAddCredential } from "./use-credential-mutations";

export function AddCredential() {
  const t = useTranslations();
  const may = useMay();
  const workspace = useWorkspace();
  const { data: providers, error } = useProviders();
  const [chosen, setChosen] = useState("");
  const provider = providers?.find((each) => each.name === chosen) ?? providers?.[0];
  if (error) return <ProblemNote error={error} />;
  if (!provider || !workspace) return <Loading label={t("common.loading")} />;
  if (!may("credentials.create", workspace.workspace_id)) return <Note tone="warn">{t("credentials.forbidden")}</Note>;
  return (
    <>
      <PageHead title={t("credentials.add")} sub={t("credentials.addSub", { workspace: workspace.name })} />
      <Panel className="max-w-2xl">
        <div className="flex flex-col gap-4">
          <SelectField label={t("credentials.cloud")} value={provider.name} onChange={(event) => setChosen(event.target.value)} choices={(providers ?? []).map((each) => ({ value: each.name, text: each.title }))} />
          <CredentialForm key={provider.name} provider={provider} workspaceId={workspace.workspace_id} />
        </div>
      </Panel>
    </>
  );
}

function CredentialForm({ provider, workspaceId }: { provider: Provider; workspaceId: string }) {
  const t = useTranslations();
  const router = useRouter();
  const add = useAddCredential();
  const [pasting, setPasting] = useState(false);
  const [badPaste, setBadPaste] = useState(false);
  const schema = provider.credential_schema as Record<string, unknown>;
  const fields = fieldsOf(schema);
  const errors = fieldErrors(add.error);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => String(form.get(name) ?? "");
    const data = pasting ? pastedData(typed("pasted")) : dataOf(fields, (name) => typed(`data.${name}`));
    setBadPaste(!data);
    if (!data) return;
    const body = { workspace_id: workspaceId, provider: provider.name, name: typed("name").trim(), data };
    add.mutate(body, {
      onSuccess: (added) => {
        announce(t("credentials.added", { name: added.name, account: added.account }));
        router.push("/credentials/");
      },
    });
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <TextField label={t("credentials.name")} name="name" required maxLength={100} error={errors["/name"]} hint={t("credentials.nameHint")} />
      {typeof schema.description === "string" && <p className="text-sm text-muted">{schema.description}</p>}
      <CheckField label={t("credentials.paste")} hint={t("credentials.pasteHint")} checked={pasting} onChange={(event) => setPasting(event.target.checked)} />
      {pasting ? (
        <TextArea label={t("credentials.pasted")} name="pasted" rows={8} required spellCheck={false} className="[-webkit-text-security:disc]" error={badPaste ? t("credentials.noJson") : undefined} />
      ) : (
        fields.map((field) => <SchemaField key={field.name} field={field} error={errors[`/data/${field.name}`]} />)
      )}
      <ProblemNote error={add.error} />
      <p className="text-xs text-muted">{t("credentials.sealed")}</p>
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={add.isPending}>{t("credentials.addAndVerify")}</Button>
        <LinkButton href="/credentials/" look="quiet">{t("common.cancel")}</LinkButton>
      </div>
    </form>
  );
}
