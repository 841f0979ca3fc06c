"use client";

import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Cluster } from "@/api/types";
import { useMay } from "@/lib/permissions";
import { Button } from "@/ui/button";
import { CopyBox } from "@/ui/copy";
import { Panel } from "@/ui/panels";
import { ProblemNote } from "@/ui/problem";
import { kubeconfigCommand } from "./commands";
import { useKubeconfig } from "./use-kubeconfig";

export function KubeconfigPanel({ cluster }: { cluster: Cluster }) {
  const t = useTranslations("kubeconfig");
  const may = useMay();
  const download = useKubeconfig(cluster);
  const allowed = may("clusters.kubeconfig", cluster.workspace_id);
  return (
    <Panel title={t("title")}>
      {!allowed && <p className="text-sm text-muted">{t("forbidden")}</p>}
      {allowed && !cluster.endpoint && <p className="text-sm text-muted">{t("notYet")}</p>}
      {allowed && cluster.endpoint && (
        <div className="flex flex-col gap-3">
          <p className="text-sm text-muted">{t("about")}</p>
          <CopyBox label={t("command")} text={kubeconfigCommand(cluster)} />
          <div>
            <Button busy={download.isPending} onClick={() => download.mutate()}>
              <Download aria-hidden className="size-4" />
              {t("download")}
            </Button>
          </div>
          <ProblemNote error={download.error} />
        </div>
      )}
    </Panel>
  );
}
