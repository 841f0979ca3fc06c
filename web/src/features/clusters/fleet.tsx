"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useMay, useWorkspace } from "@/lib/permissions";
import { useCredentials } from "@/lib/queries";
import { useUrlState } from "@/lib/url-state";
import { Button, LinkButton } from "@/ui/button";
import { Empty, Loading, PageHead } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { filtersOf } from "./fleet-filters";
import { FleetFilterBar } from "./fleet-filter-bar";
import { FleetTable } from "./fleet-table";
import { useFleet } from "./use-fleet";

export function Fleet() {
  const t = useTranslations();
  const [parameters, change] = useUrlState();
  const filters = filtersOf(parameters);
  const filtered = Object.values(filters).some(Boolean);
  const { items, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useFleet(filters);
  const clear = () => change({ name: "", provider: "", region: "", state: "" });
  const count = items && (hasNextPage ? t("fleet.countMore", { count: items.length }) : t("fleet.count", { count: items.length }));

  return (
    <>
      <PageHead title={t("fleet.title")} sub={count}>{(filtered || !!items?.length) && <CreateButton />}</PageHead>
      <div className="flex flex-col gap-4">
        {(filtered || !!items?.length) && <FleetFilterBar filters={filters} change={change} clear={filtered ? clear : undefined} />}
        <ProblemNote error={error} onRetry={() => void refetch()} />
        {isPending && <Loading label={t("common.loading")} />}
        {items?.length === 0 && !hasNextPage && (filtered ? <Empty title={t("fleet.noMatch")} action={<Button onClick={clear}>{t("fleet.clear")}</Button>} /> : <FleetEmpty />)}
        {!!items?.length && <FleetTable items={items} complete={!hasNextPage} sort={parameters.get("sort")} onSort={(sort) => change({ sort })} />}
        {hasNextPage && <div><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("common.more")}</Button></div>}
      </div>
    </>
  );
}

function CreateButton() {
  const t = useTranslations("fleet");
  const may = useMay();
  const workspace = useWorkspace();
  if (!may("clusters.create", workspace?.workspace_id)) return null;
  return <LinkButton href="/clusters/new/" look="primary"><Plus aria-hidden className="size-4" />{t("create")}</LinkButton>;
}

/** The next step: a credential if there is none, then the first cluster; for a reader, why there is nothing. */
function FleetEmpty() {
  const t = useTranslations("fleet");
  const may = useMay();
  const workspace = useWorkspace();
  const { data: credentials } = useCredentials();
  if (!may("clusters.create", workspace?.workspace_id)) return <Empty title={t("empty")}>{t("emptyReader")}</Empty>;
  const needsCredential = credentials?.length === 0 && may("credentials.create", workspace?.workspace_id);
  if (!needsCredential) return <Empty title={t("empty")} action={<CreateButton />}>{t("emptyDetail")}</Empty>;
  return <Empty title={t("empty")} action={<LinkButton href="/credentials/new/" look="primary">{t("addCredential")}</LinkButton>}>{t("emptyCredential")}</Empty>;
}
