"""Take from Kubernetes objects what is shown. Pure; called with whatever a cluster's API answered.

Invariant: nothing is believed of the shape or the size of what came: a missing, wrong or overlong part becomes an
empty or a shorter one, and no control character leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skyclust.clusters.inside_schemas import (
    ClusterEventAnswer,
    NamespaceAnswer,
    NodeAnswer,
    NodeConditionAnswer,
    NodeDetailAnswer,
    NodeTaintAnswer,
    PodAnswer,
    WorkloadAnswer,
    WorkloadKind,
)

Document = Mapping[str, Any]
_NOTHING: Document = {}

#: Where the workloads of a kind are, in the order in which they are listed.
WORKLOADS: dict[WorkloadKind, tuple[str, str]] = {
    "Deployment": ("/apis/apps/v1", "deployments"),
    "StatefulSet": ("/apis/apps/v1", "statefulsets"),
    "DaemonSet": ("/apis/apps/v1", "daemonsets"),
    "Job": ("/apis/batch/v1", "jobs"),
    "CronJob": ("/apis/batch/v1", "cronjobs"),
}
#: Labels by whose last word clouds tell the pool of a node.
_POOL_WORDS = ("nodegroup", "nodepool", "agentpool")
#: Control characters: C0 but tab and newline, DEL, C1, and marks that turn the direction of a line around.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Several lines without control characters; a carriage return ends a line or is nothing."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def text(value: object, most: int = 256) -> str:
    """One line of at most `most` characters; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return _BREAKS.sub(" ", clean_text(value[: most * 2]))[:most]


def part(value: object, *path: str) -> Document:
    """The object below a path; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else _NOTHING


def items(value: object, most: int = 1_000) -> Iterator[Document]:
    """The objects of a list."""
    found = value if isinstance(value, list) else []
    return (item for item in found[:most] if isinstance(item, Mapping))


def number(value: object) -> int:
    """A count; 0 for what is none."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), 2**31) if whole and isinstance(value, int) else 0


def texts(value: object, most: int) -> dict[str, str]:
    """A map of texts."""
    pairs = list(value.items())[:most] if isinstance(value, Mapping) else []
    return {text(key): text(str(item)) for key, item in pairs}


def name_of(document: Document) -> str:
    """The object's name."""
    return text(part(document, "metadata").get("name"), 253)


def namespace_of(document: Document) -> str:
    """The object's namespace; "" outside of namespaces."""
    return text(part(document, "metadata").get("namespace"), 63)


def uid_of(document: Document) -> str:
    """The object's own id: another object of the same name has another one."""
    return text(part(document, "metadata").get("uid"), 64)


def made_at(document: Document) -> str | None:
    """When it was made."""
    return text(part(document, "metadata").get("creationTimestamp"), 64) or None


def node_answer(node: Document) -> NodeAnswer:
    """A node in our words."""
    labels = texts(part(node, "metadata").get("labels"), 500)
    status = part(node, "status")
    ready = any(
        item.get("type") == "Ready" and item.get("status") == "True" for item in items(status.get("conditions"))
    )
    schedulable = is_schedulable(node)
    addresses = items(status.get("addresses"))
    return NodeAnswer(
        name=name_of(node),
        state=("Ready" if ready else "NotReady") + ("" if schedulable else ",SchedulingDisabled"),
        ready=ready,
        schedulable=schedulable,
        version=text(part(status, "nodeInfo").get("kubeletVersion")),
        node_pool=next((value for key, value in labels.items() if key.endswith(_POOL_WORDS)), None),
        machine_type=labels.get("node.kubernetes.io/instance-type"),
        zone=labels.get("topology.kubernetes.io/zone"),
        internal_ip=next((text(a.get("address"), 64) for a in addresses if a.get("type") == "InternalIP"), None),
        created_at=made_at(node),
    )


def is_schedulable(node: Document) -> bool:
    """False for a cordoned node."""
    return part(node, "spec").get("unschedulable") is not True


