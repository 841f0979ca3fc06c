"""Node pools of container.v1: create, get, list, update, resize, autoscaling, management, delete.

Invariant: operations on different pools of one cluster run side by side; any other pair excludes each other.
"""

from typing import Any

from skyclust.sandbox.gcp import gke_operations, node_machines
from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.errors import Json, already_exists, bad_argument, failed_precondition, not_found
from skyclust.sandbox.gcp.gke_clusters import (
    CLUSTERS,
    POOLS,
    cluster_path,
    existing_cluster,
    new_pool,
    pools_of,
    shown_pool,
)
from skyclust.sandbox.gcp.gke_defaults import (
    NODES_PER_POOL,
    check_autoscaling,
    check_locations,
    check_machine_type,
    check_upgrade_settings,
)
from skyclust.sandbox.gcp.gke_versions import node_version

# request field: field of the pool's node config, and the member that wraps a list or map there
_CONFIG_FIELDS: dict[str, tuple[str, str]] = {
    "imageType": ("imageType", ""),
    "machineType": ("machineType", ""),
    "diskType": ("diskType", ""),
    "diskSizeGb": ("diskSizeGb", ""),
    "labels": ("labels", "labels"),
    "taints": ("taints", "taints"),
    "tags": ("tags", "tags"),
    "resourceLabels": ("resourceLabels", "labels"),
    "workloadMetadataConfig": ("workloadMetadataConfig", ""),
    "gcfsConfig": ("gcfsConfig", ""),
    "gvnic": ("gvnic", ""),
    "kubeletConfig": ("kubeletConfig", ""),
    "linuxNodeConfig": ("linuxNodeConfig", ""),
    "loggingConfig": ("loggingConfig", ""),
    "confidentialNodes": ("confidentialNodes", ""),
    "containerdConfig": ("containerdConfig", ""),
}
_POOL_FIELDS = {
    "upgradeSettings": "upgradeSettings",
    "nodeNetworkConfig": "networkConfig",
    "queuedProvisioning": "queuedProvisioning",
    "maintenancePolicy": "maintenancePolicy",
    "nodeDrainConfig": "nodeDrainConfig",
}
_REPLACES_NODES = {
    "imageType",
    "machineType",
    "diskType",
    "diskSizeGb",
    "version",
    "gcfsConfig",
    "gvnic",
    "kubeletConfig",
    "linuxNodeConfig",
    "networkConfig",
}
_NAMES = {"name", "projectId", "zone", "clusterId", "nodePoolId", "etag"}


def _target(cloud: Cloud, call: Call) -> tuple[str, Json, str, Json]:
    """(cluster's path, cluster, pool's path, pool) of a call."""
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    where = f"{path}/nodePools/{call.path['nodePool']}"
    pool = cloud.get(POOLS, where)
    if pool is None:
        raise not_found(where)
    return path, cluster, where, pool


def get(cloud: Cloud, call: Call) -> Json:
    path, cluster, where, pool = _target(cloud, call)
    return shown_pool(cloud, cluster, where, pool, gke_operations.running(cloud, path))


def list_(cloud: Cloud, call: Call) -> Json:
    path = cluster_path(cloud, call)
    cluster, busy = existing_cluster(cloud, path), gke_operations.running(cloud, path)
    return {"nodePools": [shown_pool(cloud, cluster, where, pool, busy) for where, pool in pools_of(cloud, path)]}


def create(cloud: Cloud, call: Call) -> Json:
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    _must_be_standard(cluster)
    given = call.body.get("nodePool")
    if not given:
        raise bad_argument("NodePool is required.")
    name, pool = new_pool(cloud, given, cluster)
    where = f"{path}/nodePools/{name}"
    if cloud.get(POOLS, where) is not None:
        raise already_exists(where)
    _must_run(cluster)
    gke_operations.check_free(cloud, path, name)
    effects = [{"do": "gke.pool.created", "path": where}]
    seconds = cloud.take("gcp.node_pool.create", where)
    operation = gke_operations.begin(cloud, call, "CREATE_NODE_POOL", where, seconds, effects=effects)
    cloud.put(POOLS, where, pool)
    return operation


