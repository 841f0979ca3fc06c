"""Wire shapes of clusters: two bodies (flat and unified) for one request, one answer for every cloud.

Field rules that hold on every cloud stand here; a cloud's own are its provider's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from skyclust.clusters.addon_schemas import MAX_ADDONS, AddonBody
from skyclust.clusters.pool_schemas import NodePoolAnswer, NodePoolPart, PlanDigest, PoolSizeAnswer, Word
from skyclust.kit.schemas import Answer, Body, Cidr, LongText, ShortText
from skyclust.networks.schemas import Nat, RefuseOverlap, check_nat
from skyclust.provisioning.answers import PlanAnswer

MAX_POOLS = 50

ClusterName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Version = Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?$")]
Region = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[a-z0-9-]+$")]
CloudId = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Protection = Annotated[bool, Field(description="refuse every way to delete it until this is false again")]


class ClusterNetworkBody(Body):
    """Either an existing network (`vpc_id`, `subnet_ids`), only observed, or one made with the cluster (the rest)."""

    vpc_id: CloudId | None = None
    subnet_ids: Annotated[list[CloudId], Field(max_length=50, default_factory=list)]
    cidr_block: Cidr | None = None
    zones: Annotated[int, Field(ge=1, le=6)] | None = None
    private_nodes: bool | None = None
    nat: Nat | None = None
    routing_mode: Literal["regional", "global"] | None = None
    mtu: Annotated[int, Field(ge=1280, le=9001)] | None = None
    refuse_overlap: RefuseOverlap | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        words = ("cidr_block", "zones", "private_nodes", "nat", "routing_mode", "mtu", "refuse_overlap")
        own = [name for name in words if self._given(name)]
        if self.vpc_id is not None and own:
            raise ValueError(f"{', '.join(own)} are for a network made with the cluster. Leave them out, or vpc_id.")
        if self.subnet_ids and self.vpc_id is None:
            raise ValueError("subnet_ids need the vpc_id they lie in. Add it.")
        check_nat(self.nat, private_nodes=self.private_nodes is not False)
        return self

    def _given(self, name: str) -> bool:
        return getattr(self, name) is not None


class _WithOptions(Body):
    """A body that may hold one object named after the provider. What else is unknown is refused while parsing."""

    model_config = ConfigDict(extra="allow")

    @property
    def unknown(self) -> dict[str, Any]:
        """Fields that are none of the above."""
        return dict(self.model_extra or {})


class TemplateRef(Body):
    """A template to lay the request over, by JSON merge patch. Without a version: the newest not deprecated."""

    name: ClusterName
    version: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class ClusterBody(_WithOptions):
    """POST /{provider}/kubernetes/clusters. Besides: one object named after the provider, with its own switches."""

    credential_id: UUID
    name: ClusterName
    version: Version | None = None
    region: Region | None = None
    workspace_id: UUID | None = None
    mode: Word = "standard"
    network: ClusterNetworkBody | None = None
    node_pool: NodePoolPart | None = None
    node_pools: Annotated[list[NodePoolPart], Field(max_length=MAX_POOLS, default_factory=list)]
    addons: Annotated[list[AddonBody], Field(max_length=MAX_ADDONS, default_factory=list)]
    zones: Annotated[list[Word], Field(max_length=20, default_factory=list)]
    deletion_protection: Protection = False
    template: TemplateRef | None = None
    plan_digest: PlanDigest | None = None


class UnifiedClusterPart(Body):
    """`cluster` of the unified body."""

    name: ClusterName
    version: Version | None = None
    region: Region | None = None
    mode: Word = "standard"
    zones: Annotated[list[Word], Field(max_length=20, default_factory=list)]
    deletion_protection: Protection = False


class UnifiedClusterBody(_WithOptions):
    """POST /clusters."""

    provider: Word
    credential_id: UUID
    workspace_id: UUID | None = None
    cluster: UnifiedClusterPart
    network: ClusterNetworkBody | None = None
    node_pool: NodePoolPart | None = None
    node_pools: Annotated[list[NodePoolPart], Field(max_length=MAX_POOLS, default_factory=list)]
    addons: Annotated[list[AddonBody], Field(max_length=MAX_ADDONS, default_factory=list)]
    template: TemplateRef | None = None
    plan_digest: PlanDigest | None = None


class ClusterTemplateBody(Body):
    """POST .../cluster-templates: the next version of `name`. `body` is part of a body for creating clusters of the
    provider, without what each request says for itself (name, credential).
    """

    name: ClusterName
    provider: Word
    description: Annotated[str, StringConstraints(max_length=256)] = ""
    body: Annotated[dict[str, Any], Field(max_length=50)]


class DeprecationBody(Body):
    """POST .../{version}:deprecate: why, and what to use instead."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class ClusterTemplateAnswer(Answer):
    """One version of a template. `deprecated_at`: it works, and says why it should not be used any more."""

    workspace_id: UUID
    name: ShortText
    version: int
    provider: ShortText
    description: ShortText
    body: dict[str, Any]
    created_by: ShortText
    created_at: datetime
    deprecated_at: datetime | None
    deprecated_reason: ShortText


class CreationPlanAnswer(PlanAnswer):
    """What creating a cluster would make. From a template: which version, and the whole body that came out."""

    template: ShortText | None = None
    body: dict[str, Any] | None = None


