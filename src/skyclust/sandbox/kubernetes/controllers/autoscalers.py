"""HorizontalPodAutoscalers: size a workload by the load its pods show, every 15 seconds of cloud time.

Knows the `Resource` metrics (utilization or average value of cpu and memory), as metrics-server feeds them.
Source: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
"""

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster, parse_time
from skyclust.sandbox.kubernetes.controllers.pods import condition, is_ready, living, set_status
from skyclust.sandbox.kubernetes.metrics import container_load
from skyclust.sandbox.kubernetes.quantities import format_bytes, format_cpu, parse_quantity
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.selectors import matches_selector

Document = dict[str, Any]

AUTOSCALERS = "horizontalpodautoscalers.autoscaling"
PERIOD = timedelta(seconds=15)
STABLE_FOR = timedelta(seconds=300)  # before fewer pods are wanted again
TOLERANCE = Decimal("0.1")


def reconcile(cluster: Cluster) -> datetime | None:
    autoscalers = cluster.objects.all(AUTOSCALERS)
    for autoscaler in autoscalers:
        _adjust(cluster, autoscaler)
    return cluster.now() + PERIOD if autoscalers else None


def _adjust(cluster: Cluster, autoscaler: Document) -> None:
    reference, namespace = autoscaler["spec"]["scaleTargetRef"], autoscaler["metadata"]["namespace"]
    kind = next((r for r in cluster.resources() if _names(reference, r) and "scale" in r.subresources), None)
    target = cluster.objects.get(kind.collection, namespace, reference["name"]) if kind else None
    old, now = autoscaler.get("status") or {}, cluster.timestamp()
    if kind is None or target is None:
        failed = condition("AbleToScale", False, "FailedGetScale", "the target was not found", now=now, old=old)
        status: Document = {"desiredReplicas": 0, "conditions": [failed]}
    else:
        status = _scale(cluster, autoscaler, kind, target)
    set_status(cluster, cluster.resource("autoscaling", "HorizontalPodAutoscaler"), autoscaler, status)


def _scale(cluster: Cluster, autoscaler: Document, kind: Resource, target: Document) -> Document:
    """Gives the target its size; the status that says so."""
    old, now = autoscaler.get("status") or {}, cluster.timestamp()
    pods = living(cluster.objects.all("pods", autoscaler["metadata"]["namespace"]))
    pods = [pod for pod in pods if is_ready(pod) and _selects(target, pod)]
    readings = [_measure(cluster, metric, pods) for metric in autoscaler["spec"].get("metrics") or ()]
    measured = [reading for reading in readings if reading is not None]
    current = int(target["spec"]["replicas"])
    wanted = _wanted(autoscaler, current, [ratio for ratio, _ in measured], cluster.now())
    changed_at = old.get("lastScaleTime")
    if wanted != current:
        writing.change(cluster, kind, target, {**target, "spec": {**target["spec"], "replicas": wanted}})
        changed_at = now
    able = condition("AbleToScale", True, "ReadyForNewScale", "the target can be scaled", now=now, old=old)
    return {
        "currentReplicas": current,
        "desiredReplicas": wanted,
        "currentMetrics": [shown for _, shown in measured],
        "conditions": [able, _active(bool(measured), now, old)],
        **({"lastScaleTime": changed_at} if changed_at else {}),
    }


def _names(reference: Document, resource: Resource) -> bool:
    return (reference.get("apiVersion"), reference["kind"]) == (resource.api_version, resource.kind)


def _selects(target: Document, pod: Document) -> bool:
    return matches_selector(target["spec"].get("selector"), pod["metadata"].get("labels") or {})


def _active(measured: bool, now: str, old: Document) -> Document:
    if measured:
        message = "the HPA was able to successfully calculate a replica count from the metrics"
        return condition("ScalingActive", True, "ValidMetricFound", message, now=now, old=old)
    message = "no pod of the target asks for the resource that is measured"
    return condition("ScalingActive", False, "FailedGetResourceMetric", message, now=now, old=old)


def _measure(cluster: Cluster, metric: Document, pods: list[Document]) -> tuple[Decimal, Document] | None:
    """(load over target, the entry of `currentMetrics`); None when there is nothing to go by."""
    source = metric.get("resource") or {}
    name, target = source.get("name"), source.get("target") or {}
    if metric.get("type") != "Resource" or name not in {"cpu", "memory"} or not pods:
        return None
    containers = [(pod, container) for pod in pods for container in pod["spec"]["containers"]]
    used = sum((container_load(cluster, *pair)[0 if name == "cpu" else 1] for pair in containers), Decimal(0))
    asked = sum((_request(container, name) for _, container in containers), Decimal(0))
    average = used / len(pods)
    shown: Document = {"averageValue": format_cpu(average) if name == "cpu" else format_bytes(average)}
    if target.get("type") == "Utilization":
        if not asked:
            return None
        shown["averageUtilization"] = int(used * 100 / asked)
        ratio = used * 100 / asked / target["averageUtilization"]
    else:
        ratio = average / (parse_quantity(target.get("averageValue", "0")) or average)
    return ratio, {"type": "Resource", "resource": {"name": name, "current": shown}}


def _request(container: Document, name: str) -> Decimal:
    return parse_quantity(((container.get("resources") or {}).get("requests") or {}).get(name, "0"))


def _wanted(autoscaler: Document, current: int, ratios: list[Decimal], now: datetime) -> int:
    """The largest size any metric asks for, within bounds; not smaller soon after a change; 0 switches scaling off."""
    if current == 0:
        return 0
    spec = autoscaler["spec"]
    proposals = [current if abs(ratio - 1) <= TOLERANCE else math.ceil(current * ratio) for ratio in ratios]
    wanted = max(proposals, default=current)
    last = (autoscaler.get("status") or {}).get("lastScaleTime") or autoscaler["metadata"]["creationTimestamp"]
    if wanted < current and now - parse_time(last) < STABLE_FOR:
        wanted = current
    return int(min(max(wanted, spec.get("minReplicas", 1)), spec["maxReplicas"]))
