"""DaemonSets: one pod on every node that fits."""

from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.placement import fits_labels, tolerates_taints
from skyclust.sandbox.kubernetes.controllers.pods import (
    delete_pod,
    is_going,
    is_ready,
    living,
    make_pod,
    owned,
    set_status,
    template_hash,
)

Document = dict[str, Any]

HASH_LABEL = "controller-revision-hash"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
TOLERATIONS = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect} for key, effect in _TOLERATED
]


def reconcile(cluster: Cluster) -> None:
    for daemon_set in cluster.objects.all("daemonsets.apps"):
        if not is_going(daemon_set):
            _spread(cluster, daemon_set)


def _spread(cluster: Cluster, daemon_set: Document) -> None:
    resource = cluster.resource("apps", "DaemonSet")
    digest = template_hash(daemon_set["spec"]["template"])
    spec = _pod_spec(daemon_set)
    nodes = {n["metadata"]["name"] for n in cluster.objects.all("nodes") if _suits(n, spec)}
    _replace_outdated(cluster, daemon_set, digest)
    running = {_node_of(pod): pod for pod in living(owned(cluster, "pods", daemon_set))}
    for name in sorted(running.keys() - nodes):
        delete_pod(cluster, running[name])
    for name in sorted(nodes - running.keys()):
        placed = {"tolerations": spec["tolerations"], "affinity": _on_node(spec, name)}
        labels = {HASH_LABEL: digest, "pod-template-generation": str(daemon_set["metadata"]["generation"])}
        make_pod(cluster, resource, daemon_set, daemon_set["spec"]["template"], labels=labels, spec=placed)
    pods = [pod for pod in living(owned(cluster, "pods", daemon_set)) if _node_of(pod) in nodes]
    set_status(cluster, resource, daemon_set, _status(daemon_set, pods, len(nodes), digest))


def _pod_spec(daemon_set: Document) -> Document:
    spec = daemon_set["spec"]["template"]["spec"]
    return {**spec, "tolerations": [*(spec.get("tolerations") or []), *TOLERATIONS]}


def _suits(node: Document, spec: Document) -> bool:
    return fits_labels(node, spec) and tolerates_taints(node, spec)


def _on_node(spec: Document, name: str) -> Document:
    """The affinity that ties a daemon's pod to its node, as the real controller writes it."""
    field = {"key": "metadata.name", "operator": "In", "values": [name]}
    required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    affinity = spec.get("affinity") or {}
    tied = {**affinity.get("nodeAffinity", {}), "requiredDuringSchedulingIgnoredDuringExecution": required}
    return {**affinity, "nodeAffinity": tied}


def _node_of(pod: Document) -> str:
    affinity = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return str(affinity["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])


def _replace_outdated(cluster: Cluster, daemon_set: Document, digest: str) -> None:
    """One node at a time: the next goes once all others are ready."""
    if daemon_set["spec"]["updateStrategy"]["type"] != "RollingUpdate":
        return
    pods = living(owned(cluster, "pods", daemon_set))
    outdated = [pod for pod in pods if pod["metadata"]["labels"].get(HASH_LABEL) != digest]
    if outdated and all(is_ready(pod) for pod in pods if pod not in outdated):
        delete_pod(cluster, outdated[0])


def _status(daemon_set: Document, pods: list[Document], wanted: int, digest: str) -> Document:
    ready = sum(1 for pod in pods if is_ready(pod))
    updated = sum(1 for pod in pods if pod["metadata"]["labels"].get(HASH_LABEL) == digest)
    status = {
        "currentNumberScheduled": len(pods),
        "desiredNumberScheduled": wanted,
        "numberMisscheduled": 0,
        "numberReady": ready,
        "observedGeneration": daemon_set["metadata"]["generation"],
    }
    optional = {"updatedNumberScheduled": updated, "numberAvailable": ready, "numberUnavailable": wanted - ready}
    return status | {name: count for name, count in optional.items() if count}
