"""Which pods of a node a drain asks to go, which it must not, and which disruption budget holds one. Pure.

As `kubectl drain --ignore-daemonsets` judges, but for what has ended: that is left where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skyclust.clusters.inside import controller_of, items, name_of, namespace_of, number, part, text

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a drain was asked for: `force` takes what nothing makes anew, `delete_emptydir_data` what loses data."""

    force: bool = False
    delete_emptydir_data: bool = False


@dataclass(frozen=True, slots=True)
class Sorted:
    """The pods of a node. `refused` and `kept` come with the reason."""

    going: tuple[Document, ...]
    refused: tuple[tuple[Document, str], ...]
    kept: tuple[tuple[Document, str], ...]


def sort_pods(pods: Sequence[Document], wishes: Wishes) -> Sorted:
    """Each pod into its list, in the order given."""
    kept = [(pod, why) for pod in pods if (why := stays_because(pod))]
    rest = [pod for pod in pods if not stays_because(pod)]
    refused = [(pod, why) for pod in rest if (why := refused_because(pod, wishes))]
    going = [pod for pod in rest if not refused_because(pod, wishes)]
    return Sorted(tuple(going), tuple(refused), tuple(kept))


def stays_because(pod: Document) -> str:
    """Why draining leaves a pod where it is; empty when it has to go."""
    if "kubernetes.io/config.mirror" in part(pod, "metadata", "annotations"):
        return "belongs to the node itself (mirror pod)"
    if controller_of(pod).get("kind") == "DaemonSet":
        return "runs on every node (DaemonSet)"
    if part(pod, "status").get("phase") in ("Succeeded", "Failed"):
        return "has ended already"
    return ""


def refused_because(pod: Document, wishes: Wishes) -> str:
    """What would be lost for good with the pod; empty when nothing, or when that is wished."""
    if not controller_of(pod) and not wishes.force:
        return "Nothing makes it anew elsewhere. Delete it yourself, or drain with force."
    if wishes.delete_emptydir_data:
        return ""
    lost = [text(item.get("name")) for item in items(part(pod, "spec").get("volumes")) if "emptyDir" in item]
    if lost:
        return f"The data in its emptyDir {', '.join(lost)} would be lost. Drain with delete_emptydir_data."
    return ""


def is_going(pod: Document) -> bool:
    """True once it has been asked to end."""
    return part(pod, "metadata").get("deletionTimestamp") is not None


def full_name(document: Document) -> str:
    """namespace/name."""
    return f"{namespace_of(document)}/{name_of(document)}"


def budgets_of(pod: Document, budgets: Sequence[Document]) -> list[Document]:
    """The PodDisruptionBudgets that cover a pod. An empty selector covers all of the namespace, none covers nothing."""
    labels = part(pod, "metadata", "labels")
    return [
        budget
        for budget in budgets
        if namespace_of(budget) == namespace_of(pod) and _selects(part(budget, "spec").get("selector"), labels)
    ]


def _selects(selector: object, labels: Document) -> bool:
    if not isinstance(selector, Mapping):
        return False
    wanted = part(selector, "matchLabels")
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_meets(rule, labels) for rule in items(selector.get("matchExpressions")))


def _meets(rule: Document, labels: Document) -> bool:
    key, given = rule.get("key"), rule.get("values")
    values = given if isinstance(given, list) else []
    has = isinstance(key, str) and key in labels
    value = labels.get(key) if isinstance(key, str) else None
    match rule.get("operator"):
        case "In":
            return has and value in values
        case "NotIn":
            return not has or value not in values
        case "Exists":
            return has
        case "DoesNotExist":
            return not has
        case _:
            return False


def budget_text(budget: Document) -> str:
    """What a budget says now, by its name."""
    status = part(budget, "status")
    needs, has = number(status.get("desiredHealthy")), number(status.get("currentHealthy"))
    return f"the PodDisruptionBudget {full_name(budget)} needs {needs} healthy pods and has {has} now"


def holds(budget: Document) -> bool:
    """True when not one pod more may go now."""
    return number(part(budget, "status").get("disruptionsAllowed")) < 1


def held_now(pod: Document, budgets: Sequence[Document]) -> tuple[list[Document], str]:
    """Budgets that would refuse the eviction of a pod as things are, and why; none and "" when it may go."""
    covering = budgets_of(pod, budgets)
    if len(covering) > 1:
        names = ", ".join(full_name(budget) for budget in covering)
        return covering, f"More than one PodDisruptionBudget covers it ({names}): Kubernetes then evicts nothing."
    blocking = [budget for budget in covering if holds(budget) and not _unready(pod)]
    if not blocking:
        return [], ""
    said = budget_text(blocking[0])
    return blocking, f"{said[0].upper()}{said[1:]}. Add pods, or lower what it asks for."


def _unready(pod: Document) -> bool:
    """What has not started yet disrupts nothing."""
    return part(pod, "status").get("phase") == "Pending"