def delete(cloud: Cloud, call: Call) -> Json:
    path, cluster, where, pool = _target(cloud, call)
    _must_be_standard(cluster)
    gke_operations.check_free(cloud, path, pool["name"])
    seconds = cloud.take("gcp.node_pool.delete", where)
    operation = gke_operations.begin(
        cloud, call, "DELETE_NODE_POOL", where, seconds, effects=[{"do": "gke.pool.deleted", "path": where}]
    )
    cloud.put(POOLS, where, {**pool, "status": "STOPPING"})
    return operation


def _change(cloud: Cloud, call: Call, verb: str, changes: Json, latency: str = "gcp.node_pool.update") -> Json:
    """Begin an operation that merges `changes` into the pool when it ends."""
    path, cluster, where, pool = _target(cloud, call)
    _must_be_standard(cluster)
    _must_run(cluster)
    if pool["status"] not in ("RUNNING", "RUNNING_WITH_ERROR"):
        raise failed_precondition(f"Node pool {where} is in status {pool['status']}; wait until it runs or delete it.")
    gke_operations.check_free(cloud, path, pool["name"])
    effects = [{"do": "gke.pool.changed", "path": where, "changes": changes}]
    return gke_operations.begin(cloud, call, verb, where, cloud.take(latency, where), effects=effects)


def set_size(cloud: Cloud, call: Call) -> Json:
    count = int(call.body.get("nodeCount", 0))
    if not 0 <= count <= NODES_PER_POOL:
        raise bad_argument(f"node_count must be between 0 and {NODES_PER_POOL}.")
    return _change(cloud, call, "SET_NODE_POOL_SIZE", {"initialNodeCount": count})


def set_autoscaling(cloud: Cloud, call: Call) -> Json:
    autoscaling = call.body.get("autoscaling")
    if autoscaling is None:
        raise bad_argument("NodePoolAutoscaling is required.")
    check_autoscaling(autoscaling)
    return _change(cloud, call, "UPDATE_CLUSTER", {"autoscaling": autoscaling})


def set_management(cloud: Cloud, call: Call) -> Json:
    management = call.body.get("management")
    if management is None:
        raise bad_argument("NodeManagement is required.")
    channel = existing_cluster(cloud, cluster_path(cloud, call))["releaseChannel"].get("channel", "UNSPECIFIED")
    if channel != "UNSPECIFIED" and not management.get("autoUpgrade"):
        raise bad_argument(f"Auto_upgrade must be true when the cluster is in release channel {channel}.")
    return _change(cloud, call, "SET_NODE_POOL_MANAGEMENT", {"management": management})


def update(cloud: Cloud, call: Call) -> Json:
    _, cluster, _, pool = _target(cloud, call)
    given: dict[str, Any] = {key: value for key, value in call.body.items() if key not in _NAMES}
    changes: Json = {}
    config = {
        target: _unwrapped(given.pop(name), inner) for name, (target, inner) in _CONFIG_FIELDS.items() if name in given
    }
    if "nodeVersion" in given:
        changes["version"] = node_version(given.pop("nodeVersion"), cluster["currentMasterVersion"])
    if "locations" in given:
        changes["locations"] = given.pop("locations")
        check_locations(changes["locations"], cluster["location"])
    changes |= {target: given.pop(name) for name, target in _POOL_FIELDS.items() if name in given}
    if given:
        raise bad_argument(f"The sandbox cannot update {', '.join(sorted(given))} of a node pool.")
    if not changes and not config:
        raise bad_argument("At least one field of the node pool must be updated.")
    if "upgradeSettings" in changes:
        check_upgrade_settings(changes["upgradeSettings"])
    if "machineType" in config:
        check_machine_type(config["machineType"], changes.get("locations") or pool["locations"])
    if "diskSizeGb" in config:
        config["diskSizeGb"] = int(config["diskSizeGb"])
    if config:
        changes["config"] = config
    upgrade = bool(_REPLACES_NODES & {*changes, *config})
    return _change(cloud, call, "UPGRADE_NODES" if upgrade else "UPDATE_CLUSTER", changes)


