"use client";

import { useTranslations } from "next-intl";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
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
      <PageHead title={t("fleet.title")} sub={count} />
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

function FleetEmpty() {
  const t = useTranslations("fleet");
  return <Empty title={t("empty")}>{t("emptyDetail")}</Empty>;
}
