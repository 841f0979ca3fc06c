"""Changes to a cluster after its creation: one `desired*` field at a time, and the calls that change one thing each.

Invariant: a change shows when its operation ends, never before.
"""

from typing import Any

from skyclust.sandbox.gcp import gke_operations
from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.discovery import discovery
from skyclust.sandbox.gcp.errors import GoogleError, Json, bad_argument, failed_precondition
from skyclust.sandbox.gcp.gke_clusters import CLUSTERS, cluster_path, existing_cluster, pools_of, serve
from skyclust.sandbox.gcp.gke_defaults import check_labels, check_locations, check_workload_pool, label_fingerprint
from skyclust.sandbox.gcp.gke_mirrors import mirrored
from skyclust.sandbox.gcp.gke_node_pools import apply_changes
from skyclust.sandbox.gcp.gke_versions import master_upgrade, node_version

_WITH_POOL = {"desiredNodePoolId", "desiredNodeVersion", "desiredImageType", "desiredNodePoolAutoscaling"}
# desired field: (part of the cluster, member of the part, member of the given value)
_INSIDE: dict[str, tuple[str, str, str]] = {
    "desiredIntraNodeVisibilityConfig": ("networkConfig", "enableIntraNodeVisibility", "enabled"),
    "desiredL4ilbSubsettingConfig": ("networkConfig", "enableL4ilbSubsetting", "enabled"),
    "desiredDnsConfig": ("networkConfig", "dnsConfig", ""),
    "desiredGatewayApiConfig": ("networkConfig", "gatewayApiConfig", ""),
    "desiredServiceExternalIpsConfig": ("networkConfig", "serviceExternalIpsConfig", ""),
    "desiredDefaultSnatStatus": ("networkConfig", "defaultSnatStatus", ""),
    "desiredDatapathProvider": ("networkConfig", "datapathProvider", ""),
    "desiredDefaultEnablePrivateNodes": ("networkConfig", "defaultEnablePrivateNodes", ""),
    "desiredPrivateIpv6GoogleAccess": ("networkConfig", "privateIpv6GoogleAccess", ""),
    "desiredEnableFqdnNetworkPolicy": ("networkConfig", "enableFqdnNetworkPolicy", ""),
    "desiredEnablePrivateEndpoint": ("privateClusterConfig", "enablePrivateEndpoint", ""),
    "desiredStackType": ("ipAllocationPolicy", "stackType", ""),
}
_RENAMED = {"desiredClusterAutoscaling": "autoscaling"}
_MERGED = {"addonsConfig", "privateClusterConfig", "controlPlaneEndpointsConfig", "networkConfig", "ipAllocationPolicy"}


def update(cloud: Cloud, call: Call) -> Json:
    given: dict[str, Any] = {key: value for key, value in call.body.get("update", {}).items() if key != "etag"}
    names = set(given) - {"desiredNodePoolId"}
    if (len(names) != 1 and not names <= _WITH_POOL | {"desiredMasterVersion"}) or not names:
        raise bad_argument("Must specify exactly one field to update." if names else "No update was specified.")
    name = next(iter(names))
    if name == "desiredMasterVersion":
        return _upgrade_master(cloud, call, given[name])
    if names <= _WITH_POOL:
        return _update_pool(cloud, call, given)
    path = cluster_path(cloud, call)
    return _begin(cloud, call, "UPDATE_CLUSTER", _changes(cloud, existing_cluster(cloud, path), name, given[name]))


def _changes(cloud: Cloud, cluster: Json, name: str, value: Any) -> Json:
    """The cluster's fields after one desired field came true."""
    if name == "desiredWorkloadIdentityConfig":
        check_workload_pool(value, cloud.project.id)
    if name == "desiredLocations":
        check_locations(value, cluster["location"])
    if name in _INSIDE:
        part, member, inner = _INSIDE[name]
        return {part: {**cluster.get(part, {}), member: value.get(inner) if inner else value}}
    field = _RENAMED.get(name) or name.removeprefix("desired")[:1].lower() + name.removeprefix("desired")[1:]
    if not discovery().has_field("container.v1", "Cluster", field) or not name.startswith("desired"):
        raise bad_argument(f"The sandbox cannot update {name} of a cluster.")
    return {field: {**cluster.get(field, {}), **value} if field in _MERGED else value}


def _begin(cloud: Cloud, call: Call, verb: str, changes: Json) -> Json:
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    gke_operations.check_free(cloud, path)
    if cluster["status"] != "RUNNING":
        raise failed_precondition(f"Cluster {cluster['name']} is in status {cluster['status']}; it must be running.")
    effects = [{"do": "gke.cluster.changed", "path": path, "changes": changes}]
    return gke_operations.begin(cloud, call, verb, path, cloud.take("gcp.cluster.update", path), effects=effects)


