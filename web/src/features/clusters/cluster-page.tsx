"use client";

import { Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Cluster } from "@/api/types";
import { useMay } from "@/lib/permissions";
import { useProviderTitle } from "@/lib/queries";
import { useUrlState } from "@/lib/url-state";
import { Button, LinkButton } from "@/ui/button";
import { Empty, Loading, PageHead } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { Activity } from "./activity";
import { HealthMark, SyncMark } from "./cluster-marks";
import { Conditions } from "./conditions";
import { DeleteDialog } from "./delete-dialog";
import { KubeconfigPanel } from "./kubeconfig-panel";
import { Overview } from "./overview";
import { PoolsPanel } from "./pools-panel";
import { Running } from "./running";
import { useCluster } from "./use-cluster";

export function ClusterPage() {
  const t = useTranslations();
  const id = useUrlState()[0].get("id") ?? "";
  const { data: cluster, error, isPending, refetch } = useCluster(id);
  if (!id) return <Empty title={t("missing.title")} action={<LinkButton href="/">{t("missing.home")}</LinkButton>} />;
  if (cluster) return <Shown cluster={cluster} />;
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return isPending ? <Loading label={t("common.loading")} /> : null;
}

function Shown({ cluster }: { cluster: Cluster }) {
  const t = useTranslations("cluster");
  const titleOf = useProviderTitle();
  const may = useMay();
  const [deleting, setDeleting] = useState(false);
  const gone = cluster.state === "deleted" || cluster.state === "deleting";
  return (
    <>
      <PageHead
        title={cluster.name}
        sub={
          <span className="flex flex-wrap items-center gap-2">
            {titleOf(cluster.provider)} · {cluster.region} · Kubernetes {cluster.version}
            <HealthMark cluster={cluster} />
            <SyncMark cluster={cluster} />
          </span>
        }
      >
        {may("clusters.delete", cluster.workspace_id) && !gone && (
          <Button look="danger" onClick={() => setDeleting(true)}>
            <Trash2 aria-hidden className="size-4" />
            {t("delete")}
          </Button>
        )}
      </PageHead>
      <div className="grid gap-4 lg:grid-cols-2">
        {cluster.operation_id && <Running operationId={cluster.operation_id} />}
        <Overview cluster={cluster} />
        <PoolsPanel cluster={cluster} />
        <KubeconfigPanel cluster={cluster} />
        <Conditions cluster={cluster} />
        <Activity clusterId={cluster.id} />
      </div>
      {deleting && <DeleteDialog cluster={cluster} onClose={() => setDeleting(false)} />}
    </>
  );
}
