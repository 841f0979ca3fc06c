"""The scheduler: gives pending pods a node, the one with most room left, or says why none will do."""

from collections import Counter
from decimal import Decimal
from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers import placement
from skyclust.sandbox.kubernetes.controllers.events import record
from skyclust.sandbox.kubernetes.controllers.placement import Amounts
from skyclust.sandbox.kubernetes.controllers.pods import is_finished, is_going, pod_condition

Document = dict[str, Any]

SCHEDULER = "default-scheduler"


def reconcile(cluster: Cluster) -> None:
    pending = [pod for pod in cluster.objects.all("pods") if not pod["spec"].get("nodeName") and not is_going(pod)]
    if not pending:
        return
    nodes = {node["metadata"]["name"]: node for node in cluster.objects.all("nodes")}
    free = {name: placement.allocatable(node) for name, node in nodes.items()}
    for pod in cluster.objects.all("pods"):
        if pod["spec"].get("nodeName") in free and not is_finished(pod):
            _take(free[pod["spec"]["nodeName"]], placement.requests(pod["spec"]))
    for pod in sorted(
        pending, key=lambda pod: (-pod["spec"].get("priority", 0), int(pod["metadata"]["resourceVersion"]))
    ):
        _place(cluster, pod, nodes, free)


def _take(free: Amounts, wanted: Amounts) -> None:
    for name, amount in wanted.items():
        free[name] = free.get(name, Decimal(0)) - amount


def _place(cluster: Cluster, pod: Document, nodes: dict[str, Document], free: dict[str, Amounts]) -> None:
    wanted = placement.requests(pod["spec"])
    refusals = {name: obstacle(node, pod["spec"], free[name], wanted) for name, node in nodes.items()}
    possible = [name for name, refusal in refusals.items() if not refusal]
    if not possible:
        _say_why(cluster, pod, Counter(refusals.values()), len(nodes))
        return
    chosen = max(
        possible, key=lambda name: (free[name].get("pods", Decimal(0)), free[name].get("cpu", Decimal(0)), name)
    )
    _take(free[chosen], wanted)
    bind(cluster, pod, chosen)


def obstacle(node: Document, spec: Document, free: Amounts, wanted: Amounts) -> str:
    """Why this node will not do, in the scheduler's words; empty when it will."""
    if not placement.is_node_ready(node):
        return "node(s) were not ready"
    if not placement.accepts_new(node, spec):
        return "node(s) were unschedulable"
    taint = placement.untolerated(node, spec, ("NoSchedule", "NoExecute"))
    if taint is not None:
        return f"node(s) had untolerated taint(s) {{{taint['key']}: {taint.get('value', '')}}}"
    if not placement.fits_labels(node, spec):
        return "node(s) didn't match Pod's node affinity/selector"
    lacking = placement.lacks(free, wanted)
    if not lacking:
        return ""
    return "Too many pods" if lacking == ["pods"] else f"Insufficient {min(set(lacking) - {'pods'})}"


def bind(cluster: Cluster, pod: Document, node_name: str) -> None:
    status = pod.get("status") or {}
    scheduled = pod_condition("PodScheduled", True, "", "", now=cluster.timestamp(), old=status)
    others = [entry for entry in status.get("conditions") or () if entry["type"] != "PodScheduled"]
    bound = {
        **pod,
        "spec": {**pod["spec"], "nodeName": node_name},
        "status": {**status, "conditions": [*others, scheduled]},
    }
    writing.change(cluster, cluster.resource("", "Pod"), pod, bound)
    metadata = pod["metadata"]
    message = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node_name}"
    record(cluster, pod, "Scheduled", message, component=SCHEDULER)


def _say_why(cluster: Cluster, pod: Document, refusals: Counter[str], total: int) -> None:
    reasons = ", ".join(sorted(f"{count} {reason}" for reason, count in refusals.items()))
    message = f"0/{total} nodes are available: {reasons}." if total else "no nodes available to schedule pods"
    status = pod.get("status") or {}
    unscheduled = pod_condition("PodScheduled", False, "Unschedulable", message, now=cluster.timestamp(), old=status)
    changed = {**pod, "status": {**status, "phase": "Pending", "conditions": [unscheduled]}}
    if writing.change(cluster, cluster.resource("", "Pod"), pod, changed) is not pod:
        record(cluster, pod, "FailedScheduling", message, component=SCHEDULER, warning=True)