def node_detail(node: Document, pods: Sequence[Document]) -> NodeDetailAnswer:
    """A node with all that helps to understand it, and the pods on it."""
    status, info = part(node, "status"), part(node, "status", "nodeInfo")
    conditions = [
        NodeConditionAnswer(
            type=text(item.get("type")), status=text(item.get("status")), reason=text(item.get("reason")),
            message=text(item.get("message"), 4096), since=text(item.get("lastTransitionTime"), 64) or None,
        )
        for item in items(status.get("conditions"), 100)
    ]  # fmt: skip
    taints = [
        NodeTaintAnswer(key=text(item.get("key")), value=text(item.get("value")), effect=text(item.get("effect")))
        for item in items(part(node, "spec").get("taints"), 100)
    ]
    return NodeDetailAnswer(
        **node_answer(node).model_dump(),
        os_image=text(info.get("osImage")),
        kernel_version=text(info.get("kernelVersion")),
        container_runtime=text(info.get("containerRuntimeVersion")),
        labels=texts(part(node, "metadata").get("labels"), 200),
        taints=taints,
        conditions=conditions,
        capacity=texts(status.get("capacity"), 50),
        allocatable=texts(status.get("allocatable"), 50),
        pods=[pod_answer(pod) for pod in pods[:1_000]],
    )


def controller_of(document: Document) -> Document:
    """The owner that makes it anew when it is gone; an empty one when nothing does."""
    owners = items(part(document, "metadata").get("ownerReferences"), 100)
    return next((owner for owner in owners if owner.get("controller") is True), _NOTHING)


def pod_answer(pod: Document) -> PodAnswer:
    """A pod in our words."""
    status, owner = part(pod, "status"), controller_of(pod)
    states = list(items(status.get("containerStatuses"), 100))
    waiting = (text(part(state, "state", "waiting").get("reason")) for state in states)
    going = part(pod, "metadata").get("deletionTimestamp") is not None
    reason = "Terminating" if going else next((said for said in waiting if said), text(status.get("reason")))
    return PodAnswer(
        namespace=namespace_of(pod),
        name=name_of(pod),
        phase=text(status.get("phase")) or "Unknown",
        reason=reason,
        ready=sum(state.get("ready") is True for state in states),
        containers=[text(item.get("name")) for item in items(part(pod, "spec").get("containers"), 100)],
        restarts=sum(number(state.get("restartCount")) for state in states),
        node=text(part(pod, "spec").get("nodeName"), 253) or None,
        owner=f"{text(owner.get('kind'))}/{text(owner.get('name'), 253)}" if owner else None,
        created_at=made_at(pod),
    )


def namespace_answer(namespace: Document) -> NamespaceAnswer:
    """A namespace in our words."""
    phase = text(part(namespace, "status").get("phase"))
    return NamespaceAnswer(name=name_of(namespace), phase=phase, created_at=made_at(namespace))


def workload_answer(kind: WorkloadKind, workload: Document) -> WorkloadAnswer:
    """A workload in our words."""
    spec = part(workload, "spec")
    desired, ready = _numbers(kind, spec, part(workload, "status"))
    paused = spec.get("paused") is True or spec.get("suspend") is True
    template = part(spec, "jobTemplate", "spec", "template") if kind == "CronJob" else part(spec, "template")
    images = [text(item.get("image"), 512) for item in items(part(template, "spec").get("containers"), 20)]
    done = kind == "CronJob" or ready >= desired
    return WorkloadAnswer(
        kind=kind,
        namespace=namespace_of(workload),
        name=name_of(workload),
        desired=desired,
        ready=ready,
        state="paused" if paused else "ready" if done else "progressing",
        images=images,
        created_at=made_at(workload),
    )


def _numbers(kind: WorkloadKind, spec: Document, status: Document) -> tuple[int, int]:
    """How many are wanted, and how many of them are there."""
    if kind == "DaemonSet":
        return number(status.get("desiredNumberScheduled")), number(status.get("numberReady"))
    if kind == "Job":
        return number(spec.get("completions", 1)), number(status.get("succeeded"))
    if kind == "CronJob":
        active = status.get("active")
        return 0, len(active) if isinstance(active, list) else 0
    return number(spec.get("replicas", 1)), number(status.get("readyReplicas"))


def event_answer(event: Document) -> ClusterEventAnswer:
    """An event in our words."""
    about, series = part(event, "involvedObject"), part(event, "series")
    seen = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    last = next((text(at, 64) for at in seen if at), "")
    return ClusterEventAnswer(
        namespace=namespace_of(event),
        object_kind=text(about.get("kind")),
        object_name=text(about.get("name"), 253),
        type=text(event.get("type")),
        reason=text(event.get("reason")),
        message=text(event.get("message"), 4096),
        count=max(number(event.get("count")), number(series.get("count")), 1),
        last_seen_at=last or made_at(event),
    )
