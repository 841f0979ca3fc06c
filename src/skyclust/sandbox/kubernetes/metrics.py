"""What metrics-server would measure: loads that follow from what pods ask for, and drift slowly with cloud time. Pure.

Called for `metrics.k8s.io`. Invariant: the same pod at the same cloud time shows the same load, and a node shows the
sum of its pods and its own system.
"""

import math
import zlib
from decimal import Decimal
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.placement import is_node_ready
from skyclust.sandbox.kubernetes.quantities import parse_quantity

Document = dict[str, Any]

PERIOD_SECONDS = 3600.0
IDLE_CPU, IDLE_MEMORY = Decimal("0.002"), Decimal(12 * 1024**2)  # of a container that asks for nothing
SYSTEM_CPU, SYSTEM_MEMORY = Decimal("0.06"), Decimal(400 * 1024**2)


def of_pod(cluster: Cluster, pod: Document) -> Document | None:
    if pod.get("status", {}).get("phase") != "Running":
        return None
    containers = [
        {"name": container["name"], "usage": _usage(*container_load(cluster, pod, container))}
        for container in pod["spec"]["containers"]
    ]
    return _measured(cluster, pod, "PodMetrics", {"containers": containers})


def of_node(cluster: Cluster, node: Document) -> Document | None:
    if not is_node_ready(node):
        return None
    cpu, memory = SYSTEM_CPU, SYSTEM_MEMORY
    for pod in cluster.objects.all("pods"):
        if pod["spec"].get("nodeName") == node["metadata"]["name"] and pod.get("status", {}).get("phase") == "Running":
            for container in pod["spec"]["containers"]:
                more_cpu, more_memory = container_load(cluster, pod, container)
                cpu, memory = cpu + more_cpu, memory + more_memory
    return _measured(cluster, node, "NodeMetrics", {"usage": _usage(cpu, memory)})


def container_load(cluster: Cluster, pod: Document, container: Document) -> tuple[Decimal, Decimal]:
    """(cores, bytes): 20 to 80 percent of what is asked for."""
    asked = (container.get("resources") or {}).get("requests") or {}
    phase = zlib.crc32(f"{pod['metadata']['uid']}/{container['name']}".encode()) / 2**32
    turn = cluster.now().timestamp() / PERIOD_SECONDS + phase
    share = Decimal(round(0.5 + 0.3 * math.sin(2 * math.pi * turn), 4))
    cpu = parse_quantity(asked["cpu"]) if "cpu" in asked else IDLE_CPU
    memory = parse_quantity(asked["memory"]) if "memory" in asked else IDLE_MEMORY
    return cpu * share, memory * (Decimal("0.6") + share / 4)


def _usage(cpu: Decimal, memory: Decimal) -> Document:
    return {"cpu": f"{int(cpu * 10**9)}n", "memory": f"{int(memory) // 1024}Ki"}


def _measured(cluster: Cluster, source: Document, kind: str, content: Document) -> Document:
    metadata = source["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
    return {
        "kind": kind,
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {**kept, "creationTimestamp": cluster.timestamp()},
        "timestamp": cluster.timestamp(),
        "window": "20s",
        **content,
    }
