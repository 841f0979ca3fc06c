"""Lists of Azure that several parts need, and whose things they show. Reads only; pure but for the lists.

Kubernetes and AKS put what they make into the cluster's node resource group, which goes with the cluster; what they
make elsewhere carries tags that name the cluster: https://cloud-provider-azure.sigs.k8s.io (k8s-azure-cluster-name,
k8s-azure-service, kubernetes.io-created-for-pvc-*) and AKS's own aks-managed-cluster-name.
Invariant: without such evidence nothing is taken for a cluster's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.naming import group_name, group_of, kind_of, last_segment, node_group_name
from skyclust.providers.azure.sessions import AzureSession

CLUSTERS = "Microsoft.ContainerService/managedClusters"
_NAMING_TAGS = ("aks-managed-cluster-name", "k8s-azure-cluster-name")
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


def node_groups(names: Iterable[str], region: str, living: Iterable[JsonObject]) -> dict[str, str]:
    """Clusters of ours by their node resource groups in lower case: as AKS tells them, else as we name them."""
    wanted = frozenset(names)
    found = {node_group_name(group_name("cluster", region, name)).lower(): name for name in wanted}
    for cluster in living:
        group = str(cluster["properties"].get("nodeResourceGroup") or "").lower()
        if cluster["name"] in wanted and group:
            found[group] = cluster["name"]
    return found


def trace_of(document: JsonObject, groups: dict[str, str], names: Iterable[str]) -> Trace | None:
    """Whose an item of a list is; None when nothing tells that it is one of the clusters'."""
    identifier, tags = str(document["id"]), document.get("tags") or {}
    by_kubernetes = last_segment(identifier).lower() in _KUBERNETES_NAMES or any(t in tags for t in _KUBERNETES_TAGS)
    cluster = groups.get(group_of(identifier).lower())
    if cluster is not None:
        why = f"in the node resource group of {cluster}"
        return Trace(identifier, cluster, by_kubernetes, f"made by Kubernetes, {why}" if by_kubernetes else why)
    named = next((str(tags[tag]) for tag in _NAMING_TAGS if tag in tags), "")
    if named in frozenset(names):
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
    "virtualnetworks": "virtual network",
}


def noun_of(identifier: str) -> str:
    """What a person calls a thing with this id."""
    word = last_segment(kind_of(identifier))
    return _NOUNS.get(word.lower(), word)
