"use client";

import { Plus } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { Credential } from "@/api/types";
import { dateTime } from "@/lib/format";
import { useMay, useWorkspace } from "@/lib/permissions";
import { useCredentials, useProviderTitle } from "@/lib/queries";
import { Button, LinkButton } from "@/ui/button";
import { Mark, type Tone } from "@/ui/marks";
import { Empty, Loading, PageHead } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { CELL, HEAD, ROW, TableBox } from "@/ui/table";
import { useVerifyCredential } from "./use-credential-mutations";

const TONES: Record<string, Tone> = { valid: "good", expiring: "warn", unverified: "idle" };

export function CredentialsList() {
  const t = useTranslations();
  const may = useMay();
  const workspace = useWorkspace();
  const { data, error, isPending, refetch } = useCredentials();
  const add = may("credentials.create", workspace?.workspace_id) && (
    <LinkButton href="/credentials/new/" look="primary"><Plus aria-hidden className="size-4" />{t("credentials.add")}</LinkButton>
  );
  return (
    <>
      <PageHead title={t("credentials.title")} sub={t("credentials.sub")}>{!!data?.length && add}</PageHead>
      <ProblemNote error={error} onRetry={() => void refetch()} />
      {isPending && !error && <Loading label={t("common.loading")} />}
      {data?.length === 0 && <Empty title={t("credentials.empty")} action={add}>{t(add ? "credentials.emptyDetail" : "credentials.emptyReader")}</Empty>}
      {!!data?.length && <Table items={data} />}
    </>
  );
}

function Table({ items }: { items: Credential[] }) {
  const t = useTranslations("credentials");
  const may = useMay();
  const locale = useLocale();
  const titleOf = useProviderTitle();
  const verify = useVerifyCredential();
  return (
    <div className="flex flex-col gap-3">
      <ProblemNote error={verify.error} />
      <TableBox label={t("title")}>
        <thead>
          <tr>
            {(["name", "cloud", "state", "account", "checked", "expires"] as const).map((key) => <th key={key} scope="col" className={HEAD}>{t(key)}</th>)}
            <th scope="col" className={HEAD}><span className="sr-only">{t("actions")}</span></th>
          </tr>
        </thead>
        <tbody>
          {items.map((each) => (
            <tr key={each.id} className={ROW}>
              <td className={`${CELL} font-medium`}>{each.name}</td>
              <td className={CELL}>{titleOf(each.provider)}</td>
              <td className={CELL}>
                <Mark tone={TONES[each.state] ?? "bad"} text={t.has(`states.${each.state}` as "states.valid") ? t(`states.${each.state}` as "states.valid") : each.state} />
                {each.reason && <span className="block max-w-xs text-xs text-bad">{each.reason}</span>}
                {each.missing_permissions.length > 0 && <span className="block max-w-xs text-xs text-warn">{t("missing", { list: each.missing_permissions.slice(0, 5).join(", ") })}</span>}
              </td>
              <td className={CELL}>{each.account}<span className="block max-w-xs text-xs break-all text-muted">{each.principal}</span></td>
              <td className={`${CELL} whitespace-nowrap`}>{dateTime(each.checked_at, locale)}</td>
              <td className={`${CELL} whitespace-nowrap`}>{each.expires_at ? dateTime(each.expires_at, locale) : t("never")}</td>
              <td className={CELL}>
                {may("credentials.use", each.workspace_id) && (
                  <Button busy={verify.isPending && verify.variables === each.id} onClick={() => verify.mutate(each.id)} aria-label={t("verifyOf", { name: each.name })}>{t("verify")}</Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </TableBox>
    </div>
  );
}
