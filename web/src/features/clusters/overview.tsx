"use client";

import { useLocale, useTranslations } from "next-intl";
import type { Cluster } from "@/api/types";
import { dateTime, money } from "@/lib/format";
import { useCredentials } from "@/lib/queries";
import { Facts, Panel } from "@/ui/panels";
import { nodesOf } from "./judging";

export function Overview({ cluster }: { cluster: Cluster }) {
  const t = useTranslations();
  const locale = useLocale();
  const { data: credentials } = useCredentials();
  const credential = credentials?.find((each) => each.id === cluster.credential_id)?.name;
  const cost = t("common.perMonth", { cost: money(cluster.cost.usd_per_month, locale) });
  return (
    <Panel title={t("cluster.overview")} className="lg:col-span-2">
      <Facts
        items={[
          [t("fleet.cost"), <><strong>{cost}</strong>{cluster.cost.as_of && <span className="block text-xs text-muted">{t("cluster.pricesOf", { date: cluster.cost.as_of })}</span>}</>],
          [t("fleet.nodes"), nodesOf(cluster)],
          [t("cluster.mode"), cluster.mode],
          [t("cluster.endpoint"), cluster.endpoint ? <code className="break-all">{cluster.endpoint}</code> : t("cluster.notYet")],
          [t("cluster.zones"), cluster.zones.join(", ") || t("common.none")],
          [t("cluster.network"), <><code>{cluster.network.vpc_id ?? t("cluster.notYet")}</code> {cluster.network.cidr_block}<span className="block text-xs text-muted">{t(cluster.network.own ? "cluster.ownNetwork" : "cluster.sharedNetwork")}</span></>],
          [t("cluster.credential"), credential ?? cluster.credential_id],
          [t("cluster.protection"), t(cluster.deletion_protection ? "common.yes" : "common.no")],
          [t("fleet.created"), dateTime(cluster.created_at, locale)],
        ]}
      />
    </Panel>
  );
}
