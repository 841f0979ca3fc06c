"""Wire shapes of what is inside a cluster: nodes, workloads, pods, events, logs. The same on every cloud."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, Field

from skyclust.kit.pagination import MAX_LIMIT
from skyclust.kit.schemas import Answer, Body, LongText, ShortText
from skyclust.provisioning.answers import PlanAnswer

T = TypeVar("T")

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]
#: What Kubernetes lets names of objects be made of.
NAME = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"
NodeRef = Annotated[str, Path(max_length=253, pattern=NAME, description="the node's name")]
NamespaceRef = Annotated[str, Path(max_length=63, pattern=NAME, description="the namespace")]
PodRef = Annotated[str, Path(max_length=253, pattern=NAME, description="the pod's name")]
NamespaceQuery = Annotated[str | None, Query(max_length=63, pattern=NAME, description="only in this namespace")]
InsideCursor = Annotated[str | None, Query(max_length=4096, description="`next_cursor` of the page before")]
Instant = Annotated[str | None, Field(max_length=64)]
Count = Annotated[int, Field(ge=0)]
#: Time, limits: a drain waits that long for one pod, at most a day.
MAX_DRAIN_SECONDS = 86_400
LOG_LINES = 10_000


class InsidePage(BaseModel, Generic[T]):
    """One page in the order of the cluster's own API. `next_cursor` is null on the last one, and expires in minutes."""

    items: Annotated[list[T], Field(max_length=MAX_LIMIT)]
    next_cursor: Annotated[str | None, Field(max_length=4096)] = None


class NodeAnswer(Answer):
    """A Kubernetes node."""

    name: ShortText
    state: ShortText
    ready: bool
    schedulable: bool
    version: ShortText
    node_pool: Annotated[str | None, Field(max_length=256)]
    machine_type: Annotated[str | None, Field(max_length=256)]
    zone: Annotated[str | None, Field(max_length=256)]
    internal_ip: Annotated[str | None, Field(max_length=64)]
    created_at: Instant


class NodeConditionAnswer(Answer):
    """What the node says of itself."""

    type: ShortText
    status: ShortText
    reason: ShortText
    message: LongText
    since: Instant


class NodeTaintAnswer(Answer):
    """What keeps pods away that do not tolerate it."""

    key: ShortText
    value: ShortText
    effect: ShortText


class PodAnswer(Answer):
    """A pod. `owner` is what made it ("ReplicaSet/web-5d9"), null when nothing will make it anew."""

    namespace: ShortText
    name: ShortText
    phase: ShortText
    reason: ShortText
    ready: Count
    containers: Annotated[list[ShortText], Field(max_length=100)]
    restarts: Count
    node: Annotated[str | None, Field(max_length=256)]
    owner: Annotated[str | None, Field(max_length=512)]
    created_at: Instant


class NodeDetailAnswer(NodeAnswer):
    """A node as `kubectl describe` tells it. Quantities are in Kubernetes' own spelling."""

    os_image: ShortText
    kernel_version: ShortText
    container_runtime: ShortText
    labels: Annotated[dict[ShortText, ShortText], Field(max_length=200)]
    taints: Annotated[list[NodeTaintAnswer], Field(max_length=100)]
    conditions: Annotated[list[NodeConditionAnswer], Field(max_length=100)]
    capacity: Annotated[dict[ShortText, ShortText], Field(max_length=50)]
    allocatable: Annotated[dict[ShortText, ShortText], Field(max_length=50)]
    pods: Annotated[list[PodAnswer], Field(max_length=1_000)]


class NamespaceAnswer(Answer):
    """A namespace."""

    name: ShortText
    phase: ShortText
    created_at: Instant


class WorkloadAnswer(Answer):
    """What keeps pods running. Of a Job `desired` are completions; of a CronJob `ready` are jobs under way."""

    kind: WorkloadKind
    namespace: ShortText
    name: ShortText
    desired: Count
    ready: Count
    state: Literal["ready", "progressing", "paused"]
    images: Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=20)]
    created_at: Instant


class ClusterEventAnswer(Answer):
    """Something that happened to an object, as the cluster tells it."""

    namespace: ShortText
    object_kind: ShortText
    object_name: ShortText
    type: ShortText
    reason: ShortText
    message: LongText
    count: Count
    last_seen_at: Instant


class PodLogAnswer(Answer):
    """The end of a container's log, without control characters. `truncated`: the text is longer than what is shown."""

    namespace: ShortText
    pod: ShortText
    container: Annotated[str | None, Field(max_length=256)]
    previous: bool
    truncated: bool
    text: Annotated[str, Field(max_length=1_048_576)]


class DrainBody(Body):
    """How a node is drained. Without flags nothing is lost that would not come back."""

    timeout_seconds: Annotated[
        int, Field(ge=1, le=MAX_DRAIN_SECONDS, description="for how long one pod is waited for")
    ] = 900
    grace_period_seconds: Annotated[
        int | None, Field(ge=0, le=3_600, description="the time pods get to end; by default what each of them says")
    ] = None
    force: Annotated[bool, Field(description="also pods that nothing makes anew")] = False
    delete_emptydir_data: Annotated[bool, Field(description="also pods whose emptyDir data is lost")] = False
    plan_digest: Annotated[str | None, Field(max_length=64)] = None


class DrainedPodAnswer(Answer):
    """A pod, and why it is in this list. `budgets` are the PodDisruptionBudgets ("namespace/name") that hold it."""

    namespace: ShortText
    name: ShortText
    message: LongText = ""
    budgets: Annotated[tuple[Annotated[str, Field(max_length=512)], ...], Field(max_length=100)] = ()


class DrainPlanAnswer(PlanAnswer):
    """What a drain would do. `evicts` would be asked to go; of them, `blocked` are held by a disruption budget now.

    `refused` forbid the drain without a flag; `kept` stay (DaemonSets, mirror pods, what has ended).
    """

    node: ShortText
    evicts: Annotated[list[DrainedPodAnswer], Field(max_length=1_000)]
    blocked: Annotated[list[DrainedPodAnswer], Field(max_length=1_000)]
    refused: Annotated[list[DrainedPodAnswer], Field(max_length=1_000)]
    kept: Annotated[list[DrainedPodAnswer], Field(max_length=1_000)]
