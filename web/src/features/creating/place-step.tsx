"use client";

import { useTranslations } from "next-intl";
import { useCredentials, useProviders } from "@/lib/queries";
import { CheckField, SelectField, TextField } from "@/ui/fields";
import { ProblemNote } from "@/ui/problem";
import { type Draft, modesOf } from "./draft";
import { useNetworksIn, useRegions, useVersions } from "./use-metadata";

interface Props {
  draft: Draft;
  change: (changes: Partial<Draft>) => void;
}

export function PlaceStep({ draft, change }: Props) {
  const t = useTranslations();
  const { data: providers } = useProviders();
  const { data: credentials } = useCredentials();
  const regions = useRegions(draft.provider);
  const versions = useVersions(draft.provider);
  const networks = useNetworksIn(draft.provider, draft.region, draft.credentialId);
  const provider = providers?.find((each) => each.name === draft.provider);
  const modes = modesOf(provider?.capabilities ?? []);
  const choose = { value: "", text: t("create.choose") };
  const titleOf = (name: string) => providers?.find((each) => each.name === name)?.title ?? name;

  function chooseCredential(credentialId: string) {
    const found = credentials?.find((each) => each.id === credentialId);
    const same = found?.provider === draft.provider;
    change({ credentialId, provider: found?.provider ?? "", vpcId: "", ...(!same && { region: "", version: "", mode: "standard", machineType: "" }) });
  }

  return (
    <>
      <SelectField label={t("create.credential")} required value={draft.credentialId} onChange={(event) => chooseCredential(event.target.value)} hint={t("create.credentialHint")} choices={[choose, ...(credentials ?? []).map((each) => ({ value: each.id, text: `${each.name} (${titleOf(each.provider)}, ${each.account})` }))]} />
      <ProblemNote error={regions.error ?? versions.error ?? networks.error} />
      {provider && (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField label={t("fleet.name")} required value={draft.name} onChange={(event) => change({ name: event.target.value.trim() })} maxLength={100} pattern="[A-Za-z0-9][A-Za-z0-9_\-]*" title={t("create.nameRule")} hint={t("create.nameRule")} autoComplete="off" spellCheck={false} />
            <SelectField label={t("fleet.region")} required value={draft.region} onChange={(event) => change({ region: event.target.value, machineType: "", vpcId: "" })} choices={[choose, ...(regions.data ?? []).map((name) => ({ value: name, text: name }))]} />
            <SelectField label={t("fleet.version")} value={draft.version} onChange={(event) => change({ version: event.target.value })} choices={[{ value: "", text: t("create.defaultVersion", { name: versions.data?.find((each) => each.default)?.name ?? "" }) }, ...(versions.data ?? []).map((each) => ({ value: each.name, text: each.end_of_standard_support ? t("create.versionUntil", { name: each.name, date: each.end_of_standard_support }) : each.name }))]} />
            {modes.length > 1 && <SelectField label={t("cluster.mode")} value={draft.mode} onChange={(event) => change({ mode: event.target.value })} hint={t("create.modeHint")} choices={modes.map((name) => ({ value: name, text: name }))} />}
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField label={t("create.network")} value={draft.vpcId} onChange={(event) => change({ vpcId: event.target.value })} hint={t("create.networkHint")} choices={[{ value: "", text: t("create.ownNetwork") }, ...(networks.data ?? []).map((each) => ({ value: each.vpc_id ?? "", text: `${each.name} (${each.cidr_block})` }))]} />
            {!draft.vpcId && <TextField label={t("create.cidr")} value={draft.cidr} onChange={(event) => change({ cidr: event.target.value.trim() })} placeholder="10.0.0.0/16" pattern="[0-9.]+/[0-9]+" maxLength={43} hint={t("create.cidrHint")} />}
          </div>
          <CheckField label={t("create.protect")} hint={t("create.protectHint")} checked={draft.protect} onChange={(event) => change({ protect: event.target.checked })} />
        </>
      )}
    </>
  );
}
