"""What kubelets and the node lifecycle do: run bound pods, let go of deleted ones, drop pods of nodes that are gone."""

from datetime import datetime, timedelta
from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster, parse_time
from skyclust.sandbox.kubernetes.controllers import placement
from skyclust.sandbox.kubernetes.controllers.events import record
from skyclust.sandbox.kubernetes.controllers.pods import controller_of, delete_pod, is_finished, is_going, pod_condition
from skyclust.sandbox.kubernetes.nodes import derived_ip

Document = dict[str, Any]

JOB_SECONDS = 1  # cloud seconds
CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")


def reconcile(cluster: Cluster) -> datetime | None:
    """Looks again when the next job's pod is done."""
    ends: list[datetime] = []
    nodes = {node["metadata"]["name"]: node for node in cluster.objects.all("nodes")}
    for pod in cluster.objects.all("pods"):
        name = pod["spec"].get("nodeName")
        if not name:
            continue
        node = nodes.get(name)
        if node is None or is_going(pod):
            _let_go(cluster, pod)
        elif placement.untolerated(node, pod["spec"], ("NoExecute",)) and not is_finished(pod):
            delete_pod(cluster, pod)
        elif pod.get("status", {}).get("phase", "Pending") == "Pending":
            _start(cluster, pod, node)
            ends.append(cluster.now() + timedelta(seconds=JOB_SECONDS))
        elif pod["status"]["phase"] == "Running" and (controller_of(pod) or {}).get("kind") == "Job":
            ends.extend(_work(cluster, pod))
    return min(ends, default=None)


def _work(cluster: Cluster, pod: Document) -> list[datetime]:
    """A job's pod runs for a moment, then has succeeded; until then, when that will be."""
    started = parse_time(pod["status"]["startTime"])
    end = started + timedelta(seconds=JOB_SECONDS)
    if cluster.now() < end:
        return [end]
    now = cluster.timestamp()
    ran = {"exitCode": 0, "reason": "Completed", "startedAt": pod["status"]["startTime"], "finishedAt": now}
    statuses = [
        {**entry, "ready": False, "started": False, "state": {"terminated": ran}}
        for entry in pod["status"]["containerStatuses"]
    ]
    conditions = [_ended(entry, now) for entry in pod["status"]["conditions"]]
    status = {**pod["status"], "phase": "Succeeded", "containerStatuses": statuses, "conditions": conditions}
    writing.change(cluster, cluster.resource("", "Pod"), pod, {**pod, "status": status})
    return []


def _ended(entry: Document, now: str) -> Document:
    if entry["type"] not in {"Ready", "ContainersReady"}:
        return entry
    return {**entry, "status": "False", "reason": "PodCompleted", "lastTransitionTime": now}


def _let_go(cluster: Cluster, pod: Document) -> None:
    """The containers have stopped; only finalizers can still keep the object."""
    if not pod["metadata"].get("finalizers"):
        cluster.objects.remove("pods", pod)
    elif not is_going(pod):
        delete_pod(cluster, pod)
    elif pod["metadata"].get("deletionGracePeriodSeconds"):
        metadata = {**pod["metadata"], "deletionGracePeriodSeconds": 0}
        writing.change(cluster, cluster.resource("", "Pod"), pod, {**pod, "metadata": metadata})


def _start(cluster: Cluster, pod: Document, node: Document) -> None:
    now = cluster.timestamp()
    status = pod.get("status") or {}
    host_ip = _address(node)
    ip = host_ip if pod["spec"].get("hostNetwork") else derived_ip(pod["metadata"]["uid"], _pod_network(node))
    kept = [entry for entry in status.get("conditions") or () if entry["type"] == "PodScheduled"]
    conditions = [pod_condition(kind, True, "", "", now=now, old=status) for kind in CONDITIONS]
    containers = pod["spec"]["containers"]
    running = {
        **status,
        "phase": "Running",
        "conditions": [*conditions, *kept],
        "hostIP": host_ip,
        "hostIPs": [{"ip": host_ip}],
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": now,
        "containerStatuses": [_container(container, now) for container in containers],
    }
    writing.change(cluster, cluster.resource("", "Pod"), pod, {**pod, "status": running})
    names = ", ".join(container["name"] for container in containers)
    record(cluster, pod, "Started", f"Started container {names}", component="kubelet")


def _container(container: Document, now: str) -> Document:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "lastState": {},
        "ready": True,
        "restartCount": 0,
        "started": True,
        "state": {"running": {"startedAt": now}},
    }


def _address(node: Document) -> str:
    addresses = (node.get("status") or {}).get("addresses") or ()
    found = [entry["address"] for entry in addresses if entry["type"] == "InternalIP"]
    return found[0] if found else "10.0.0.1"


def _pod_network(node: Document) -> str:
    return str(node["spec"].get("podCIDR") or "10.244.0.0/16")
