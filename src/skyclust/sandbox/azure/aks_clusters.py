"""Managed clusters: put, get, list, tags, delete, and what they bring into the world when their time has come.

Source: https://learn.microsoft.com/rest/api/aks/managed-clusters. Invariant: a cluster that runs is served by the
Kubernetes API under its key, and one that is gone is not.
"""

import re

from skyclust.sandbox.azure import aks_node_groups, aks_nodes, operations
from skyclust.sandbox.azure.aks_access import serve
from skyclust.sandbox.azure.aks_cluster_defaults import complete_cluster, identity_of
from skyclust.sandbox.azure.aks_networks import check_subnets
from skyclust.sandbox.azure.aks_pools import (
    CLUSTERS,
    NAMESPACE,
    NO_CAPACITY,
    POOLS,
    check_vcpus,
    finish,
    is_short,
    pool_document,
    pools_of,
    shown_properties,
)
from skyclust.sandbox.azure.aks_states import check_changeable, not_ready
from skyclust.sandbox.azure.aks_versions import check_skew
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, digits_of, group_of, guid_of, named, new_etag
from skyclust.sandbox.azure.errors import Json, invalid_parameter
from skyclust.sandbox.azure.governance import check_unlocked
from skyclust.sandbox.azure.resources import Change, Kind, begin_patch, begin_put, check_match, document_of, id_in

_SKU = {"name": "Base", "tier": "Free"}


def _render(cloud: Cloud, document: Json) -> Json:
    pools = [{"name": row["name"], **shown_properties(row)} for row in pools_of(cloud, document["id"])]
    shown = {key: value for key, value in document.items() if key != "etag"}
    return {**shown, "eTag": document["etag"], "properties": {**document["properties"], "agentPoolProfiles": pools}}


