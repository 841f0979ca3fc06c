"""A cluster's spec in GKE's words and back. Pure; called by clusters.py.

GKE Standard refuses to create a cluster without nodes, yet each of the request's pools is a resource of its own with
its own row. So a cluster begins with a bootstrap pool of one small machine in one zone, which `diff` reports and
`update` removes as soon as the control plane runs, side by side with the creation of the real pools.
"""

from __future__ import annotations

from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp import addons, catalog

BOOTSTRAP_POOL = "skyclust-bootstrap"
#: What Calico needs: https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
BOOTSTRAP_MACHINE = "e2-medium"
#: How a node pool says that its Pods use workload identity.
GKE_METADATA = "GKE_METADATA"
_ENFORCE = "PROJECT_SINGLETON_POLICY_ENFORCE"
_PHASES = {
    "PROVISIONING": Phase.SETTLING,
    "RUNNING": Phase.READY,
    "RECONCILING": Phase.SETTLING,
    "STOPPING": Phase.DELETING,
    "ERROR": Phase.FAILED,
    # Needs a person, but lives: never a reason to replace it.
    "DEGRADED": Phase.SETTLING,
}


def cluster_body(spec: JsonObject, mark: Mark, project: str) -> JsonObject:
    """The `cluster` of a create call."""
    body: JsonObject = {
        "name": spec["name"],
        # Cannot change later, so it holds no mark: that is in the labels, and comes off when a cluster is given back.
        "description": f"Created by SkyClust for {mark.stack_name}",
        "resourceLabels": mark.labels(),
        "initialClusterVersion": spec["version"],
        "releaseChannel": {"channel": channel(spec)},
        "network": spec["network"],
        "ipAllocationPolicy": _addresses(spec),
        "privateClusterConfig": {
            "enablePrivateNodes": spec["private_nodes"],
            "enablePrivateEndpoint": spec["private_endpoint"],
        },
        "masterAuthorizedNetworksConfig": authorized_networks(spec),
        "binaryAuthorization": binary_authorization(spec),
    }
    if spec.get("subnetwork"):
        body["subnetwork"] = spec["subnetwork"]
    if spec["workload_identity"]:
        body["workloadIdentityConfig"] = {"workloadPool": workload_pool(project)}
    return body | (_autopilot(spec) if spec["mode"] == "autopilot" else _standard(spec))


def _standard(spec: JsonObject) -> JsonObject:
    policy = bool(spec["network_policy"])
    return {
        "locations": spec["node_locations"],
        "networkPolicy": network_policy(spec),
        "addonsConfig": {
            "networkPolicyConfig": {"disabled": not policy},
            **addons.config_of(spec.get("addons", {})),
        },
        "shieldedNodes": {"enabled": True},
        "nodePools": [
            {
                "name": BOOTSTRAP_POOL,
                "initialNodeCount": 1,
                "locations": spec["node_locations"][:1],
                "config": {
                    "machineType": BOOTSTRAP_MACHINE,
                    "diskSizeGb": 20,
                    "diskType": "pd-standard",
                    "serviceAccount": spec["service_account"],
                    "oauthScopes": [CLOUD_PLATFORM],
                },
            }
        ],
    }


CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


def _autopilot(spec: JsonObject) -> JsonObject:
    defaults = {"serviceAccount": spec["service_account"], "oauthScopes": [CLOUD_PLATFORM]}
    wishes = addons.config_of(spec.get("addons", {}))
    return {
        "autopilot": {"enabled": True}, "autoscaling": {"autoprovisioningNodePoolDefaults": defaults},
        **({"addonsConfig": wishes} if wishes else {}),
    }  # fmt: skip


def _addresses(spec: JsonObject) -> JsonObject:
    policy: JsonObject = {"useIpAliases": True}
    if spec.get("pods_range"):
        policy["clusterSecondaryRangeName"] = spec["pods_range"]
    if spec.get("services_range"):
        policy["servicesSecondaryRangeName"] = spec["services_range"]
    return policy


def channel(spec: JsonObject) -> str:
    """GKE's word for a release channel."""
    return "UNSPECIFIED" if spec["release_channel"] == "none" else str(spec["release_channel"]).upper()


def workload_pool(project: str) -> str:
    """The one pool a project has."""
    return f"{project}.svc.id.goog"


def pools_with_workload_identity(cluster: JsonObject) -> list[str]:
    """Names of the pools that must give it up before the cluster can."""
    return [
        pool["name"]
        for pool in cluster.get("nodePools", [])
        if pool.get("config", {}).get("workloadMetadataConfig", {}).get("mode") == GKE_METADATA
    ]


def network_policy(spec: JsonObject) -> JsonObject:
    """The `networkPolicy` of a cluster."""
    return {"enabled": True, "provider": "CALICO"} if spec["network_policy"] else {"enabled": False}


def binary_authorization(spec: JsonObject) -> JsonObject:
    """The `binaryAuthorization` of a cluster."""
    return {"evaluationMode": _ENFORCE if spec["binary_authorization"] else "DISABLED"}


def authorized_networks(spec: JsonObject) -> JsonObject:
    """The `masterAuthorizedNetworksConfig` of a cluster; a private endpoint demands that it is on."""
    blocks = [{"cidrBlock": block} for block in spec["authorized_networks"]]
    return {"enabled": bool(blocks) or bool(spec["private_endpoint"]), **({"cidrBlocks": blocks} if blocks else {})}