class CloneBody(Body):
    """POST .../{cluster}:clone: where to. Nothing is made unless `create` is true: the answer is what would be."""

    name: ClusterName
    credential_id: UUID
    workspace_id: UUID | None = None
    provider: Word | None = None
    region: Region | None = None
    create: bool = False
    plan_digest: PlanDigest | None = None


class ClusterPatchBody(_WithOptions):
    """PATCH: what may change in place. Besides: the provider's object, merged into the present switches."""

    version: Version | None = None
    deletion_protection: bool | None = None
    plan_digest: PlanDigest | None = None


class ConditionAnswer(Answer):
    """One aspect of the state, as Kubernetes writes them."""

    type: ShortText
    status: Literal["True", "False", "Unknown"]
    reason: ShortText = ""
    message: LongText = ""


class HibernationPlanAnswer(PlanAnswer):
    """What hibernating or waking would do. `usd_per_month` is the difference, `usd_per_month_then` what is left."""

    pools: Annotated[list[PoolSizeAnswer], Field(max_length=MAX_POOLS)]
    usd_per_month_then: float


class UpgradeStepAnswer(Answer):
    """What a hop changes: the control plane, then each node pool."""

    key: Annotated[str, Field(max_length=512)]
    title: LongText
    expected_seconds: float


class UpgradeHopAnswer(Answer):
    """From one minor version to the next."""

    version_before: ShortText
    version: ShortText
    expected_seconds: float
    steps: Annotated[list[UpgradeStepAnswer], Field(max_length=1_000)]


class UpgradePlanAnswer(PlanAnswer):
    """What upgrading would do: the operation goes through all `hops`, one after the other. `changes` are those of the
    first hop; cost, duration and findings are of the whole way.
    """

    hops: Annotated[list[UpgradeHopAnswer], Field(max_length=100)]


class ScheduleRuleBody(Body):
    """What is done on these days at this time of the wall clock."""

    do: Literal["hibernate", "wake"]
    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    at: Annotated[str, StringConstraints(max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class HibernationScheduleBody(Body):
    """PUT .../hibernation-schedule: the whole timetable. `time_zone` is an IANA name, "Europe/Zurich"."""

    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    rules: Annotated[list[ScheduleRuleBody], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _one_thing_at_a_time(self) -> Self:
        said: dict[tuple[str, str], str] = {}
        for rule in self.rules:
            for day in rule.days:
                if said.setdefault((day, rule.at), rule.do) != rule.do:
                    raise ValueError(
                        f"On {day} at {rule.at} it would be hibernated and woken. Change one of the times."
                    )
        return self


class ScheduledAnswer(Answer):
    """One entry of the timetable."""

    do: Literal["hibernate", "wake"]
    at: datetime


class LastScheduledAnswer(ScheduledAnswer):
    """The last one that was carried out. `at` is when."""

    operation_id: UUID | None


class HibernationScheduleAnswer(Answer):
    """When the cluster sleeps. `waiting` says why what is due has not begun; it is tried again every minute."""

    cluster_id: UUID
    time_zone: ShortText
    rules: Annotated[list[ScheduleRuleBody], Field(max_length=20)]
    next: Annotated[list[ScheduledAnswer], Field(max_length=10)]
    waiting: LongText
    last: LastScheduledAnswer | None
    updated_at: datetime


class ClusterNetworkAnswer(Answer):
    """Where the cluster lies. `id` is our own network's, if it is one of ours; `own` = made with the cluster."""

    vpc_id: Annotated[str | None, Field(max_length=1024)]
    subnet_ids: Annotated[list[Annotated[str, Field(max_length=1024)]], Field(max_length=100)]
    cidr_block: Annotated[str | None, Field(max_length=64)] = None
    own: bool


class CostAnswer(Answer):
    """What it costs by list prices; `as_of` is the date of the oldest price in it."""

    usd_per_month: float
    as_of: Annotated[str | None, Field(max_length=32)]


ClusterState = Literal[
    "provisioning", "ready", "degraded", "updating", "deleting", "needs_attention", "drifted", "deleted"
]


class ClusterAnswer(Answer):
    """A cluster, the same shape for every cloud."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    name: ShortText
    provider: ShortText
    region: ShortText
    zones: Annotated[list[ShortText], Field(max_length=20)]
    version: ShortText
    mode: ShortText
    state: ClusterState
    conditions: Annotated[list[ConditionAnswer], Field(max_length=200)]
    endpoint: Annotated[str | None, Field(max_length=1024)]
    network: ClusterNetworkAnswer
    node_pools: Annotated[list[NodePoolAnswer], Field(max_length=MAX_POOLS)]
    options: dict[str, Any]
    deletion_protection: bool
    hibernated: Annotated[bool, Field(description="its pools are at the least they keep; :wake brings them back")]
    managed: Annotated[bool, Field(description="false: imported read-only, only observed")] = True
    cost: CostAnswer
    created_at: datetime
    operation_id: UUID | None


class ExecStatus(Answer):
    """The short-lived token."""

    token: Annotated[str, Field(max_length=16_384)]
    expirationTimestamp: datetime  # noqa: N815 - Kubernetes' own spelling


class ExecCredential(Answer):
    """client.authentication.k8s.io/v1 ExecCredential, for kubectl's exec plug-in."""

    apiVersion: ShortText = "client.authentication.k8s.io/v1"  # noqa: N815 - Kubernetes' own spelling
    kind: ShortText = "ExecCredential"
    status: ExecStatus
