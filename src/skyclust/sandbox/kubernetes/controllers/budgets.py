"""PodDisruptionBudgets: how many pods may be evicted now, and the judgement over one eviction.

Called when pods or budgets change, and by eviction.
"""

from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import (
    condition,
    controller_of,
    is_finished,
    is_going,
    is_ready,
    scaled,
    set_status,
)
from skyclust.sandbox.kubernetes.selectors import matches_selector
from skyclust.sandbox.kubernetes.statuses import ApiError, too_many_requests

Document = dict[str, Any]

OWNERS = ("deployments.apps", "replicasets.apps", "statefulsets.apps", "replicationcontrollers")
BUDGETS = "poddisruptionbudgets.policy"
REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."


def reconcile(cluster: Cluster) -> None:
    for budget in cluster.objects.all(BUDGETS):
        status = _status(cluster, budget)
        set_status(cluster, cluster.resource("policy", "PodDisruptionBudget"), budget, status)


def _covered(cluster: Cluster, budget: Document) -> list[Document]:
    pods = cluster.objects.all("pods", budget["metadata"]["namespace"])
    selector = budget["spec"].get("selector")
    return [pod for pod in pods if matches_selector(selector, pod["metadata"].get("labels") or {})]


def _status(cluster: Cluster, budget: Document) -> Document:
    pods = [pod for pod in _covered(cluster, budget) if not is_finished(pod)]
    healthy = sum(1 for pod in pods if is_ready(pod) and not is_going(pod))
    expected = _expected(cluster, pods) if _counts_owners(budget) else len(pods)
    desired = _desired(budget["spec"], expected)
    allowed = max(healthy - desired, 0) if expected > 0 else 0
    reason = "SufficientPods" if allowed > 0 else "InsufficientPods"
    made = condition("DisruptionAllowed", allowed > 0, reason, "", now=cluster.timestamp(), old=budget.get("status"))
    generation = budget["metadata"]["generation"]
    return {
        "conditions": [{**made, "message": "", "observedGeneration": generation}],
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": generation,
    }


def _counts_owners(budget: Document) -> bool:
    """Whole numbers in minAvailable need no knowledge of what owns the pods."""
    return not isinstance(budget["spec"].get("minAvailable"), int)


def _expected(cluster: Cluster, pods: list[Document]) -> int:
    """What the owners of these pods want in total."""
    wanted: dict[str, int] = {}
    for pod in pods:
        owner = controller_of(pod)
        found = cluster.objects.by_uid(owner["uid"]) if owner else None
        if found is not None:
            wanted[found[1]["metadata"]["uid"]] = int(found[1].get("spec", {}).get("replicas", 1))
    return sum(wanted.values()) or len(pods)


def _desired(spec: Document, expected: int) -> int:
    if "maxUnavailable" in spec:
        return max(expected - scaled(spec["maxUnavailable"], expected, up=True), 0)
    return scaled(spec.get("minAvailable", 1), expected, up=True)


def allows_eviction(cluster: Cluster, pod: Document, *, record: bool) -> None:
    """Raises the 429 of a budget with nothing left; else, with `record`, uses one of its disruptions up."""
    if is_finished(pod) or is_going(pod) or pod.get("status", {}).get("phase") == "Pending":
        return
    labels = pod["metadata"].get("labels") or {}
    budgets = cluster.objects.all(BUDGETS, pod["metadata"]["namespace"])
    covering = [budget for budget in budgets if matches_selector(budget["spec"].get("selector"), labels)]
    if len(covering) > 1:
        raise ApiError(
            500,
            "InternalError",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        )
    for budget in covering:
        status = _status(cluster, budget)
        if status["disruptionsAllowed"] <= 0:
            if not is_ready(pod) and status["currentHealthy"] >= status["desiredHealthy"]:
                return
            raise _refused(budget, status)
        if record:
            used = {**status, "disruptionsAllowed": status["disruptionsAllowed"] - 1}
            set_status(cluster, cluster.resource("policy", "PodDisruptionBudget"), budget, used)


def _refused(budget: Document, status: Document) -> ApiError:
    message = (
        f"The disruption budget {budget['metadata']['name']} needs {status['desiredHealthy']} healthy pods and has "
        f"{status['currentHealthy']} currently"
    )
    return too_many_requests(REFUSAL, [{"reason": "DisruptionBudget", "message": message}])