# ---- what GKE shows ----
def observed_cluster(path: str, cluster: JsonObject) -> Observed:
    """A cluster as the engine sees it."""
    phase = _PHASES.get(cluster.get("status", ""), Phase.SETTLING)
    if phase is Phase.SETTLING and _only_bootstrap_goes(cluster):
        phase = Phase.READY
    return Observed(path, phase, _outputs(path, cluster), _fields(cluster), _message(cluster))


def _only_bootstrap_goes(cluster: JsonObject) -> bool:
    """GKE calls the whole cluster reconciling while a pool is deleted; the control plane is usable all the time."""
    pools = cluster.get("nodePools", [])
    return cluster.get("status") == "RECONCILING" and any(
        pool["name"] == BOOTSTRAP_POOL and pool.get("status") == "STOPPING" for pool in pools
    )


def _outputs(path: str, cluster: JsonObject) -> JsonObject:
    return {
        "id": path,
        "name": cluster["name"],
        "endpoint": cluster.get("endpoint", ""),
        "ca_data": cluster.get("masterAuth", {}).get("clusterCaCertificate", ""),
        "version": cluster.get("currentMasterVersion", ""),
        "location": cluster.get("location", ""),
        "network": cluster.get("networkConfig", {}).get("network", cluster.get("network", "")),
    }


def _fields(cluster: JsonObject) -> JsonObject:
    mode = cluster.get("binaryAuthorization", {}).get("evaluationMode", "DISABLED")
    networks, private = cluster.get("masterAuthorizedNetworksConfig", {}), cluster.get("privateClusterConfig", {})
    return {
        "version": cluster.get("currentMasterVersion", ""),
        "release_channel": _channel_seen(cluster),
        "node_locations": sorted(cluster.get("locations", [])),
        "workload_identity": bool(cluster.get("workloadIdentityConfig", {}).get("workloadPool")),
        "binary_authorization": mode not in ("DISABLED", "EVALUATION_MODE_UNSPECIFIED"),
        "network_policy": bool(cluster.get("networkPolicy", {}).get("enabled")),
        "authorized_networks": sorted(row["cidrBlock"] for row in networks.get("cidrBlocks", [])),
        "private_endpoint": bool(private.get("enablePrivateEndpoint")),
        "private_nodes": bool(
            private.get("enablePrivateNodes") or cluster.get("networkConfig", {}).get("defaultEnablePrivateNodes")
        ),
        "addons": addons.seen(cluster),
        "bootstrap_pool": any(
            pool["name"] == BOOTSTRAP_POOL and pool.get("status") != "STOPPING" for pool in cluster.get("nodePools", [])
        ),
    }


def _channel_seen(cluster: JsonObject) -> str:
    seen = str(cluster.get("releaseChannel", {}).get("channel", "UNSPECIFIED"))
    return "none" if seen == "UNSPECIFIED" else seen.lower()


def _message(cluster: JsonObject) -> str:
    told = [str(row.get("message", "")) for row in cluster.get("conditions", [])] or [cluster.get("statusMessage", "")]
    return " ".join(text for text in told if text)[:600]


# ---- differences ----
#: Fields that are compared as they are. Autopilot decides about the others by itself.
_COMPARED = ("release_channel", "binary_authorization", "private_nodes", "private_endpoint")
_COMPARED_STANDARD = ("workload_identity", "network_policy")


def cluster_changes(spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
    """What differs, in the order in which it should change."""
    seen = observed.fields
    changes: list[Change] = []
    if seen.get("bootstrap_pool"):
        changes.append(Change("bootstrap_pool", before=True, after=False))
    if behind(seen.get("version", ""), spec["version"]):
        changes.append(Change("version", seen["version"], spec["version"]))
    standard = spec["mode"] != "autopilot"
    wanted = {name: spec[name] for name in (*_COMPARED, *(_COMPARED_STANDARD if standard else ()))}
    if "private_nodes" not in seen:  # observed by an earlier version: the next look tells
        del wanted["private_nodes"]
    wanted["authorized_networks"] = sorted(spec["authorized_networks"])
    if standard:
        wanted["node_locations"] = sorted(spec["node_locations"])
    changes.extend(Change(name, seen.get(name), value) for name, value in wanted.items() if seen.get(name) != value)
    if wishes := addons.differing(spec, seen):
        changes.append(Change("addons", {name: not on for name, on in wishes.items()}, wishes))
    return tuple(changes)


def behind(seen: str, wanted: str) -> bool:
    """True when the running version is older than the wanted one. Newer is none: channels upgrade by themselves."""
    running, asked = catalog.minor(seen), catalog.minor(wanted)
    if running is None or asked is None or running > asked:
        return False
    if running < asked:
        return True
    return wanted.count(".") > 1 and _numbers(seen) < _numbers(wanted)


def next_version(seen: str, wanted: str) -> str:
    """The version of the next step: control planes go one minor version at a time."""
    running, asked = catalog.minor(seen), catalog.minor(wanted)
    if running is None or asked is None or asked[1] <= running[1] + 1:
        return wanted
    return f"{running[0]}.{running[1] + 1}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.replace("-gke", "").split(".") if part.isdigit())
