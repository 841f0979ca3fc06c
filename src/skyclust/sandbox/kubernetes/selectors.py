"""Label and field selectors: parsed from a query, evaluated on documents. Pure.

Field selectors compare any dotted path; which paths a kind offers is in `FIELDS`, as the real server restricts them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.statuses import bad_request

Document = dict[str, Any]
Match = Callable[[Document], bool]
Labels = Mapping[str, str]

FIELDS: dict[str, frozenset[str]] = {
    "pods": frozenset(
        {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
         "status.phase", "status.podIP", "status.nominatedNodeName"}
    ),
    "nodes": frozenset({"spec.unschedulable"}),
    "namespaces": frozenset({"status.phase"}),
    "secrets": frozenset({"type"}),
    "services": frozenset({"spec.clusterIP", "spec.type"}),
    "replicasets.apps": frozenset({"status.replicas"}),
    "replicationcontrollers": frozenset({"status.replicas"}),
    "jobs.batch": frozenset({"status.successful"}),
    "events": frozenset(
        {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
         "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
         "reportingComponent", "source", "type"}
    ),
}  # fmt: skip
_ALWAYS = frozenset({"metadata.name", "metadata.namespace"})
_REQUIREMENT = re.compile(r"^(?P<key>[^\s!=(),]+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)$")
_COMPARISON = re.compile(r"^(?P<key>[^\s!=<>]+)\s*(?P<op>==|=|!=|>|<)\s*(?P<value>[^\s]*)$")


def parse_labels(text: str) -> Callable[[Labels], bool]:
    checks = [_label_check(part) for part in _split(text)]
    return lambda labels: all(check(labels) for check in checks)


def _split(text: str) -> list[str]:
    """At commas outside parentheses."""
    parts = re.split(r",(?![^(]*\))", text)
    return [part.strip() for part in parts if part.strip()]


def _label_check(part: str) -> Callable[[Labels], bool]:
    if found := _REQUIREMENT.match(part):
        values = {value.strip() for value in found["values"].split(",")}
        return _set_check(found["key"], "In" if found["op"] == "in" else "NotIn", values)
    if found := _COMPARISON.match(part):
        key, operator, value = found["key"], found["op"], found["value"]
        if operator in {"=", "=="}:
            return lambda labels: labels.get(key) == value
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: _number_check(labels.get(key), operator, value)
    key = part.removeprefix("!").strip()
    if not re.fullmatch(r"[A-Za-z0-9./_-]+", key):
        raise bad_request(f"unable to parse requirement: found '{part}', expected: a label selector")
    return _set_check(key, "DoesNotExist" if part.startswith("!") else "Exists", set())


def _set_check(key: str, operator: str, values: set[str]) -> Callable[[Labels], bool]:
    if operator == "In":
        return lambda labels: labels.get(key) in values
    if operator == "NotIn":
        return lambda labels: labels.get(key) not in values
    if operator == "Exists":
        return lambda labels: key in labels
    return lambda labels: key not in labels


def _number_check(held: str | None, operator: str, wanted: str) -> bool:
    try:
        left, right = int(held or ""), int(wanted)
    except ValueError:
        return False
    return left > right if operator in {">", "Gt"} else left < right


def labels_query(selector: Document) -> str:
    """A `LabelSelector`, or the plain map of older kinds, in the form of a query."""
    plain = selector if not {"matchLabels", "matchExpressions"} & selector.keys() else selector.get("matchLabels") or {}
    parts = [f"{key}={value}" for key, value in sorted(plain.items())]
    for term in selector.get("matchExpressions") or () if "matchExpressions" in selector else ():
        key, values = term["key"], ",".join(sorted(term.get("values") or ()))
        words = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(words.get(term["operator"], f"!{key}"))
    return ",".join(parts)


def matches_selector(selector: Document | None, labels: Labels) -> bool:
    """A `LabelSelector` object; None selects nothing, the empty one selects everything."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(matches_expression(term, labels) for term in selector.get("matchExpressions") or ())


def matches_expression(term: Document, labels: Labels) -> bool:
    """One requirement of a label selector or of a node selector (which also knows Gt and Lt)."""
    key, operator, values = term["key"], term["operator"], term.get("values") or []
    if operator in {"Gt", "Lt"}:
        return _number_check(labels.get(key), operator, values[0] if values else "")
    return _set_check(key, operator, set(values))(labels)


def parse_fields(text: str, resource: Resource) -> Match:
    checks: list[Match] = []
    for part in _split(text):
        found = _COMPARISON.match(part)
        if found is None or found["op"] in "<>":
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        key = found["key"]
        if key not in _ALWAYS | FIELDS.get(resource.collection, frozenset()):
            raise bad_request(
                f'Unable to find "{resource.api_version}, Resource={resource.plural}" that match label selector "", '
                f'field selector "{text}": {_unknown_field(resource, key)}'
            )
        checks.append(_field_check(key, found["value"], equal=found["op"] != "!="))
    return lambda document: all(check(document) for check in checks)


def _unknown_field(resource: Resource, key: str) -> str:
    if FIELDS.get(resource.collection):
        return f"field label not supported: {key}"
    return f'"{key}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _field_check(path: str, wanted: str, *, equal: bool) -> Match:
    def check(document: Document) -> bool:
        return (field_value(document, path) == wanted) == equal

    return check


def field_value(document: Document, path: str) -> str:
    """The text of a dotted path; absent reads as empty, and an absent flag as false."""
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "false" if path in {"spec.unschedulable", "spec.hostNetwork"} else ""
    return str(value)
