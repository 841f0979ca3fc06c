"""What can be done to a cluster beside changing it: start, stop, abort, rotate, credentials, upgrades on offer.

Source: https://learn.microsoft.com/rest/api/aks/ (managed clusters, agent pools, maintenance configurations).
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.azure import aks_access, aks_nodes, models, operations
from skyclust.sandbox.azure.aks_clusters import CLUSTER, check_idle
from skyclust.sandbox.azure.aks_clusters import delete as delete_cluster
from skyclust.sandbox.azure.aks_clusters import patch as patch_cluster
from skyclust.sandbox.azure.aks_clusters import put as put_cluster
from skyclust.sandbox.azure.aks_pool_defaults import node_image
from skyclust.sandbox.azure.aks_pools import CLUSTERS, NAMESPACE, POOL, cluster_of, finish, pools_of
from skyclust.sandbox.azure.aks_pools import delete as delete_pool
from skyclust.sandbox.azure.aks_pools import put as put_pool
from skyclust.sandbox.azure.aks_states import check_changeable
from skyclust.sandbox.azure.aks_versions import PATCHES, numbers, targets
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import ArmError, Json, bad_request
from skyclust.sandbox.azure.resources import Kind, existing, routes_of, templates_of

Verb = Callable[[Cloud, Call, Kind], Answer]


def _begin(cloud: Cloud, call: Call, document: Json, latency: str, effect: str, state: str) -> Answer:
    document["properties"]["provisioningState"] = state
    effects = [{"do": effect, "id": document["id"]}]
    headers = operations.begin(cloud, call, document, NAMESPACE, cloud.take(latency, document["id"]), effects)
    cloud.put(document["type"].lower(), document["id"].lower(), document)
    return Answer(202, None, headers)


# power


def stop(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = existing(cloud, call, kind)
    check_idle(cloud, cluster)
    return _begin(cloud, call, cluster, "azure.cluster.stop", "aks.cluster.stopped", "Stopping")


def start(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = existing(cloud, call, kind)
    if cluster["properties"]["powerState"]["code"] == "Running":
        raise ArmError(409, "OperationNotAllowed", f"The managed cluster {cluster['name']} is running already.")
    return _begin(cloud, call, cluster, "azure.cluster.start", "aks.cluster.started", "Starting")


def _stopped(cloud: Cloud, effect: Json) -> None:
    _power(cloud, effect, "Stopped")


def _started(cloud: Cloud, effect: Json) -> None:
    _power(cloud, effect, "Running")


def _power(cloud: Cloud, effect: Json, code: str) -> None:
    """The machines come and go; the cluster keeps what its API server knows."""
    cluster = cloud.get(CLUSTERS, effect["id"].lower())
    if cluster is None:
        return
    cluster["properties"] |= {"powerState": {"code": code}, "provisioningState": "Succeeded"}
    cloud.put(CLUSTERS, cluster["id"].lower(), cluster)
    for pool in pools_of(cloud, cluster["id"]):
        pool["properties"]["powerState"] = {"code": code}
        finish(cloud, cluster, pool, short=False)


# other acts


def abort(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """Stop what runs; what it has not changed yet stays as it was."""
    document = existing(cloud, call, kind)
    if not operations.is_busy(cloud, document):
        raise bad_request("OperationNotAllowed", f"There is no operation to abort on {document['name']}.")
    operations.cancel(cloud, document)
    document["properties"]["provisioningState"] = "Canceled"
    cloud.put(kind.collection, document["id"].lower(), document)
    return Answer(204)


def rotate(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = existing(cloud, call, kind)
    check_idle(cloud, cluster)
    return _begin(cloud, call, cluster, "azure.cluster.update", "aks.cluster.rotated", "RotatingClusterCertificates")


def _rotated(cloud: Cloud, effect: Json) -> None:
    cluster = cloud.get(CLUSTERS, effect["id"].lower())
    if cluster is not None:
        cluster["_rotations"] += 1
        cluster["properties"]["provisioningState"] = "Succeeded"
        cloud.put(CLUSTERS, cluster["id"].lower(), cluster)


def upgrade_image(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """New machines from the newest node image."""
    pool = existing(cloud, call, kind)
    check_changeable(cloud, cluster_of(cloud, pool["id"]), [pool])
    pool["properties"]["_new_image"] = True
    return _begin(cloud, call, pool, "azure.agent_pool.upgrade", "aks.pool.ready", "UpgradingNodeImageVersion")


def delete_machines(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    given = models.check("containerservice.AgentPoolDeleteMachinesParameter", call.body)
    pool = existing(cloud, call, kind)
    cluster = cluster_of(cloud, pool["id"])
    check_changeable(cloud, cluster, [pool])
    names = [str(name) for name in given.get("machineNames", [])]
    known = {
        aks_nodes.node_name(row)
        for row in aks_nodes.machines_of(cloud, aks_nodes.scale_set_id(cloud, cluster, pool["name"]))
    }
    if not names or not {name.lower() for name in names} <= known:
        raise bad_request(
            "InvalidParameter",
            f"machineNames {names} are not all machines of agent pool {pool['name']}.",
            "machineNames",
        )
    for name in names:
        aks_nodes.remove_machine(cloud, cluster, pool, name)
    pool["properties"]["count"] -= len(names)
    return _begin(cloud, call, pool, "azure.agent_pool.update", "aks.pool.ready", "Scaling")


# reads


def cluster_upgrades(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = existing(cloud, call, kind)
    version = cluster["properties"].get("currentKubernetesVersion", cluster["properties"]["_version"])
    upgrades = [{"kubernetesVersion": one, "isPreview": False} for one in targets(version)]
    pools = [
        {
            "kubernetesVersion": row["properties"]["currentOrchestratorVersion"],
            "name": row["name"],
            "osType": row["properties"]["osType"],
            "upgrades": [{"kubernetesVersion": one} for one in _pool_targets(row, version)],
        }
        for row in pools_of(cloud, cluster["id"])
    ]
    profile = {"kubernetesVersion": version, "osType": "Linux", **({"upgrades": upgrades} if upgrades else {})}
    return Answer(200, {"id": f"{cluster['id']}/upgradeprofiles/default", "name": "default",
                        "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
                        "properties": {"controlPlaneProfile": profile, "agentPoolProfiles": pools}})  # fmt: skip


def _pool_targets(pool: Json, control_plane: str) -> list[str]:
    """Nodes go no further than their control plane."""
    found = targets(pool["properties"]["currentOrchestratorVersion"])
    return [one for one in found if numbers(one) <= numbers(control_plane)]


def pool_upgrades(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    pool = existing(cloud, call, kind)
    control_plane = cluster_of(cloud, pool["id"])["properties"]["_version"]
    upgrades = [{"kubernetesVersion": one, "isPreview": False} for one in _pool_targets(pool, control_plane)]
    properties: Json = {
        "kubernetesVersion": pool["properties"]["currentOrchestratorVersion"],
        "osType": pool["properties"]["osType"],
        "latestNodeImageVersion": node_image(cloud.now()),
        **({"upgrades": upgrades} if upgrades else {}),
    }
    kind_of_profile = "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles"
    profile = {"id": f"{pool['id']}/upgradeProfiles/default", "name": "default", "type": kind_of_profile}
    return Answer(200, {**profile, "properties": properties})


def available_pool_versions(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    cluster = existing(cloud, call, kind)
    limit = numbers(cluster["properties"]["_version"])
    found = [
        one
        for patches in PATCHES.values()
        for one in patches
        if numbers(one) <= limit and limit[1] - numbers(one)[1] <= 3
    ]
    versions = [{"kubernetesVersion": one, "default": numbers(one) == limit, "isPreview": False} for one in found]
    return Answer(200, {"id": f"{cluster['id']}/availableagentpoolversions/default", "name": "default",
                        "type": "Microsoft.ContainerService/managedClusters/availableAgentpoolVersions",
                        "properties": {"agentPoolVersions": versions}})  # fmt: skip


MAINTENANCE = Kind(
    "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
    "maintenance_configuration",
    "containerservice.MaintenanceConfiguration",
    tracked=False,
    synchronous=True,
)
KINDS = (CLUSTER, POOL, MAINTENANCE)
EFFECTS = {"aks.cluster.stopped": _stopped, "aks.cluster.started": _started, "aks.cluster.rotated": _rotated}
_CLUSTER_ACTS: dict[str, Verb] = {
    "start": start,
    "stop": stop,
    "abort": abort,
    "rotateClusterCertificates": rotate,
    "listClusterUserCredential": aks_access.user_credential,
    "listClusterAdminCredential": aks_access.admin_credential,
    "accessProfiles/{role}/listCredential": aks_access.access_profile,
    "listClusterMonitoringUserCredential": aks_access.monitoring_credential,
}
_POOL_ACTS: dict[str, Verb] = {
    "abort": abort, "upgradeNodeImageVersion": upgrade_image, "deleteMachines": delete_machines,
}  # fmt: skip


def _acts(kind: Kind, acts: dict[str, Verb]) -> list[Route]:
    one = templates_of(kind)[0]
    return [
        Route("POST", f"{one}/{word}", f"{kind.type}/{word.replace('/{role}', '')}/action", _bound(verb, kind))
        for word, verb in acts.items()
    ]


def _bound(verb: Verb, kind: Kind) -> Any:
    return lambda cloud, call: verb(cloud, call, kind)


def _reads(kind: Kind, reads: dict[str, Verb]) -> list[Route]:
    one = templates_of(kind)[0]
    return [
        Route("GET", f"{one}/{word}", f"{kind.type}/{word.partition('/')[0]}/read", _bound(verb, kind))
        for word, verb in reads.items()
    ]


ROUTES = [
    *routes_of(CLUSTER, put_with=put_cluster, patch_with=patch_cluster, delete_with=delete_cluster),
    *routes_of(POOL, put_with=put_pool, delete_with=delete_pool),
    *routes_of(MAINTENANCE),
    *_acts(CLUSTER, _CLUSTER_ACTS),
    *_acts(POOL, _POOL_ACTS),
    *_reads(
        CLUSTER, {"upgradeProfiles/default": cluster_upgrades, "availableAgentPoolVersions": available_pool_versions}
    ),
    *_reads(POOL, {"upgradeProfiles/default": pool_upgrades}),
]
