"""What GKE fills into a cluster or node pool that its creator left open, and what it refuses in one. Pure.

Called when a cluster or node pool is created. Sources: the field comments of container.v1 and
`gcloud container clusters describe` of fresh clusters.
"""

import re

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import short_hash
from skyclust.sandbox.gcp.errors import Json, bad_argument

CLUSTER_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?")
SCOPES = [
    f"https://www.googleapis.com/auth/{name}"
    for name in ("devstorage.read_only", "logging.write", "monitoring", "servicecontrol", "service.management.readonly",
                 "trace.append")
]  # fmt: skip
NODES_PER_POOL = 1000
UPGRADED_AT_ONCE = 20
BUILT_IN_GPUS = {
    "g2-": "nvidia-l4",
    "a2-highgpu": "nvidia-tesla-a100",
    "a2-ultragpu": "nvidia-a100-80gb",
    "a3-highgpu": "nvidia-h100-80gb",
}
TAINT_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "PREFER_NO_SCHEDULE": "PreferNoSchedule", "NO_EXECUTE": "NoExecute"}


_STANDARD: Json = {
    "loggingService": "logging.googleapis.com/kubernetes",
    "monitoringService": "monitoring.googleapis.com/kubernetes",
    "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
    "monitoringConfig": {
        "componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]},
        "managedPrometheusConfig": {"enabled": True},
    },
    "legacyAbac": {},
    "shieldedNodes": {"enabled": True},
    "databaseEncryption": {"state": "DECRYPTED", "currentState": "CURRENT_STATE_DECRYPTED"},
    "releaseChannel": {"channel": "REGULAR"},
    "defaultMaxPodsConstraint": {"maxPodsPerNode": "110"},
    "notificationConfig": {"pubsub": {}},
    "securityPostureConfig": {"mode": "BASIC", "vulnerabilityMode": "VULNERABILITY_MODE_UNSPECIFIED"},
    "autopilot": {},
}


def check_cluster_name(name: object, what: str = "Cluster.name") -> str:
    if not isinstance(name, str) or not CLUSTER_NAME.fullmatch(name):
        raise bad_argument(
            f'Invalid value for field "{what}": "{name or ""}". Must consist of at most 40 lowercase letters, digits '
            "and hyphens, start with a letter and end with a letter or digit."
        )
    return name


def check_labels(labels: Json) -> None:
    for key, value in labels.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) or not re.fullmatch(r"[a-z0-9_-]{0,63}", str(value)):
            raise bad_argument(
                f'Invalid field "Cluster.resource_labels": "{key}={value}". Keys start with a lowercase letter; keys '
                'and values hold at most 63 lowercase letters, digits, "_" and "-".'
            )
    if len(labels) > 64:
        raise bad_argument("A cluster has at most 64 resource labels.")


def check_choices(cluster: Json, location: str) -> None:
    """Fields that exclude or need one another."""
    autopilot = bool(cluster.get("autopilot", {}).get("enabled"))
    if autopilot and location in catalog.ZONES:
        raise bad_argument("Autopilot clusters must be regional clusters.")
    if autopilot and cluster.get("networkPolicy", {}).get("enabled"):
        raise bad_argument(
            "Autopilot clusters do not support the network policy add-on; Dataplane V2 enforces policies."
        )
    if not autopilot and bool(cluster.get("nodePools")) == bool(cluster.get("initialNodeCount")):
        raise bad_argument(
            "Cluster.initial_node_count must be greater than zero."
            if not cluster.get("nodePools")
            else "Both Cluster.initial_node_count and Cluster.node_pools cannot be set."
        )
    if cluster.get("nodePools") and cluster.get("nodeConfig"):
        raise bad_argument("Cluster.node_config cannot be set together with Cluster.node_pools.")
    dataplane = cluster.get("networkConfig", {}).get("datapathProvider")
    if cluster.get("networkPolicy", {}).get("enabled") and dataplane == "ADVANCED_DATAPATH":
        raise bad_argument("Enabling NetworkPolicy for clusters with DatapathV2 is not allowed.")
    _check_private(cluster)


