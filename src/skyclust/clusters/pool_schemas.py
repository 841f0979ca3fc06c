"""Wire shapes of node pools: what may be asked of one and how it is answered, the same for every cloud.

Field rules that hold on every cloud stand here; a cloud's own are its provider's.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from skyclust.kit.schemas import Answer, Body, LongText, ShortText

MAX_NODES = 5_000
PoolName = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=50)]
MachineTypeName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=317)]
LabelValue = Annotated[str, StringConstraints(max_length=63)]
Labels = Annotated[dict[LabelKey, LabelValue], Field(max_length=64)]
Count = Annotated[int, Field(ge=0, le=MAX_NODES)]
PlanDigest = Annotated[str, StringConstraints(max_length=64)]


class AutoScalingBody(Body):
    """Bounds within which the cloud's autoscaler owns the size."""

    enabled: bool = True
    min: Count | None = None
    max: Count | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max}). Lower min or raise max.")
        return self


def _bounds_of(given: object) -> object:
    """`true` stands for bounds chosen around the size, `false` for none."""
    return {"enabled": given} if isinstance(given, bool) else given


AutoScalingWish = Annotated[
    AutoScalingBody | None, BeforeValidator(_bounds_of, json_schema_input_type=bool | AutoScalingBody | None)
]


class TaintBody(Body):
    """A Kubernetes taint."""

    key: LabelKey
    value: LabelValue = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


def _in_digits(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Share = Annotated[
    Annotated[str, StringConstraints(max_length=5, pattern=r"^[0-9]{1,4}%?$")],
    BeforeValidator(_in_digits, json_schema_input_type=int | str),
    Field(description="a number of nodes, or of a hundred of them with %"),
]


class UpgradeSettingsBody(Body):
    """How many nodes come besides and how many are missing while those of a pool are replaced. What is left out is as
    the cloud has it by itself.
    """

    max_surge: Share | None = None
    max_unavailable: Share | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.max_surge is None and self.max_unavailable is None:
            raise ValueError("Give max_surge, max_unavailable or both.")
        return self


class SpotBody(Body):
    """Spot machines. `fallback`: a second pool beside it, on demand and empty until Pods find no room elsewhere."""

    fallback: bool = False


class GpuBody(Body):
    """Graphics processors of each node; `type` is the cloud's own word, as its machine types tell it."""

    type: Word
    count: Annotated[int, Field(ge=1, le=16)] = 1


class NodePoolPart(Body):
    """A group of equal machines. `auto_scaling: true` means sensible bounds around `node_count`.

    `machine_types` are all that the cloud may take, best first, where it takes several; `machine_type` may be left out
    then, and where a template has it.
    """

    name: PoolName = "default"
    machine_type: MachineTypeName | None = None
    machine_types: Annotated[list[MachineTypeName], Field(max_length=20, default_factory=list)]
    node_count: Count | None = None
    auto_scaling: AutoScalingWish = None
    upgrade: UpgradeSettingsBody | None = None
    spot: bool | SpotBody = False
    disk_gb: Annotated[int, Field(ge=10, le=16_384)] = 50
    disk_type: Word | None = None
    gpu: GpuBody | None = None
    labels: Annotated[Labels, Field(default_factory=dict)]
    taints: Annotated[list[TaintBody], Field(max_length=50, default_factory=list)]
    zones: Annotated[list[Word], Field(max_length=20, default_factory=list)]


class NewNodePoolBody(NodePoolPart):
    """POST .../node-pools."""

    name: PoolName
    plan_digest: PlanDigest | None = None


class NodePoolPatchBody(Body):
    """PATCH .../node-pools/{pool}: only what is given changes."""

    node_count: Count | None = None
    auto_scaling: AutoScalingWish = None
    labels: Labels | None = None
    taints: Annotated[list[TaintBody], Field(max_length=50)] | None = None
    upgrade: UpgradeSettingsBody | None = None
    plan_digest: PlanDigest | None = None


class ScaleBody(Body):
    """PUT .../scale: a size, or bounds for the autoscaler, or both."""

    node_count: Count | None = None
    auto_scaling: AutoScalingWish = None
    plan_digest: PlanDigest | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.node_count is None and self.auto_scaling is None:
            raise ValueError("Give node_count, auto_scaling or both.")
        return self


class AutoScalingAnswer(Answer):
    """The autoscaler's bounds."""

    enabled: bool = True
    min: int
    max: int


class TaintAnswer(Answer):
    """A taint."""

    key: ShortText
    value: ShortText
    effect: ShortText


class GpuAnswer(Answer):
    """Graphics processors of each node."""

    type: ShortText
    count: int


class UpgradeSettingsAnswer(Answer):
    """How the nodes of a pool are replaced, as it was asked for."""

    max_surge: ShortText | None
    max_unavailable: ShortText | None


class WakesToAnswer(Answer):
    """What a pool of a hibernated cluster is when that is woken."""

    node_count: int
    auto_scaling: AutoScalingAnswer | None


class NodePoolAnswer(Answer):
    """A node pool. `node_count` is what was asked for; with `auto_scaling` the cloud may have more or fewer.

    `wakes_to` is set while the cluster is hibernated.
    """

    name: ShortText
    state: ShortText
    machine_type: ShortText
    machine_types: Annotated[list[ShortText], Field(max_length=21)]
    node_count: int
    auto_scaling: AutoScalingAnswer | None
    upgrade: UpgradeSettingsAnswer | None = None
    spot: bool
    disk_gb: int
    disk_type: ShortText | None = None
    gpu: GpuAnswer | None = None
    labels: Labels
    taints: Annotated[list[TaintAnswer], Field(max_length=50)]
    zones: Annotated[list[ShortText], Field(max_length=20)]
    wakes_to: WakesToAnswer | None = None
    external_id: Annotated[str | None, Field(max_length=1024)] = None
    message: LongText = ""


class PoolSizeAnswer(Answer):
    """A pool before and after."""

    name: ShortText
    now: int
    then: int
