"""Lists of Azure that several parts need, and whose things they show. Reads only; pure but for the lists.

Kubernetes and AKS put what they make into the cluster's node resource group, which goes with the cluster; what they
make elsewhere carries tags of theirs (https://cloud-provider-azure.sigs.k8s.io: k8s-azure-service,
kubernetes.io-created-for-pvc-*; AKS: aks-managed-cluster-name), of which only the last names the cluster.
Invariant: without such evidence nothing is taken for a cluster's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from skyclust.contract.resources import JsonObject
from skyclust.contract.surveys import owner_by_tags
from skyclust.providers.azure.naming import group_name, group_of, kind_of, last_segment, node_group_name
from skyclust.providers.azure.sessions import AzureSession

CLUSTERS = "Microsoft.ContainerService/managedClusters"
_NAMING_TAG = "aks-managed-cluster-name"
_KUBERNETES_TAGS = ("k8s-azure-service", "k8s-azure-cluster-name", "kubernetes.io-created-for-pvc-name")
_KUBERNETES_NAMES = ("kubernetes", "kubernetes-internal")


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing of a cluster: `by_kubernetes` when controllers inside made it, else AKS did."""

    id: str
    cluster: str
    by_kubernetes: bool
    why: str


async def clusters_in(az: AzureSession, network_id: str) -> list[JsonObject]:
    """Clusters with a pool in the network, leaving ones included."""
    return [cluster for cluster in await az.items(az.within(CLUSTERS)) if stands_in(cluster, network_id)]


def stands_in(cluster: JsonObject, network_id: str) -> bool:
    """Whether a pool of the cluster is in the network."""
    subnets = [str(pool.get("vnetSubnetID") or "") for pool in cluster["properties"].get("agentPoolProfiles") or []]
    return any(lies_in(subnet, network_id) for subnet in subnets)


def lies_in(identifier: str, above: str) -> bool:
    """Whether an id is inside of another."""
    return identifier.lower().startswith(f"{above.lower()}/")


@dataclass(frozen=True, slots=True)
class Groups:
    """Clusters by the resource groups, in lower case, in which their things are.

    nodes  AKS's group of each cluster: everything in it goes with the cluster
    own    the group a cluster of ours stands in: what Kubernetes was told to put elsewhere is usually there
    swept  names of clusters of ours, living or gone, for which Kubernetes made things
    """

    nodes: Mapping[str, str]
    own: Mapping[str, str]
    swept: frozenset[str]


def groups_of(swept: Iterable[str], region: str, living: Iterable[JsonObject]) -> Groups:
    """As AKS tells them of the living, as we name them for the gone."""
    names = frozenset(swept)
    own = {group_name("cluster", region, name).lower(): name for name in names}
    nodes = {node_group_name(group_name("cluster", region, name)).lower(): name for name in names}
    for cluster in living:
        group = str(cluster["properties"].get("nodeResourceGroup") or "").lower()
        if group and (cluster["name"] in names or owner_by_tags(cluster.get("tags") or {}) is not None):
            nodes[group] = cluster["name"]
        if cluster["name"] in names:
            own[group_of(cluster["id"]).lower()] = cluster["name"]
    return Groups(nodes, own, names)


def trace_of(document: JsonObject, groups: Groups) -> Trace | None:
    """Whose an item of a list is; None when nothing tells that it is one of the clusters'."""
    identifier, tags = str(document["id"]), document.get("tags") or {}
    by_kubernetes = last_segment(identifier).lower() in _KUBERNETES_NAMES or any(t in tags for t in _KUBERNETES_TAGS)
    group = group_of(identifier).lower()
    cluster = groups.nodes.get(group)
    if cluster is not None:
        why = f"in the node resource group of {cluster}"
        swept = by_kubernetes and cluster in groups.swept
        return Trace(identifier, cluster, swept, f"made by Kubernetes, {why}" if by_kubernetes else why)
    if by_kubernetes and group in groups.own:
        cluster = groups.own[group]
        return Trace(identifier, cluster, by_kubernetes=True, why=f"made by Kubernetes in the group of {cluster}")
    named = str(tags.get(_NAMING_TAG, ""))
    if named in groups.swept:
        return Trace(identifier, named, by_kubernetes=True, why=f"its tags name the cluster {named}")
    return None


def whole(identifier: str) -> str:
    """The resource that an address configuration belongs to: a machine's card, a load balancer, a scale set."""
    head, _, tail = identifier.partition("/providers/")
    return f"{head}/providers/{'/'.join(tail.split('/')[:3])}"


_NOUNS = {
    "applicationgateways": "application gateway",
    "azurefirewalls": "firewall",
    "bastionhosts": "bastion host",
    "disks": "disk",
    "loadbalancers": "load balancer",
    "managedclusters": "cluster",
    "natgateways": "NAT gateway",
    "networkinterfaces": "network interface",
    "networksecuritygroups": "network security group",
    "privateendpoints": "private endpoint",
    "publicipaddresses": "public address",
    "routetables": "route table",
    "subnets": "subnet",
    "virtualmachines": "virtual machine",
    "virtualmachinescalesets": "scale set",
    "virtualnetworkgateways": "virtual network gateway",
    "virtualnetworkpeerings": "network peering",
    "virtualnetworks": "virtual network",
}


def noun_of(identifier: str) -> str:
    """What a person calls a thing with this id."""
    word = last_segment(kind_of(identifier))
    return _NOUNS.get(word.lower(), word)
