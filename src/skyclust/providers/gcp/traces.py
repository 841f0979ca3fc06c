"""How to recognise what Kubernetes made inside a network, and for which cluster. Pure.

Called by the sweep (drivers/leftovers.py) and by the inventory. Names and labels follow GKE's controllers:
service load balancers are called `a<uid>`, with firewall rules `k8s-fw-a<uid>` and `k8s-<hash>-node-http-hc` whose
target tag `gke-<cluster>-<hash>-node` names the cluster; endpoint groups `k8s1-<cluster uid>-...` tell the same uid in
their description; disks of volume claims `pvc-<uid>` carry the label `goog-k8s-cluster-name`.
Invariant: without evidence that names one of the given clusters nothing is taken for theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from skyclust.contract.resources import JsonObject
from skyclust.providers.gcp.naming import last_segment, relative_path, segment_after

_NODE_TAG = re.compile(r"gke-(.+)-[0-9a-f]{8}-node")
_GKE_FIREWALL = re.compile(r"gke-(.+)-[0-9a-f]{8}-[a-z]+")
_UID_FIREWALL = re.compile(r"k8s2?-([0-9a-z]{8,16})-.*")
#: GKE may shorten long cluster names inside the names of other things, never below this.
_SHORTEST_CUT = 25
CLUSTER_LABEL = "goog-k8s-cluster-name"
LOCATION_LABEL = "goog-k8s-cluster-location"


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that Kubernetes or GKE made for `cluster`, and how that was recognised."""

    kind: str
    path: str
    cluster: str
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What lists of Compute showed, each item as Google answered it; `others` are clusters that are not ours."""

    firewalls: tuple[JsonObject, ...] = ()
    forwarding_rules: tuple[JsonObject, ...] = ()
    target_pools: tuple[JsonObject, ...] = ()
    endpoint_groups: tuple[JsonObject, ...] = ()
    disks: tuple[JsonObject, ...] = ()
    clusters: frozenset[str] = field(default_factory=frozenset)
    others: frozenset[str] = field(default_factory=frozenset)

    def owner(self, text: str) -> str | None:
        """The cluster of ours that `text`, cut out of a name that GKE made, stands for."""
        if text in self.clusters:
            return text
        if text in self.others or len(text) < _SHORTEST_CUT:
            return None
        return next((cluster for cluster in sorted(self.clusters) if cluster.startswith(text)), None)


def traces(found: Findings, network: str, region: str) -> list[Trace]:
    """Everything of `found.clusters` in the order of removal: firewall rules, the evidence, come last."""
    walls = [trace for wall in found.firewalls if (trace := _firewall(wall, network, found))]
    balancers = {last_segment(trace.path).removeprefix("k8s-fw-"): trace.cluster for trace in walls}
    uids = {match[1]: trace.cluster for trace in walls if (match := _UID_FIREWALL.fullmatch(last_segment(trace.path)))}
    uids.pop("fw", None)
    pools = _target_pools(found, balancers, region)
    rules = _forwarding_rules(found, balancers, {trace.path: trace.cluster for trace in pools})
    groups = [
        trace for group in found.endpoint_groups if (trace := _endpoint_group(group, network, uids, found.clusters))
    ]
    disks = [trace for disk in found.disks if (trace := _disk(disk, region, found.clusters))]
    return [*rules, *pools, *groups, *disks, *walls]


def path_of(document: JsonObject) -> str:
    """The relative path of anything that Compute lists."""
    return relative_path(document.get("selfLink", ""))


def _firewall(wall: JsonObject, network: str, found: Findings) -> Trace | None:
    if relative_path(wall.get("network", "")) != network:
        return None
    name = wall["name"]
    for tag in wall.get("targetTags", []) if name.startswith("k8s") else ():
        match = _NODE_TAG.fullmatch(tag)
        owner = found.owner(match[1]) if match else None
        if owner:
            return Trace("firewalls", path_of(wall), owner, f"firewall rule of Kubernetes for nodes tagged {tag}")
    match = _GKE_FIREWALL.fullmatch(name)
    owner = found.owner(match[1]) if match else None
    return Trace("firewalls", path_of(wall), owner, f"firewall rule of GKE for {owner}") if owner else None


def _target_pools(found: Findings, balancers: dict[str, str], region: str) -> list[Trace]:
    return [
        Trace("targetPools", path_of(pool), owner, f"load balancer of a Service of {owner}")
        for pool in found.target_pools
        if segment_after(path_of(pool), "regions") == region
        and "kubernetes.io/" in pool.get("description", "")
        and (owner := balancers.get(pool["name"]))
    ]


def _forwarding_rules(found: Findings, balancers: dict[str, str], pools: dict[str, str]) -> list[Trace]:
    traced = []
    for rule in found.forwarding_rules:
        owner = rule.get("labels", {}).get(CLUSTER_LABEL)
        owner = owner if owner in found.clusters else None
        owner = owner or pools.get(relative_path(rule.get("target", "")))
        if owner is None and "kubernetes.io/" in rule.get("description", ""):
            owner = balancers.get(rule["name"])
        if owner:
            traced.append(Trace("forwardingRules", path_of(rule), owner, f"load balancer of a Service of {owner}"))
    return traced


def _endpoint_group(group: JsonObject, network: str, uids: dict[str, str], clusters: Iterable[str]) -> Trace | None:
    if relative_path(group.get("network", "")) != network or not group["name"].startswith("k8s"):
        return None
    label = group.get("annotations", {}).get(CLUSTER_LABEL)
    owner = label if label in clusters else uids.get(_described(group).get("cluster-uid", ""))
    if owner is None:
        return None
    return Trace("networkEndpointGroups", path_of(group), owner, f"endpoints of a Service of {owner}")


def _disk(disk: JsonObject, region: str, clusters: Iterable[str]) -> Trace | None:
    labels = disk.get("labels", {})
    owner = labels.get(CLUSTER_LABEL)
    where = labels.get(LOCATION_LABEL) or segment_after(path_of(disk), "zones")
    if owner not in clusters or disk.get("users") or not str(disk["name"]).startswith("pvc-"):
        return None
    if where != region and not where.startswith(f"{region}-"):
        return None
    return Trace("disks", path_of(disk), owner, f"volume that a claim in {owner} left")


def _described(document: JsonObject) -> dict[str, str]:
    try:
        value = json.loads(document.get("description") or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
