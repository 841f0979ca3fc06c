"""Node pools (agent pools) of clusters: put, get, list, delete, and what comes true when their time has come.

Source: https://learn.microsoft.com/rest/api/aks/agent-pools. Invariant: a cluster always keeps one pool in mode System.
"""

from skyclust.sandbox.azure import aks_nodes, catalog, operations, quotas, skus
from skyclust.sandbox.azure.aks_networks import check_subnets
from skyclust.sandbox.azure.aks_node_groups import managed_subnet_id
from skyclust.sandbox.azure.aks_pool_defaults import complete_pool, node_image
from skyclust.sandbox.azure.aks_states import check_changeable
from skyclust.sandbox.azure.aks_versions import check_pool_upgrade, check_skew, resolve
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, named, new_etag, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.governance import check_unlocked
from skyclust.sandbox.azure.resources import Change, Kind, begin_put, check_match, document_of, forget, id_in

CLUSTERS = "microsoft.containerservice/managedclusters"
POOLS = f"{CLUSTERS}/agentpools"
NAMESPACE = "Microsoft.ContainerService"
NO_CAPACITY = (
    "VMSSAgentPoolReconciler retry failed: Category: ClientError; SubCode: AllocationFailed; Allocation failed. We "
    "do not have sufficient capacity for the requested VM size in this region. Read more about improving "
    "likelihood of allocation success at https://aka.ms/allocation-guidance"
)


def pools_of(cloud: Cloud, cluster_id: str) -> list[Json]:
    return [row for _, row in cloud.all(POOLS, f"{cluster_id.lower()}/agentpools/")]


def cluster_of(cloud: Cloud, pool_id: str) -> Json:
    found = cloud.get(CLUSTERS, parent_of(pool_id).lower())
    assert found is not None
    return found


def shown_properties(pool: Json) -> Json:
    return {**pool["properties"], "eTag": pool["etag"]}


def _render(_cloud: Cloud, document: Json) -> Json:
    return {key: value for key, value in document.items() if key != "etag"} | {"properties": shown_properties(document)}


# what both a cluster and a pool need


def pool_document(cloud: Cloud, change: Change, cluster: Json, given: Json) -> Json:
    """The checked document of a pool; its versions are the cluster's unless it says otherwise."""
    name = named(change.id)
    old = (change.old or {}).get("properties", {})
    properties = complete_pool(name, given, cluster["properties"], cluster["location"], old or None)
    control_plane = cluster["properties"]["_version"]
    wanted = given.get("orchestratorVersion") or old.get("orchestratorVersion") or control_plane
    unchanged = bool(old) and wanted in (old["orchestratorVersion"], old["_version"])
    long_term = cluster["properties"]["supportPlan"] == "AKSLongTermSupport"
    version = old["_version"] if unchanged else _resolved(wanted, control_plane, cluster["name"], long_term=long_term)
    if old:
        check_pool_upgrade(old["_version"], version)
    check_skew(version, control_plane)
    properties |= {
        "orchestratorVersion": wanted,
        "_version": version,
        "currentOrchestratorVersion": old.get("currentOrchestratorVersion", version),
        "nodeImageVersion": old.get("nodeImageVersion", node_image(cloud.now())),
        "_id": change.id.lower(),
        "provisioningState": _state(old, properties, version),
    }
    return document_of(cloud, change, POOL, {"properties": properties})


def _resolved(wanted: str, control_plane: str, cluster: str, *, long_term: bool) -> str:
    if control_plane == wanted or control_plane.startswith(f"{wanted}."):
        return control_plane
    return resolve(wanted, cluster, long_term=long_term)


def _state(old: Json, new: Json, version: str) -> str:
    if not old:
        return "Creating"
    if old["_version"] != version:
        return "Upgrading"
    return "Scaling" if old["count"] != new["count"] else "Updating"


def check_vcpus(cloud: Cloud, cluster: Json, pools: list[Json], trouble: str) -> None:
    """The machines that the pools get more than they have fit into the quota; a wanted fault finds none left."""
    for pool in pools:
        properties = pool["properties"]
        size = catalog.sizes()[properties["vmSize"].lower()]
        skus.check_unrestricted(cloud, cluster["location"], size, pool["name"])
        present = len(aks_nodes.machines_of(cloud, aks_nodes.scale_set_id(cloud, cluster, pool["name"])))
        spot = properties.get("scaleSetPriority") == "Spot"
        quotas.check_vcpus(cloud, cluster["location"], size, properties["count"] - present, spot=spot, trouble=trouble)


def subnet_for(cloud: Cloud, cluster: Json, pool: Json) -> str:
    return str(pool["properties"].get("vnetSubnetID") or managed_subnet_id(cloud, cluster))