def _check_private(cluster: Json) -> None:
    private = cluster.get("privateClusterConfig", {})
    if private.get("enablePrivateEndpoint") and not private.get("enablePrivateNodes"):
        raise bad_argument("Private endpoint requires private nodes; set PrivateClusterConfig.enable_private_nodes.")
    if private.get("enablePrivateNodes") and not cluster.get("ipAllocationPolicy", {}).get("useIpAliases", True):
        raise bad_argument("Private clusters must be VPC-native; set IPAllocationPolicy.use_ip_aliases.")
    networks = cluster.get("masterAuthorizedNetworksConfig", {})
    if networks.get("cidrBlocks") and not networks.get("enabled"):
        raise bad_argument("MasterAuthorizedNetworksConfig.cidr_blocks cannot be set unless it is enabled.")


def check_workload_pool(config: Json, project: str) -> None:
    pool = config.get("workloadPool", "")
    if pool and pool != f"{project}.svc.id.goog":
        raise bad_argument(f'The workload pool "{pool}" is invalid; it must be "{project}.svc.id.goog".')


def complete_cluster(given: Json, location: str, version: str) -> Json:
    """The cluster's own fields as GKE shows them after creation; networks and node pools are added by others."""
    autopilot = bool(given.get("autopilot", {}).get("enabled"))
    return {
        **_STANDARD,
        "autoscaling": {"autoscalingProfile": "OPTIMIZE_UTILIZATION" if autopilot else "BALANCED"},
        "binaryAuthorization": {"evaluationMode": "DISABLED"} if autopilot else {},
        "locations": catalog.zones_of(location),
        **{key: value for key, value in given.items() if key not in ("nodePools", "initialNodeCount", "nodeConfig")},
        "addonsConfig": _addons(given, autopilot),
        "location": location,
        "zone": location,
        "initialClusterVersion": version,
        "currentMasterVersion": version,
        "currentNodeVersion": version,
        "labelFingerprint": label_fingerprint(given.get("resourceLabels", {})),
    }


def label_fingerprint(labels: Json) -> str:
    return short_hash(repr(sorted(labels.items())), 8)


def _addons(given: Json, autopilot: bool) -> Json:
    standard: Json = {
        "httpLoadBalancing": {},
        "horizontalPodAutoscaling": {},
        "kubernetesDashboard": {"disabled": True},
        "networkPolicyConfig": {} if given.get("networkPolicy", {}).get("enabled") else {"disabled": True},
        "gcePersistentDiskCsiDriverConfig": {"enabled": True},
        "dnsCacheConfig": {"enabled": autopilot},
    }
    asked: Json = given.get("addonsConfig", {})
    return standard | asked


def first_pools(given: Json) -> list[Json]:
    """The node pools a new cluster starts with, as their creator described them."""
    if given.get("autopilot", {}).get("enabled"):
        return [{"name": "default-pool", "initialNodeCount": 1, "config": {"machineType": "e2-standard-2"}}]
    if given.get("nodePools"):
        return list(given["nodePools"])
    return [
        {"name": "default-pool", "initialNodeCount": given["initialNodeCount"], "config": given.get("nodeConfig", {})}
    ]


