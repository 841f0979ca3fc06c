"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import type { Cluster, NodePool } from "@/api/types";
import { useMay } from "@/lib/permissions";
import { Button } from "@/ui/button";
import { Mark, type Tone } from "@/ui/marks";
import { Panel } from "@/ui/panels";
import { CELL, HEAD, ROW, TableBox } from "@/ui/table";
import { ScaleDialog } from "./scale-dialog";

const TONES: Record<string, Tone> = { ready: "good", provisioning: "busy", updating: "busy", deleting: "busy", drifted: "warn", needs_attention: "bad" };

export function PoolsPanel({ cluster }: { cluster: Cluster }) {
  const t = useTranslations();
  const may = useMay();
  const [scaling, setScaling] = useState<NodePool | null>(null);
  const mayScale = may("clusters.update", cluster.workspace_id) && cluster.state !== "deleting" && cluster.state !== "deleted";
  const size = (pool: NodePool) =>
    pool.auto_scaling ? t("pools.between", { min: pool.auto_scaling.min, max: pool.auto_scaling.max }) : String(pool.node_count ?? "–");
  return (
    <Panel title={t("pools.title")} className="lg:col-span-2" flush>
      {cluster.node_pools.length === 0 ? (
        <p className="p-4 text-sm text-muted">{t("pools.none")}</p>
      ) : (
        <TableBox label={t("pools.title")} framed={false}>
          <thead>
            <tr>
              {(["name", "state", "machine", "size", "disk"] as const).map((key) => <th key={key} scope="col" className={HEAD}>{t(`pools.${key}`)}</th>)}
              {mayScale && <th scope="col" className={HEAD}><span className="sr-only">{t("pools.actions")}</span></th>}
            </tr>
          </thead>
          <tbody>
            {cluster.node_pools.map((pool) => (
              <tr key={pool.name} className={ROW}>
                <td className={CELL}>{pool.name}{pool.spot && <span className="ml-2 text-xs text-muted">spot</span>}</td>
                <td className={CELL}><Mark tone={TONES[pool.state] ?? "idle"} text={t.has(`state.${pool.state}` as "state.ready") ? t(`state.${pool.state}` as "state.ready") : pool.state} title={pool.message} /></td>
                <td className={CELL}>{pool.machine_types.join(", ") || pool.machine_type}</td>
                <td className={CELL}>{size(pool)}</td>
                <td className={CELL}>{pool.disk_gb} GB</td>
                {mayScale && (
                  <td className={CELL}>
                    <Button onClick={() => setScaling(pool)} disabled={!!cluster.operation_id} title={cluster.operation_id ? t("pools.busy") : undefined} aria-label={t("pools.scaleOf", { name: pool.name })}>{t("pools.scale")}</Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      {scaling && <ScaleDialog cluster={cluster} pool={scaling} onClose={() => setScaling(null)} />}
    </Panel>
  );
}