def _unwrapped(value: Any, inner: str) -> Any:
    return value.get(inner, {} if inner == "labels" else []) if inner else value


def _must_be_standard(cluster: Json) -> None:
    if cluster["autopilot"].get("enabled"):
        raise bad_argument("Autopilot clusters do not support mutating node pools.")


def _must_run(cluster: Json) -> None:
    if cluster["status"] != "RUNNING":
        raise failed_precondition(f"Cluster {cluster['name']} is in status {cluster['status']}; it must be running.")


# what happens when their time has come


def _created(cloud: Cloud, effect: Json) -> None:
    cluster, pool = _pair(cloud, effect)
    if cluster is None or pool is None:
        return
    problem = node_machines.shortage(cloud, cluster, pool, pool["initialNodeCount"], effect["trouble"])
    if problem:
        gke_operations.fail(cloud, effect, problem)
        cloud.put(POOLS, effect["path"], {**pool, "status": "ERROR", "statusMessage": problem})
        return
    node_machines.resize(cloud, cluster, pool, pool["initialNodeCount"])
    cloud.put(POOLS, effect["path"], {**pool, "status": "RUNNING"})


def _changed(cloud: Cloud, effect: Json) -> None:
    cluster, pool = _pair(cloud, effect)
    if cluster is None or pool is None:
        return
    apply_changes(cloud, effect, cluster, pool, effect["changes"])


def apply_changes(cloud: Cloud, effect: Json, cluster: Json, pool: Json, changes: Json) -> None:
    """The pool with `changes`, and its machines to match; a shortage leaves it as it was, with a message."""
    config = {**pool["config"], **changes.get("config", {})}
    network = {**pool.get("networkConfig", {}), **changes.get("networkConfig", {})}
    changed = {**pool, **changes, "config": config, "networkConfig": network}
    changed["initialNodeCount"] = _wanted(pool, changes)
    problem = node_machines.shortage(cloud, cluster, changed, changed["initialNodeCount"], effect["trouble"])
    if problem:
        gke_operations.fail(cloud, effect, problem)
        cloud.put(POOLS, effect["path"], {**pool, "status": "RUNNING_WITH_ERROR", "statusMessage": problem})
        return
    changed = {key: value for key, value in changed.items() if key != "statusMessage"} | {"status": "RUNNING"}
    replaces = _REPLACES_NODES & {*changes, *changes.get("config", {})}
    (node_machines.replace_all if replaces else node_machines.resize)(
        cloud, cluster, changed, changed["initialNodeCount"]
    )
    cloud.put(POOLS, effect["path"], changed)


def _wanted(pool: Json, changes: Json) -> int:
    """Machines a zone after a change; autoscaling pulls the size into its bounds."""
    count = int((pool | changes)["initialNodeCount"])
    autoscaling = changes.get("autoscaling", {})
    if autoscaling.get("enabled") and autoscaling.get("maxNodeCount"):
        return max(int(autoscaling.get("minNodeCount", 0)), min(count, int(autoscaling["maxNodeCount"])))
    return count


def _deleted(cloud: Cloud, effect: Json) -> None:
    cluster, pool = _pair(cloud, effect)
    if cluster is not None and pool is not None:
        node_machines.remove_pool(cloud, cluster, pool["name"])
    cloud.remove(POOLS, effect["path"])


def _pair(cloud: Cloud, effect: Json) -> tuple[Json | None, Json | None]:
    return cloud.get(CLUSTERS, effect["path"].partition("/nodePools/")[0]), cloud.get(POOLS, effect["path"])


HANDLERS = {
    f"container.projects.{scope}.clusters.nodePools.{verb}": handler
    for scope in ("locations", "zones")
    for verb, handler in (
        ("create", create),
        ("get", get),
        ("list", list_),
        ("delete", delete),
        ("update", update),
        ("setSize", set_size),
        ("setAutoscaling", set_autoscaling),
        ("autoscaling", set_autoscaling),
        ("setManagement", set_management),
    )
}
EFFECTS = {"gke.pool.created": _created, "gke.pool.changed": _changed, "gke.pool.deleted": _deleted}