def finish(cloud: Cloud, cluster: Json, pool: Json, *, short: bool) -> None:
    """The pool as it was asked for; `short` leaves it Failed, with the machines it had."""
    properties = pool["properties"]
    if short:
        properties["provisioningState"] = "Failed"
    else:
        replace = properties["currentOrchestratorVersion"] != properties["_version"] or bool(
            properties.pop("_new_image", None)
        )
        properties["currentOrchestratorVersion"] = properties["_version"]
        properties["nodeImageVersion"] = node_image(cloud.now()) if replace else properties["nodeImageVersion"]
        properties["provisioningState"] = "Succeeded"
        aks_nodes.resize(cloud, cluster, pool, subnet_for(cloud, cluster, pool), replace=replace)
    cloud.put(POOLS, pool["id"].lower(), pool)


def is_short(cloud: Cloud, cluster: Json, pool: Json, trouble: str) -> bool:
    """Whether there is no room for the machines the pool still needs."""
    present = aks_nodes.machines_of(cloud, aks_nodes.scale_set_id(cloud, cluster, pool["name"]))
    return trouble == "no_capacity" and pool["properties"]["count"] > len(present)


# the verbs


def put(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    change = begin_put(cloud, call, kind)
    cluster = cluster_of(cloud, change.id)
    check_changeable(cloud, cluster, [change.old] if change.old else [])
    pool = pool_document(cloud, change, cluster, change.properties)
    others = [row for row in pools_of(cloud, cluster["id"]) if row["id"].lower() != change.id.lower()]
    _check_system(pool, others)
    properties = [row["properties"] for row in (*others, pool)]
    check_subnets(cloud, cluster["location"], cluster["properties"]["networkProfile"], properties)
    check_vcpus(cloud, cluster, [pool], call.trouble)
    verb = {"Creating": "create", "Upgrading": "upgrade"}.get(pool["properties"]["provisioningState"], "update")
    seconds = cloud.take(f"azure.agent_pool.{verb}", change.id)
    headers = operations.begin(cloud, call, pool, NAMESPACE, seconds, [{"do": "aks.pool.ready", "id": change.id}])
    headers.pop("location")
    cloud.put(POOLS, change.id.lower(), pool)
    return Answer(200 if change.old else 201, kind.show(cloud, pool), headers)


def _check_system(pool: Json, others: list[Json]) -> None:
    if not any(row["properties"]["mode"] == "System" for row in (*others, pool)):
        raise bad_request("OperationNotAllowed", "There has to be at least one system agent pool.")


def delete(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    wanted = id_in(cloud, call, kind)
    pool = cloud.get(POOLS, wanted.lower())
    if pool is None:
        return Answer(204)
    check_unlocked(cloud, wanted)
    check_match(call, pool, wanted)
    cluster = cluster_of(cloud, wanted)
    check_changeable(cloud, cluster, [pool])
    others = [
        row
        for row in pools_of(cloud, cluster["id"])
        if row["id"] != pool["id"] and row["properties"]["provisioningState"] != "Deleting"
    ]
    if not others:
        raise bad_request("OperationNotAllowed", "There has to be at least one agent pool.")
    if not any(row["properties"]["mode"] == "System" for row in others):
        raise bad_request("OperationNotAllowed", "There has to be at least one system agent pool.")
    pool["properties"]["provisioningState"] = "Deleting"
    pool["etag"] = new_etag()
    seconds = cloud.take("azure.agent_pool.delete", wanted)
    headers = operations.begin(cloud, call, pool, NAMESPACE, seconds, [{"do": "aks.pool.gone", "id": pool["id"]}])
    cloud.put(POOLS, wanted.lower(), pool)
    return Answer(202, None, headers)


# what happens when their time has come


def _ready(cloud: Cloud, effect: Json) -> None:
    pool = cloud.get(POOLS, effect["id"].lower())
    if pool is None:
        return
    cluster = cluster_of(cloud, pool["id"])
    short = is_short(cloud, cluster, pool, effect["trouble"])
    if short:
        operations.fail(cloud, effect, "ReconcileVMSSAgentPoolFailed", NO_CAPACITY)
    finish(cloud, cluster, pool, short=short)


def _gone(cloud: Cloud, effect: Json) -> None:
    pool = cloud.get(POOLS, effect["id"].lower())
    if pool is not None:
        forget(cloud, POOL, pool)


def _removed(cloud: Cloud, document: Json) -> None:
    cluster = cloud.get(CLUSTERS, parent_of(document["id"]).lower())
    if cluster is not None:
        aks_nodes.remove_pool(cloud, cluster, document["name"])


POOL = Kind(
    "Microsoft.ContainerService/managedClusters/agentPools",
    "agent_pool",
    "containerservice.AgentPool",
    render=_render,
    removed=_removed,
    tracked=False,
)
EFFECTS = {"aks.pool.ready": _ready, "aks.pool.gone": _gone}
