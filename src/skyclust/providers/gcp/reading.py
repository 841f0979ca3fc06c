"""Lists of the cloud that several parts need: clusters of a network, things that Kubernetes makes. Reads only.

Aggregated lists answer for all regions and zones at once; each pages through to its end.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from skyclust.contract.resources import JsonObject
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.naming import network_path
from skyclust.providers.gcp.sessions import GcpSession, gather
from skyclust.providers.gcp.traces import Findings


async def clusters_of(gcp: GcpSession, network: str) -> list[JsonObject]:
    """Clusters of every location that stand in the network, leaving ones included."""
    parent = f"projects/{gcp.project}/locations/-"
    answer = await gcp.read(lambda apis: apis.container.projects().locations().clusters().list(parent=parent))
    return [cluster for cluster in answer.get("clusters", []) if network_of(cluster, gcp.project) == network]


def network_of(cluster: JsonObject, project: str) -> str:
    """The path of a cluster's network."""
    return network_path(cluster.get("networkConfig", {}).get("network") or cluster.get("network", ""), project)


def cluster_path(gcp: GcpSession, cluster: JsonObject) -> str:
    """The path of a cluster, zonal or regional, as its driver names it."""
    return f"projects/{gcp.project}/locations/{cluster['location']}/clusters/{cluster['name']}"


def is_here(gcp: GcpSession, cluster: JsonObject) -> bool:
    """True for clusters of the session's region and of its zones."""
    location = str(cluster.get("location", ""))
    return location == gcp.region or location.startswith(f"{gcp.region}-")


async def everywhere(gcp: GcpSession, collection: str) -> list[JsonObject]:
    """Every item of a collection that has an aggregated list."""
    return await gcp.aggregated(partial(_aggregated, gcp.project, collection), collection)


async def globally(gcp: GcpSession, collection: str) -> list[JsonObject]:
    """Every item of a global collection."""
    return await gcp.items(partial(_listed, gcp.project, collection))


async def leftover_findings(gcp: GcpSession, clusters: frozenset[str], others: frozenset[str]) -> Findings:
    """Everything in which `traces` may recognise something of the clusters; `others` live there and are not ours."""
    walls, rules, pools, groups, disks = await gather(
        globally(gcp, "firewalls"),
        everywhere(gcp, "forwardingRules"),
        everywhere(gcp, "targetPools"),
        everywhere(gcp, "networkEndpointGroups"),
        everywhere(gcp, "disks"),
    )
    return Findings(tuple(walls), tuple(rules), tuple(pools), tuple(groups), tuple(disks), clusters, others)


def _aggregated(project: str, collection: str, apis: Apis, token: str | None) -> Any:
    return getattr(apis.compute, collection)().aggregatedList(project=project, pageToken=token)


def _listed(project: str, collection: str, apis: Apis, token: str | None) -> Any:
    return getattr(apis.compute, collection)().list(project=project, pageToken=token)