def complete_pool(given: Json, cluster: Json, version: str) -> Json:
    """A node pool as GKE shows it; `cluster` lends its locations, channel and workload identity."""
    config = {
        "machineType": "e2-medium",
        "diskSizeGb": 100,
        "diskType": "pd-balanced",
        "imageType": "COS_CONTAINERD",
        "serviceAccount": "default",
        "oauthScopes": SCOPES,
        "metadata": {"disable-legacy-endpoints": "true"},
        "shieldedInstanceConfig": {"enableIntegrityMonitoring": True},
        **given.get("config", {}),
    }
    if cluster.get("workloadIdentityConfig", {}).get("workloadPool"):
        config.setdefault("workloadMetadataConfig", {"mode": "GKE_METADATA"})
    if config.get("accelerators"):  # GKE keeps other Pods away from GPUs
        config["taints"] = [
            *config.get("taints", []),
            {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"},
        ]
    channel = cluster.get("releaseChannel", {}).get("channel", "UNSPECIFIED") != "UNSPECIFIED"
    return {
        "autoscaling": {},
        "management": {"autoUpgrade": channel, "autoRepair": True} if channel else {},
        "upgradeSettings": {"maxSurge": 1, "strategy": "SURGE"},
        "maxPodsConstraint": cluster["defaultMaxPodsConstraint"],
        "podIpv4CidrSize": 24,
        "locations": cluster["locations"],
        "initialNodeCount": 0,
        **given,
        "config": config,
        "version": version,
        "networkConfig": pool_network(given, cluster),
    }


def pool_network(given: Json, cluster: Json) -> Json:
    policy, network = cluster.get("ipAllocationPolicy", {}), cluster.get("networkConfig", {})
    private = cluster.get("privateClusterConfig", {}).get("enablePrivateNodes") or network.get(
        "defaultEnablePrivateNodes"
    )
    done = {
        "podRange": policy.get("clusterSecondaryRangeName"),
        "podIpv4CidrBlock": policy.get("clusterIpv4CidrBlock"),
        "enablePrivateNodes": bool(private),
        **given.get("networkConfig", {}),
    }
    return {key: value for key, value in done.items() if value is not None}


def check_pool(pool: Json) -> None:
    """A completed node pool's own rules."""
    check_cluster_name(pool.get("name"), "NodePool.name")
    if not 0 <= int(pool["initialNodeCount"]) <= NODES_PER_POOL:
        raise bad_argument(f"NodePool.initial_node_count must be between 0 and {NODES_PER_POOL}.")
    if not 10 <= int(pool["config"]["diskSizeGb"]) <= 65536:
        raise bad_argument("NodeConfig.disk_size_gb must be between 10 and 65536.")
    if pool["config"]["diskType"] not in catalog.DISK_TYPES:
        raise bad_argument(f'Disk type "{pool["config"]["diskType"]}" is not supported.')
    if str(pool["config"]["imageType"]).upper() not in catalog.IMAGE_TYPES:
        raise bad_argument(f'Image type "{pool["config"]["imageType"]}" is not supported.')
    if pool["config"].get("spot") and pool["config"].get("preemptible"):
        raise bad_argument("NodeConfig.spot and NodeConfig.preemptible cannot both be set.")
    check_machine_type(pool["config"]["machineType"], pool["locations"])
    check_autoscaling(pool["autoscaling"])
    check_upgrade_settings(pool["upgradeSettings"])
    check_accelerators(pool["config"])


def check_accelerators(config: Json) -> None:
    """GPUs go to machines of N1, or are those that the machine type has: https://cloud.google.com/compute/docs/gpus"""
    for row in config.get("accelerators", []):
        kind, machine_type = row.get("acceleratorType", ""), config["machineType"]
        built_in = next((gpu for start, gpu in BUILT_IN_GPUS.items() if machine_type.startswith(start)), "")
        fits = kind == built_in if built_in else machine_type.startswith("n1-") and kind.startswith("nvidia-tesla-")
        if not fits or int(row.get("acceleratorCount", 0)) < 1:
            raise bad_argument(f'Accelerator type "{kind}" cannot be attached to machine type "{machine_type}".')


def check_upgrade_settings(settings: Json) -> None:
    """Surge upgrades replace 1 to 20 nodes at once."""
    at_once = int(settings.get("maxSurge", 0)) + int(settings.get("maxUnavailable", 0))
    if settings.get("strategy", "SURGE") == "SURGE" and not 1 <= at_once <= UPGRADED_AT_ONCE:
        raise bad_argument(
            f"UpgradeSettings: max_surge + max_unavailable must be between 1 and {UPGRADED_AT_ONCE}; got {at_once}."
        )


def check_machine_type(machine_type: str, zones: list[str]) -> None:
    for zone in zones:
        if not catalog.offered_in(machine_type, zone):
            raise bad_argument(f'Machine type with name "{machine_type}" does not exist in zone "{zone}".')


def check_autoscaling(autoscaling: Json) -> None:
    if not autoscaling.get("enabled"):
        return
    for low, high in (("minNodeCount", "maxNodeCount"), ("totalMinNodeCount", "totalMaxNodeCount")):
        least, most = int(autoscaling.get(low, 0)), int(autoscaling.get(high, 0))
        if most and not 0 <= least <= most <= NODES_PER_POOL:
            raise bad_argument(f"Autoscaling needs 0 <= {low} <= {high} <= {NODES_PER_POOL}; got {least} and {most}.")
    if not autoscaling.get("maxNodeCount") and not autoscaling.get("totalMaxNodeCount"):
        raise bad_argument("Autoscaling needs max_node_count or total_max_node_count greater than zero.")


def check_locations(zones: list[str], location: str) -> None:
    region = catalog.region_of(location)
    for zone in zones:
        if catalog.ZONES.get(zone) != region:
            raise bad_argument(f'Location "{zone}" is not a zone of region "{region}".')
    if location in catalog.ZONES and location not in zones:
        raise bad_argument(f'The cluster\'s own zone "{location}" must be among its locations.')