def _upgrade_master(cloud: Cloud, call: Call, wanted: str) -> Json:
    cluster = existing_cluster(cloud, cluster_path(cloud, call))
    channel = cluster["releaseChannel"].get("channel", "UNSPECIFIED")
    version = master_upgrade(cluster["currentMasterVersion"], wanted, channel)
    return _begin(cloud, call, "UPGRADE_MASTER", {"currentMasterVersion": version})


def _update_pool(cloud: Cloud, call: Call, given: Json) -> Json:
    """The older way to change a node pool: through its cluster. Without an id it means the only pool."""
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    pools = [pool["name"] for _, pool in pools_of(cloud, path)]
    name = given.get("desiredNodePoolId") or (pools[0] if len(pools) == 1 else "")
    if name not in pools:
        raise bad_argument(f'Node pool "{name}" not found.' if name else "desired_node_pool_id is required.")
    gke_operations.check_free(cloud, path, name)
    changes: Json = {}
    if "desiredNodeVersion" in given:
        changes["version"] = node_version(given["desiredNodeVersion"], cluster["currentMasterVersion"])
    if "desiredImageType" in given:
        changes["config"] = {"imageType": given["desiredImageType"]}
    if "desiredNodePoolAutoscaling" in given:
        changes["autoscaling"] = given["desiredNodePoolAutoscaling"]
    where = f"{path}/nodePools/{name}"
    verb = "UPGRADE_NODES" if changes.keys() & {"version", "config"} else "UPDATE_CLUSTER"
    effects = [{"do": "gke.pool.changed", "path": where, "changes": changes}]
    return gke_operations.begin(cloud, call, verb, where, cloud.take("gcp.node_pool.update", where), effects=effects)


def set_labels(cloud: Cloud, call: Call) -> Json:
    cluster = existing_cluster(cloud, cluster_path(cloud, call))
    given = call.body.get("labelFingerprint")
    if given != cluster["labelFingerprint"]:
        raise GoogleError(412, "conditionNotMet", "Labels could not be set due to fingerprint mismatch.")
    labels = call.body.get("resourceLabels", {})
    check_labels(labels)
    return _begin(cloud, call, "SET_LABELS", {"resourceLabels": labels, "labelFingerprint": label_fingerprint(labels)})


def set_network_policy(cloud: Cloud, call: Call) -> Json:
    cluster = existing_cluster(cloud, cluster_path(cloud, call))
    policy = call.body.get("networkPolicy")
    if policy is None:
        raise bad_argument("NetworkPolicy is required.")
    if policy.get("enabled") and cluster["networkConfig"].get("datapathProvider") == "ADVANCED_DATAPATH":
        raise bad_argument("Enabling NetworkPolicy for clusters with DatapathV2 is not allowed.")
    if policy.get("enabled") and cluster["addonsConfig"]["networkPolicyConfig"].get("disabled"):
        raise bad_argument("Network Policy Addon must be enabled before NetworkPolicy can be enabled on the nodes.")
    return _begin(cloud, call, "SET_NETWORK_POLICY", {"networkPolicy": policy})


def update_master(cloud: Cloud, call: Call) -> Json:
    return _upgrade_master(cloud, call, call.body.get("masterVersion", ""))


def set_maintenance_policy(cloud: Cloud, call: Call) -> Json:
    return _begin(cloud, call, "SET_MAINTENANCE_POLICY", {"maintenancePolicy": call.body.get("maintenancePolicy", {})})


def _changed(cloud: Cloud, effect: Json) -> None:
    path = effect["path"]
    cluster = cloud.get(CLUSTERS, path)
    if cluster is None:
        return
    cluster = mirrored(cluster | effect["changes"], effect["changes"])
    cloud.put(CLUSTERS, path, cluster)
    if "currentMasterVersion" in effect["changes"]:
        serve(cloud, cluster)
    if "locations" in effect["changes"]:
        for where, pool in pools_of(cloud, path):
            apply_changes(cloud, {**effect, "path": where}, cluster, pool, {"locations": cluster["locations"]})


_VERBS = {
    "update": update,
    "setResourceLabels": set_labels,
    "resourceLabels": set_labels,
    "setNetworkPolicy": set_network_policy,
    "updateMaster": update_master,
    "master": update_master,
    "setMaintenancePolicy": set_maintenance_policy,
}
HANDLERS = {
    f"container.projects.{scope}.clusters.{verb}": handler
    for scope in ("locations", "zones")
    for verb, handler in _VERBS.items()
}
EFFECTS = {"gke.cluster.changed": _changed}
