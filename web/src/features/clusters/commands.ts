// The same from a terminal. Pure.
import type { Cluster } from "@/api/types";
import { quoted } from "@/lib/shell";

export function kubeconfigCommand(cluster: Pick<Cluster, "name" | "provider" | "region">): string {
  const place = `--provider ${quoted(cluster.provider)} --region ${quoted(cluster.region)}`;
  return `skyclust clusters kubeconfig ${quoted(cluster.name)} ${place} --merge\nkubectl get nodes`;
}
