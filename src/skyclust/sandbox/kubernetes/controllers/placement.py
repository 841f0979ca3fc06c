"""Whether a pod may run on a node: labels, affinity, taints, room. Pure.

Used by the scheduler and by DaemonSets.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from skyclust.sandbox.kubernetes.quantities import parse_quantity
from skyclust.sandbox.kubernetes.selectors import matches_expression

Document = dict[str, Any]
Amounts = dict[str, Decimal]

UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def fits_labels(node: Document, spec: Document) -> bool:
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or any(_fits_term(node, term) for term in required["nodeSelectorTerms"])


def _fits_term(node: Document, term: Document) -> bool:
    labels = node["metadata"].get("labels") or {}
    fields = {"metadata.name": node["metadata"]["name"]}
    return all(matches_expression(rule, labels) for rule in term.get("matchExpressions") or ()) and all(
        matches_expression(rule, fields) for rule in term.get("matchFields") or ()
    )


def tolerates(toleration: Document, taint: Document) -> bool:
    if toleration.get("effect") not in {None, "", taint["effect"]}:
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return toleration.get("key") in {None, "", taint["key"]}
    return bool(toleration.get("key") == taint["key"] and toleration.get("value", "") == taint.get("value", ""))


def untolerated(node: Document, spec: Document, effects: Iterable[str]) -> Document | None:
    """The first taint of these effects that keeps the pod away."""
    taints = [taint for taint in node["spec"].get("taints") or () if taint["effect"] in effects]
    tolerations = spec.get("tolerations") or ()
    return next((taint for taint in taints if not any(tolerates(entry, taint) for entry in tolerations)), None)


def tolerates_taints(node: Document, spec: Document) -> bool:
    return untolerated(node, spec, ("NoSchedule", "NoExecute")) is None


def accepts_new(node: Document, spec: Document) -> bool:
    """Not cordoned, or tolerated all the same."""
    cordoned = node["spec"].get("unschedulable")
    return not cordoned or any(tolerates(entry, UNSCHEDULABLE) for entry in spec.get("tolerations") or ())


def requests(spec: Document) -> Amounts:
    """What a pod asks for, its own place included."""
    total: Amounts = {"pods": Decimal(1)}
    for container in spec.get("containers") or ():
        for name, amount in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = total.get(name, Decimal(0)) + parse_quantity(amount)
    return total


def lacks(free: Amounts, wanted: Amounts) -> list[str]:
    """The resources there is too little of."""
    return [name for name, amount in wanted.items() if amount > free.get(name, Decimal(0))]


def allocatable(node: Document) -> Amounts:
    status = node.get("status") or {}
    amounts = status.get("allocatable") or status.get("capacity") or {}
    return {name: parse_quantity(amount) for name, amount in amounts.items()}


def is_node_ready(node: Document) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)
