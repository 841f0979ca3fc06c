"""What single kinds demand beyond their shape: selectors that fit, fields that must not change. Pure.

Called by `admitting.check`.
"""

import json
from typing import Any

from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.selectors import matches_selector
from skyclust.sandbox.kubernetes.statuses import Cause

Document = dict[str, Any]

WORKLOADS = frozenset({"deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps"})
TEMPLATED = WORKLOADS | {"jobs.batch"}
COUNTS = ("replicas", "parallelism", "completions", "minReadySeconds", "backoffLimit")
# collection -> dotted paths that keep their value for life
IMMUTABLE: dict[str, tuple[str, ...]] = {
    "deployments.apps": ("spec.selector",),
    "replicasets.apps": ("spec.selector",),
    "daemonsets.apps": ("spec.selector",),
    "statefulsets.apps": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy"),
    "jobs.batch": ("spec.selector", "spec.template", "spec.completions"),
    "secrets": ("type",),
    "storageclasses.storage.k8s.io": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
}
_POD_MUTABLE = frozenset({"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName"})
_POD_RULE = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def kind_causes(resource: Resource, document: Document) -> list[Cause]:
    spec = document.get("spec") or {}
    causes = [
        Cause(f"spec.{name}", f"Invalid value: {spec[name]}: must be greater than or equal to 0")
        for name in COUNTS
        if isinstance(spec.get(name), int) and spec[name] < 0
    ]
    if resource.collection in WORKLOADS:
        causes += _selector_causes(spec)
    if resource.collection in TEMPLATED:
        causes += _pod_spec_causes(spec.get("template", {}).get("spec", {}), "spec.template.spec")
    if resource.collection == "pods":
        causes += _pod_spec_causes(spec, "spec")
    if resource.collection == "poddisruptionbudgets.policy" and {"minAvailable", "maxUnavailable"} <= set(spec):
        causes.append(
            Cause("spec", f"Invalid value: {json.dumps(spec)}: minAvailable and maxUnavailable cannot be both set")
        )
    return causes


def _selector_causes(spec: Document) -> list[Cause]:
    selector = spec["selector"]
    labels = spec.get("template", {}).get("metadata", {}).get("labels", {})
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        said = "Invalid value: {}: empty selector is invalid for deployment"
        return [Cause("spec.selector", said)]
    if not matches_selector(selector, labels):
        said = f"Invalid value: {json.dumps(labels)}: `selector` does not match template `labels`"
        return [Cause("spec.template.metadata.labels", said)]
    return []


def _pod_spec_causes(spec: Document, path: str) -> list[Cause]:
    containers = spec.get("containers") or []
    if not containers:
        return [Cause(f"{path}.containers", "Required value", "FieldValueRequired")]
    return [
        Cause(f"{path}.containers[{index}].image", "Required value", "FieldValueRequired")
        for index, container in enumerate(containers)
        if not container.get("image")
    ]


def changed_causes(resource: Resource, before: Document, after: Document) -> list[Cause]:
    causes = []
    for path in IMMUTABLE.get(resource.collection, ()):
        held, wanted = _look(before, path), _look(after, path)
        if held is not None and held != wanted:
            causes.append(Cause(path, f"Invalid value: {json.dumps(wanted)}: field is immutable"))
    immutable_data = before.get("immutable") and resource.collection in {"configmaps", "secrets"}
    if immutable_data and before.get("data") != after.get("data"):
        said = "Forbidden: field is immutable when `immutable` is set"
        causes.append(Cause("data", said, "FieldValueForbidden"))
    if resource.collection == "pods" and _fixed(before["spec"]) != _fixed(after["spec"]):
        causes.append(Cause("spec", _POD_RULE, "FieldValueForbidden"))
    return causes


def _look(document: Document, path: str) -> Any:
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _fixed(spec: Document) -> Document:
    kept = {key: value for key, value in spec.items() if key not in _POD_MUTABLE}
    for group in ("containers", "initContainers"):
        if group in kept:
            kept[group] = [{k: v for k, v in container.items() if k != "image"} for container in kept[group]]
    return kept