def put(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    change = begin_put(cloud, call, kind)
    old = change.old
    if old:
        check_idle(cloud, old)
    profiles = change.new.get("properties", {}).get("agentPoolProfiles") or []
    cluster = _document(cloud, change)
    pools = _pools(cloud, change, cluster, profiles)
    network = cluster["properties"]["networkProfile"]
    check_subnets(cloud, cluster["location"], network, [pool["properties"] for pool in pools])
    check_vcpus(cloud, cluster, pools, call.trouble)
    cluster["_custom_subnet"] = bool(pools[0]["properties"].get("vnetSubnetID"))
    if old is None:
        aks_node_groups.check_name_free(cloud, cluster["properties"]["nodeResourceGroup"])
    verb = _verb(old, cluster)
    cluster["properties"]["provisioningState"] = {"create": "Creating", "upgrade": "Upgrading"}.get(verb, "Updating")
    seconds = cloud.take(f"azure.cluster.{verb}", change.id)
    headers = operations.begin(cloud, call, cluster, NAMESPACE, seconds, [{"do": "aks.cluster.ready", "id": change.id}])
    headers.pop("location")
    cloud.put(CLUSTERS, change.id.lower(), cluster)
    for pool in pools:
        cloud.put(POOLS, pool["id"].lower(), pool)
    return Answer(200 if old else 201, kind.show(cloud, cluster), headers)


def check_idle(cloud: Cloud, cluster: Json) -> None:
    """The cluster and all its pools can be changed."""
    check_changeable(cloud, cluster, pools_of(cloud, cluster["id"]))


def _document(cloud: Cloud, change: Change) -> Json:
    node_group = change.properties.get("nodeResourceGroup") or aks_node_groups.default_name(
        group_of(change.id), named(change.id), change.location
    )
    fields: Json = {
        "properties": complete_cluster(cloud, change, node_group),
        "sku": {**_SKU, **change.new.get("sku", {})},
        "kind": "Base",
    }
    identity = identity_of(cloud, change)
    if identity:
        fields["identity"] = identity
    document = document_of(cloud, change, CLUSTER, fields)
    document["_key"] = (change.old or {}).get("_key") or f"azure-{guid_of(f'{change.id}@{cloud.now()}')[:13]}"
    document["_rotations"] = (change.old or {}).get("_rotations", 0)
    return document


def _verb(old: Json | None, cluster: Json) -> str:
    if old is None or "fqdn" not in old["properties"]:
        return "create"
    return "upgrade" if old["properties"]["_version"] != cluster["properties"]["_version"] else "update"


def _pools(cloud: Cloud, change: Change, cluster: Json, profiles: list[Json]) -> list[Json]:
    """All pools of the cluster after the change: those in the body, and those that it does not name."""
    present = {row["name"]: row for row in pools_of(cloud, cluster["id"])}
    if len({row.get("name") for row in profiles}) != len(profiles):
        raise invalid_parameter("agentPoolProfiles", "Two agent pools have the same name.")
    if not profiles and not present:
        raise invalid_parameter("agentPoolProfiles", "A managed cluster needs at least one agent pool profile.")
    made = {}
    for given in profiles:
        name = str(given.get("name", ""))
        inner = Change(change.call, f"{cluster['id']}/agentPools/{name}", {}, present.get(name), change.location)
        made[name] = pool_document(cloud, inner, cluster, given)
    pools = list({**present, **made}.values())
    if not any(row["properties"]["mode"] == "System" for row in pools):
        raise invalid_parameter("agentPoolProfiles", "Must define at least one system pool.")
    for row in pools:
        check_skew(row["properties"]["_version"], cluster["properties"]["_version"])
    return pools


def patch(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    """Tags, which AKS also brings to what it has made: an operation like any other change of the cluster."""
    cluster = begin_patch(cloud, call, kind)
    check_idle(cloud, cluster)
    cluster["properties"]["provisioningState"] = "Updating"
    seconds = cloud.take("azure.cluster.tags", cluster["id"])
    headers = operations.begin(
        cloud, call, cluster, NAMESPACE, seconds, [{"do": "aks.cluster.ready", "id": cluster["id"]}]
    )
    headers.pop("location")
    cloud.put(CLUSTERS, cluster["id"].lower(), cluster)
    return Answer(200, kind.show(cloud, cluster), headers)


def delete(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    wanted = id_in(cloud, call, kind)
    cluster = cloud.get(CLUSTERS, wanted.lower())
    if cluster is None:
        return Answer(204)
    check_unlocked(cloud, wanted)
    check_match(call, cluster, wanted)
    if operations.is_busy(cloud, cluster):
        if cluster["properties"]["provisioningState"] == "Deleting":
            raise not_ready(cluster["name"], "Deleting")
        operations.cancel(cloud, cluster)  # a deletion takes the place of whatever runs
    for pool in pools_of(cloud, cluster["id"]):
        if operations.is_busy(cloud, pool):
            operations.cancel(cloud, pool)
        pool["properties"]["provisioningState"] = "Deleting"
        cloud.put(POOLS, pool["id"].lower(), pool)
    cluster["properties"]["provisioningState"] = "Deleting"
    cluster["etag"] = new_etag()
    effects = [{"do": "resource.gone", "type": CLUSTERS, "id": cluster["id"]}]
    headers = operations.begin(cloud, call, cluster, NAMESPACE, cloud.take("azure.cluster.delete", wanted), effects)
    cloud.put(CLUSTERS, wanted.lower(), cluster)
    return Answer(202, None, headers)


# what happens when their time has come


def _ready(cloud: Cloud, effect: Json) -> None:
    """The cluster is as it was asked for: served, with its node group and all its machines."""
    cluster = cloud.get(CLUSTERS, effect["id"].lower())
    if cluster is None:
        return
    pools = pools_of(cloud, cluster["id"])
    short = any(is_short(cloud, cluster, pool, effect["trouble"]) for pool in pools)
    properties = cluster["properties"]
    aks_node_groups.build(cloud, cluster)
    if short:
        operations.fail(cloud, effect, "ReconcileVMSSAgentPoolFailed", NO_CAPACITY)
        properties["provisioningState"] = "Failed"
    else:
        properties["provisioningState"] = "Succeeded"
        properties["currentKubernetesVersion"] = properties["_version"]
        serve(cloud, cluster)
        properties |= endpoints_of(cloud, cluster)
    cloud.put(CLUSTERS, cluster["id"].lower(), cluster)
    for pool in pools:
        finish(cloud, cluster, pool, short=short)


def endpoints_of(cloud: Cloud, cluster: Json) -> Json:
    """AKS gives bare host names; the sandbox's clusters share a host, so host, port and path stand in their place."""
    where = cloud.kernel.kubernetes.endpoint(cluster["_key"]).removeprefix("https://")
    access = cluster["properties"]["apiServerAccessProfile"]
    host = f"{cluster['properties']['dnsPrefix']}-{digits_of(cluster['_key'])}"
    found = {"azurePortalFQDN": f"{host}.portal.hcp.{cluster['location']}.azmk8s.io"}
    if not access.get("enablePrivateCluster") or access.get("enablePrivateClusterPublicFQDN", True):
        found["fqdn"] = where
    if access.get("enablePrivateCluster"):
        found["privateFQDN"] = where
    return found


def serve_all(cloud: Cloud) -> None:
    """After a start: the Kubernetes API serves what lives, at the address it has now."""
    for key, cluster in cloud.all(CLUSTERS):
        if "azurePortalFQDN" in cluster["properties"]:
            serve(cloud, cluster)
            for pool in pools_of(cloud, cluster["id"]):
                aks_nodes.tell_kubernetes(cloud, cluster, pool)
            cluster["properties"] |= endpoints_of(cloud, cluster)
            cloud.put(CLUSTERS, key, cluster)


def _removed(cloud: Cloud, document: Json) -> None:
    """Everything AKS made goes, with what Kubernetes made in the node group."""
    for pool in pools_of(cloud, document["id"]):
        aks_nodes.remove_pool(cloud, document, pool["name"])
        cloud.remove(POOLS, pool["id"].lower())
    aks_node_groups.remove(cloud, document)
    cloud.kernel.kubernetes.delete(document["_key"])


CLUSTER = Kind(
    "Microsoft.ContainerService/managedClusters",
    "cluster",
    "containerservice.ManagedCluster",
    render=_render,
    removed=_removed,
    name_rule=re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"),
)
EFFECTS = {"aks.cluster.ready": _ready}
