// What the wizard knows so far, and what that is as a request, a command line and a curl. Pure.
import type { UnifiedClusterBody } from "@/api/types";
import { quoted } from "@/lib/shell";

export interface Draft {
  credentialId: string;
  provider: string;
  region: string;
  name: string;
  version: string;
  mode: string;
  protect: boolean;
  /** "" = a network of its own; else the cloud's id of an existing one. */
  vpcId: string;
  cidr: string;
  pool: string;
  machineType: string;
  nodes: number;
  automatic: boolean;
  min: number;
  max: number;
  spot: boolean;
  diskGb: number;
}

export const EMPTY: Draft = {
  credentialId: "", provider: "", region: "", name: "", version: "", mode: "standard", protect: false, vpcId: "", cidr: "",
  pool: "default", machineType: "", nodes: 2, automatic: false, min: 1, max: 5, spot: false, diskGb: 50,
};

/** Modes that a provider says it has: "cluster.standard" -> "standard". */
export function modesOf(capabilities: readonly string[]): string[] {
  const modes = capabilities.filter((each) => each.startsWith("cluster.")).map((each) => each.slice("cluster.".length));
  return modes.sort((a, b) => Number(b === "standard") - Number(a === "standard") || a.localeCompare(b));
}

/** Where the cloud runs the nodes, nobody chooses machines. */
export const hasPool = (draft: Pick<Draft, "mode">) => draft.mode === "standard";

export function bodyOf(draft: Draft, workspaceId: string): UnifiedClusterBody {
  const network = draft.vpcId ? { vpc_id: draft.vpcId } : draft.cidr ? { cidr_block: draft.cidr } : undefined;
  const size = draft.automatic
    ? { node_count: Math.min(Math.max(draft.nodes, draft.min), draft.max), auto_scaling: { enabled: true, min: draft.min, max: draft.max } }
    : { node_count: draft.nodes };
  return {
    provider: draft.provider,
    credential_id: draft.credentialId,
    workspace_id: workspaceId,
    cluster: {
      name: draft.name,
      region: draft.region,
      mode: draft.mode,
      ...(draft.version && { version: draft.version }),
      ...(draft.protect && { deletion_protection: true }),
    },
    ...(network && { network }),
    ...(hasPool(draft) && { node_pool: { name: draft.pool, machine_type: draft.machineType, disk_gb: draft.diskGb, spot: draft.spot, ...size } }),
  } as UnifiedClusterBody;
}

/** The same by the command line. It has no option for the pool's name and disk: those stay with the defaults there. */
export function cliCommand(draft: Draft, credentialName: string): string | null {
  if (hasPool(draft) && (draft.pool !== EMPTY.pool || draft.diskGb !== EMPTY.diskGb)) return null;
  const options: [string, string][] = [
    ["provider", draft.provider], ["region", draft.region], ["credential", credentialName], ["version", draft.version], ["mode", draft.mode],
  ];
  if (hasPool(draft)) options.push(["machine-type", draft.machineType], ["nodes", String(draft.nodes)]);
  if (hasPool(draft) && draft.automatic) options.push(["min-nodes", String(draft.min)], ["max-nodes", String(draft.max)]);
  if (draft.vpcId) options.push(["vpc", draft.vpcId]);
  else if (draft.cidr) options.push(["cidr", draft.cidr]);
  const flags = [hasPool(draft) && draft.spot && "--spot", draft.protect && "--protect"].filter(Boolean);
  return ["skyclust clusters create", quoted(draft.name), ...options.filter(([, value]) => value).map(([name, value]) => `--${name} ${quoted(value)}`), ...flags].join(" ");
}

export function curlCommand(body: UnifiedClusterBody, origin: string): string {
  return [
    `curl -X POST ${quoted(`${origin}/api/v1/clusters`)}`,
    `-H "Authorization: Bearer $SKYCLUST_TOKEN"`,
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}
