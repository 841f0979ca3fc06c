"""Objects as the tables kubectl prints: columns per kind as data, rows from the cells. Pure.

Called by the front when a client accepts `Table`. Kinds without columns of their own show name and creation time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skyclust.sandbox.kubernetes import cells
from skyclust.sandbox.kubernetes.cells import NONE, spec, status
from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]
Cell = Callable[[Document, datetime], Any]


@dataclass(frozen=True)
class Column:
    """Priority 1 is shown by `-o wide` only."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0
    format: str = ""

    def definition(self) -> Document:
        described = f"{self.name} of the object"
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": described,
            "priority": self.priority,
        }


def _text(name: str, of: Callable[[Document], Any], priority: int = 0) -> Column:
    return Column(name, lambda document, _now: of(document), priority=priority)


def _count(name: str, of: Callable[[Document], Any]) -> Column:
    return Column(name, lambda document, _now: of(document) or 0, "integer")


def _flag(name: str, of: Callable[[Document], Any]) -> Column:
    return Column(name, lambda document, _now: bool(of(document)), "boolean")


NAME = Column("Name", lambda document, _now: document["metadata"]["name"], format="name")
AGE = Column("Age", cells.age)
CREATED = Column("Created At", lambda document, _now: document["metadata"].get("creationTimestamp"), "date")
SELECTOR = _text("Selector", lambda d: cells.selector_text(spec(d).get("selector")), 1)
CONTAINERS = _text("Containers", lambda d: cells.template_containers(d, "name"), 1)
IMAGES = _text("Images", lambda d: cells.template_containers(d, "image"), 1)
READY_OF = _text("Ready", lambda d: f"{status(d).get('readyReplicas', 0)}/{spec(d).get('replicas', 0)}")
REPLICAS = (
    _count("Desired", lambda d: spec(d).get("replicas")),
    _count("Current", lambda d: status(d).get("replicas")),
    _count("Ready", lambda d: status(d).get("readyReplicas")),
)
SUBJECTS = (
    _text("Role", lambda d: f"{d['roleRef']['kind']}/{d['roleRef']['name']}"),
    AGE,
    _text("Users", lambda d: cells.subjects(d, "User"), 1),
    _text("Groups", lambda d: cells.subjects(d, "Group"), 1),
    _text("ServiceAccounts", lambda d: cells.subjects(d, "ServiceAccount"), 1),
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "nodes": (
        NAME,
        _text("Status", cells.node_status),
        _text("Roles", cells.node_roles),
        AGE,
        _text("Version", lambda d: cells.node_info(d, "kubeletVersion")),
        _text("Internal-IP", lambda d: cells.node_address(d, "InternalIP"), 1),
        _text("External-IP", lambda d: cells.node_address(d, "ExternalIP"), 1),
        _text("OS-Image", lambda d: cells.node_info(d, "osImage"), 1),
        _text("Kernel-Version", lambda d: cells.node_info(d, "kernelVersion"), 1),
        _text("Container-Runtime", lambda d: cells.node_info(d, "containerRuntimeVersion"), 1),
    ),
    "pods": (
        NAME,
        _text("Ready", cells.pod_ready),
        _text("Status", cells.pod_status),
        _text("Restarts", cells.pod_restarts),
        AGE,
        _text("IP", lambda d: status(d).get("podIP") or NONE, 1),
        _text("Node", lambda d: spec(d).get("nodeName") or NONE, 1),
        _text("Nominated Node", lambda d: status(d).get("nominatedNodeName") or NONE, 1),
        _text("Readiness Gates", lambda _d: NONE, 1),
    ),
    "services": (
        NAME,
        _text("Type", lambda d: spec(d).get("type", "")),
        _text("Cluster-IP", lambda d: spec(d).get("clusterIP") or NONE),
        _text("External-IP", cells.service_external),
        _text("Port(s)", cells.service_ports),
        AGE,
        SELECTOR,
    ),
    "namespaces": (NAME, _text("Status", lambda d: status(d).get("phase", "")), AGE),
    "configmaps": (NAME, _text("Data", lambda d: str(len(d.get("data", {})) + len(d.get("binaryData", {})))), AGE),
    "secrets": (
        NAME, _text("Type", lambda d: d.get("type", "")), _text("Data", lambda d: str(len(d.get("data", {})))), AGE,
    ),
    "serviceaccounts": (NAME, AGE),
    "events": (
        Column("Last Seen", lambda d, now: cells.since(d.get("lastTimestamp") or d.get("eventTime"), now)),
        _text("Type", lambda d: d.get("type", "")),
        _text("Reason", lambda d: d.get("reason", "")),
        _text("Object", cells.event_object),
        _text("Subobject", lambda d: d.get("involvedObject", {}).get("fieldPath", ""), 1),
        _text("Source", lambda d: d.get("source", {}).get("component") or d.get("reportingComponent", ""), 1),
        _text("Message", lambda d: d.get("message", "").strip()),
        Column("First Seen", lambda d, now: cells.since(d.get("firstTimestamp"), now), priority=1),
        _text("Count", lambda d: str(d.get("count", 1)), 1),
        Column("Name", lambda d, _now: d["metadata"]["name"], priority=1, format="name"),
    ),
    "endpoints": (NAME, _text("Endpoints", cells.addresses), AGE),
    "persistentvolumes": (
        NAME,
        _text("Capacity", lambda d: spec(d).get("capacity", {}).get("storage", "")),
        _text("Access Modes", cells.access_modes),
        _text("Reclaim Policy", lambda d: spec(d).get("persistentVolumeReclaimPolicy", "")),
        _text("Status", lambda d: status(d).get("phase", "")),
        _text("Claim", lambda d: "/".join(spec(d).get("claimRef", {}).get(k, "") for k in ("namespace", "name"))),
        _text("StorageClass", lambda d: spec(d).get("storageClassName", "")),
        _text("VolumeAttributesClass", lambda _d: "<unset>"),
        _text("Reason", lambda d: status(d).get("reason", "")),
        AGE,
        _text("VolumeMode", lambda d: spec(d).get("volumeMode", ""), 1),
    ),
    "persistentvolumeclaims": (
        NAME,
        _text("Status", lambda d: status(d).get("phase", "")),
        _text("Volume", lambda d: spec(d).get("volumeName", "")),
        _text("Capacity", lambda d: status(d).get("capacity", {}).get("storage", "")),
        _text("Access Modes", cells.access_modes),
        _text("StorageClass", lambda d: spec(d).get("storageClassName", "")),
        _text("VolumeAttributesClass", lambda _d: "<unset>"),
        AGE,
        _text("VolumeMode", lambda d: spec(d).get("volumeMode", ""), 1),
    ),
    "replicationcontrollers": (NAME, *REPLICAS, AGE, CONTAINERS, IMAGES, SELECTOR),
    "deployments.apps": (
        NAME,
        READY_OF,
        _text("Up-to-date", lambda d: str(status(d).get("updatedReplicas", 0))),
        _text("Available", lambda d: str(status(d).get("availableReplicas", 0))),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    "replicasets.apps": (NAME, *REPLICAS, AGE, CONTAINERS, IMAGES, SELECTOR),
    "daemonsets.apps": (
        NAME,
        _count("Desired", lambda d: status(d).get("desiredNumberScheduled")),
        _count("Current", lambda d: status(d).get("currentNumberScheduled")),
        _count("Ready", lambda d: status(d).get("numberReady")),
        _count("Up-to-date", lambda d: status(d).get("updatedNumberScheduled")),
        _count("Available", lambda d: status(d).get("numberAvailable")),
        _text("Node Selector", lambda d: cells.selector_text(spec(d)["template"]["spec"].get("nodeSelector"))),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    "statefulsets.apps": (NAME, READY_OF, AGE, CONTAINERS, IMAGES),
    "jobs.batch": (
        NAME,
        _text("Status", cells.job_status),
        _text("Completions", lambda d: f"{status(d).get('succeeded', 0)}/{spec(d).get('completions', 1)}"),
        Column("Duration", cells.job_duration),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    "cronjobs.batch": (
        NAME,
        _text("Schedule", lambda d: spec(d)["schedule"]),
        _text("Timezone", lambda d: spec(d).get("timeZone") or NONE),
        _flag("Suspend", lambda d: spec(d).get("suspend")),
        _count("Active", lambda d: len(status(d).get("active") or ())),
        Column(
            "Last Schedule",
            lambda d, now: cells.since(status(d)["lastScheduleTime"], now) if "lastScheduleTime" in status(d) else NONE,
        ),
        AGE,
        _text("Containers", lambda d: cells.template_containers(spec(d)["jobTemplate"], "name"), 1),
        _text("Images", lambda d: cells.template_containers(spec(d)["jobTemplate"], "image"), 1),
        _text("Selector", lambda d: cells.selector_text(spec(d)["jobTemplate"]["spec"].get("selector")), 1),
    ),
    "poddisruptionbudgets.policy": (
        NAME,
        _text("Min Available", lambda d: str(spec(d).get("minAvailable", "N/A"))),
        _text("Max Unavailable", lambda d: str(spec(d).get("maxUnavailable", "N/A"))),
        _count("Allowed Disruptions", lambda d: status(d).get("disruptionsAllowed")),
        AGE,
    ),
    "roles.rbac.authorization.k8s.io": (NAME, CREATED),
    "clusterroles.rbac.authorization.k8s.io": (NAME, CREATED),
    "rolebindings.rbac.authorization.k8s.io": (NAME, *SUBJECTS),
    "clusterrolebindings.rbac.authorization.k8s.io": (NAME, *SUBJECTS),
    "leases.coordination.k8s.io": (NAME, _text("Holder", lambda d: spec(d).get("holderIdentity", "")), AGE),
    "ingresses.networking.k8s.io": (
        NAME,
        _text("Class", lambda d: spec(d).get("ingressClassName") or NONE),
        _text("Hosts", lambda d: ",".join(rule.get("host", "*") for rule in spec(d).get("rules") or ()) or "*"),
        _text("Address", lambda _d: ""),
        _text("Ports", lambda d: "80, 443" if spec(d).get("tls") else "80"),
        AGE,
    ),
    "networkpolicies.networking.k8s.io": (
        NAME, _text("Pod-Selector", lambda d: cells.selector_text(spec(d).get("podSelector"))), AGE,
    ),
    "storageclasses.storage.k8s.io": (
        NAME,
        _text("Provisioner", lambda d: d["provisioner"]),
        _text("ReclaimPolicy", lambda d: d.get("reclaimPolicy", "Delete")),
        _text("VolumeBindingMode", lambda d: d.get("volumeBindingMode", "Immediate")),
        _text("AllowVolumeExpansion", lambda d: str(d.get("allowVolumeExpansion", False)).lower()),
        AGE,
    ),
    "horizontalpodautoscalers.autoscaling": (
        NAME,
        _text("Reference", lambda d: "/".join(spec(d)["scaleTargetRef"][key] for key in ("kind", "name"))),
        _text("Targets", cells.autoscaler_targets),
        _text("MinPods", lambda d: str(spec(d).get("minReplicas", 1))),
        _text("MaxPods", lambda d: str(spec(d)["maxReplicas"])),
        _text("Replicas", lambda d: str(status(d).get("currentReplicas", 0))),
        AGE,
    ),
    "priorityclasses.scheduling.k8s.io": (
        NAME,
        _count("Value", lambda d: d["value"]),
        _flag("Global-Default", lambda d: d.get("globalDefault")),
        AGE,
        _text("PreemptionPolicy", lambda d: d.get("preemptionPolicy", "PreemptLowerPriority")),
    ),
}  # fmt: skip
PLAIN = (NAME, CREATED)


def custom_columns(resource: Resource) -> tuple[Column, ...]:
    """What the definition wants printed, else the age; paths are fields joined by dots."""
    if not resource.columns:
        return (NAME, AGE)
    made = [Column(name, _cell_at(path, kind), kind, priority) for name, kind, path, priority in resource.columns]
    return (NAME, *made)


def _cell_at(path: str, kind: str) -> Cell:
    if kind == "date":
        return lambda document, now: cells.since(_at(document, path), now)
    return lambda document, _now: _at(document, path)


def _at(document: Document, path: str) -> Any:
    value: Any = document
    for step in path.strip(".").split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def render_table(
    resource: Resource, documents: Iterable[Document], now: datetime, include: str, *, definitions: bool = True
) -> Document:
    """`include` is the query's includeObject: Metadata, Object or None."""
    columns = custom_columns(resource) if resource.custom else COLUMNS.get(resource.collection, PLAIN)
    rows = [{"cells": [column.cell(d, now) for column in columns], "object": _object(d, include)} for d in documents]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": [column.definition() for column in columns] if definitions else [],
        "rows": rows,
    }


def _object(document: Document, include: str) -> Document | None:
    if include == "None":
        return None
    if include == "Object":
        return document
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": document["metadata"]}
