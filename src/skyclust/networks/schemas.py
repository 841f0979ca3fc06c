"""Wire shapes of networks, subnets, security groups and peerings. Bodies are flat, in the words of the first API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from skyclust.contract.specs import FirewallRuleSpec
from skyclust.kit.schemas import Answer, Body, Cidr, LongText, ShortText

NetworkName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Region = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[a-z0-9-]+$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=50)]
CloudId = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(max_length=255)]
PlanDigest = Annotated[str, StringConstraints(max_length=64)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Mtu = Annotated[int, Field(ge=1280, le=9001)]
Protection = Annotated[bool, Field(description="refuse every way to delete it until this is false again")]
RefuseOverlap = Annotated[
    bool, Field(description="refuse a cidr_block that overlaps any range of the workspace, on whatever cloud")
]
Nat = Annotated[
    Literal["single", "per_zone", "none"],
    Field(description="ways out for private nodes: one, one per zone (survives a zone, costs more), or none"),
]
RoutingMode = Literal["regional", "global"]
Cidrs = Annotated[list[Cidr], Field(min_length=1, max_length=60)]


class ImportBody(Body):
    """POST .../clusters:import and .../vpcs:import: which one, by name or by the cloud's id.

    `managed`: change and delete it like our own; else it is only observed, and forgotten on deletion.
    """

    credential_id: UUID
    workspace_id: UUID | None = None
    region: Region | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=256)] | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None
    managed: bool = False
    plan_digest: PlanDigest | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.name is None) == (self.external_id is None):
            raise ValueError("Give name or external_id, one of the two. GET ...:importable lists both.")
        return self


class UnifiedImportBody(ImportBody):
    """POST /clusters:import and /networks:import."""

    provider: Word


class ImportableAnswer(Answer):
    """A cluster or network that exists in the cloud. `taken`: this installation has it already, as `id` if you may see
    it. `mark` proves that some installation of SkyClust manages it.
    """

    name: ShortText
    external_id: Annotated[str, Field(max_length=1024)]
    region: ShortText
    version: Annotated[str | None, Field(max_length=64)]
    cidr_block: Annotated[str | None, Field(max_length=64)]
    taken: bool
    id: UUID | None
    mark: Annotated[str | None, Field(max_length=1024)]


class SubnetPart(Body):
    """A subnet inside a network's body."""

    name: NetworkName
    cidr_block: Cidr
    availability_zone: Word | None = None
    public: bool = False


class RuleBody(Body):
    """One firewall rule. Ports are inclusive; none means all. `all` as protocol takes no ports."""

    direction: Literal["ingress", "egress"] = "ingress"
    protocol: Literal["tcp", "udp", "icmp", "all"]
    from_port: Port | None = None
    to_port: Port | None = None
    cidrs: Cidrs
    description: Text = ""
    action: Literal["allow", "deny"] = "allow"

    @model_validator(mode="after")
    def _ports(self) -> Self:
        low, high = self.from_port, self.to_port
        if self.protocol in ("icmp", "all") and (low is not None or high is not None):
            raise ValueError(f"{self.protocol} has no ports. Leave from_port and to_port out.")
        if (low is None) != (high is None):
            raise ValueError("Give both from_port and to_port, or neither for all ports.")
        if low is not None and high is not None and low > high:
            raise ValueError(f"from_port ({low}) is above to_port ({high}). Swap them.")
        return self

    def to_spec(self) -> FirewallRuleSpec:
        """The rule as a value."""
        return FirewallRuleSpec(
            self.direction,
            self.protocol,
            self.from_port,
            self.to_port,
            tuple(self.cidrs),
            self.description,
            self.action,
        )


Rules = Annotated[list[RuleBody], Field(max_length=100, default_factory=list)]


class SecurityGroupPart(Body):
    """A security group inside a network's body."""

    name: NetworkName
    description: Text = ""
    rules: Rules


def check_nat(nat: str | None, *, private_nodes: bool) -> None:
    """ValueError for a way out that nobody would use."""
    if nat in ("single", "per_zone") and not private_nodes:
        raise ValueError("Without private nodes nobody uses a NAT gateway. Leave nat out, or set private_nodes.")


class NetworkPart(Body):
    """What a network is asked to be. `carve`: make public and private subnets, gateways and NAT, fit for a cluster."""

    name: NetworkName
    region: Region | None = None
    cidr_block: Cidr | None = None
    carve: bool = False
    zones: Annotated[int, Field(ge=1, le=6)] = 2
    private_nodes: bool = True
    nat: Nat | None = None
    routing_mode: RoutingMode = "regional"
    mtu: Mtu | None = None
    deletion_protection: Protection = False
    refuse_overlap: RefuseOverlap = False
    subnets: Annotated[list[SubnetPart], Field(max_length=100, default_factory=list)]
    security_groups: Annotated[list[SecurityGroupPart], Field(max_length=50, default_factory=list)]

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.carve and self.subnets:
            raise ValueError("carve makes the subnets itself. Leave out carve, or subnets.")
        if self.nat is not None and not self.carve:
            raise ValueError("nat is about the subnets that carve lays out. Set carve, or leave nat out.")
        check_nat(self.nat, private_nodes=self.private_nodes)
        return self


class NetworkBody(NetworkPart):
    """POST /{provider}/network/vpcs."""

    credential_id: UUID
    workspace_id: UUID | None = None
    plan_digest: PlanDigest | None = None


class UnifiedNetworkBody(Body):
    """POST /networks."""

    provider: Word
    credential_id: UUID
    workspace_id: UUID | None = None
    network: NetworkPart
    plan_digest: PlanDigest | None = None


class NetworkPatchBody(Body):
    """What may change in place."""

    routing_mode: RoutingMode | None = None
    mtu: Mtu | None = None
    deletion_protection: bool | None = None
    plan_digest: PlanDigest | None = None

    @property
    def of_the_cloud(self) -> dict[str, Any]:
        """What is given and concerns the cloud."""
        return self.model_dump(include={"routing_mode", "mtu"}, exclude_none=True)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.of_the_cloud and self.deletion_protection is None:
            raise ValueError("Give routing_mode, mtu or deletion_protection: nothing else changes in place.")
        return self


class SubnetBody(SubnetPart):
    """POST /{provider}/network/subnets. `vpc_id` is the cloud's id or ours."""

    credential_id: UUID | None = None
    vpc_id: CloudId
    plan_digest: PlanDigest | None = None


class SubnetPatchBody(Body):
    """What of a subnet may change."""

    public: bool
    plan_digest: PlanDigest | None = None


class SecurityGroupBody(SecurityGroupPart):
    """POST /{provider}/network/security-groups."""

    credential_id: UUID | None = None
    vpc_id: CloudId
    plan_digest: PlanDigest | None = None


class SecurityGroupPatchBody(Body):
    """The new description, the new rules (all of them), or both."""

    description: Text | None = None
    rules: Annotated[list[RuleBody], Field(max_length=100)] | None = None
    plan_digest: PlanDigest | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.description is None and self.rules is None:
            raise ValueError("Give description, rules or both.")
        return self


class PeeringBody(Body):
    """POST /{provider}/network/peerings. Both networks by our id, the cloud's or the name; `network_id` asks for it.

    `options` are the cloud's own switches.
    """

    credential_id: UUID | None = None
    name: NetworkName
    network_id: CloudId
    peer_network_id: CloudId
    options: Annotated[dict[Word, bool], Field(max_length=10, default_factory=dict)]
    plan_digest: PlanDigest | None = None


class NewRuleBody(RuleBody):
    """POST .../rules."""

    plan_digest: PlanDigest | None = None


NetworkState = Literal["provisioning", "ready", "updating", "deleting", "needs_attention", "drifted", "deleted"]


class OwnerAnswer(Answer):
    """The cluster a network was made with, and with which it goes."""

    kind: Literal["cluster"] = "cluster"
    id: UUID
    name: ShortText


class NetworkCostAnswer(Answer):
    """What it costs by list prices; null when it is in its cluster's cost already."""

    usd_per_month: float
    as_of: Annotated[str | None, Field(max_length=32)]


class NetworkAnswer(Answer):
    """A network. `vpc_id` is the cloud's id, as soon as there is one."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    name: ShortText
    provider: ShortText
    region: ShortText
    cidr_block: ShortText
    vpc_id: Annotated[str | None, Field(max_length=1024)]
    external_id: Annotated[str | None, Field(max_length=1024, description="the same as vpc_id")]
    state: NetworkState
    message: LongText
    carve: bool
    zones: int
    private_nodes: bool
    nat: Annotated[str | None, Field(max_length=10, description="null where the subnets are your own")]
    routing_mode: ShortText
    mtu: int | None
    deletion_protection: bool
    subnet_ids: Annotated[list[Annotated[str, Field(max_length=1024)]], Field(max_length=200)]
    owned_by: OwnerAnswer | None
    managed: Annotated[bool, Field(description="false: imported read-only, only observed")] = True
    cluster_id: UUID | None
    cost: NetworkCostAnswer | None
    created_at: datetime
    operation_id: UUID | None


class FreeRangeAnswer(Answer):
    """A range that overlaps nothing of the workspace."""

    cidr_block: Annotated[str, Field(max_length=18)]
    addresses: int


class FreeRangesAnswer(Answer):
    """Free ranges, lowest first; fewer than asked for when there are no more. `avoided`: ranges that lie in the way."""

    workspace_id: UUID
    items: Annotated[list[FreeRangeAnswer], Field(max_length=100)]
    avoided: int
    next_cursor: None = None


class SubnetAnswer(Answer):
    """A subnet. `editable` is false for those that were carved: they come and go with the network."""

    id: UUID
    name: ShortText
    network_id: UUID
    vpc_id: Annotated[str | None, Field(max_length=1024)]
    external_id: Annotated[str | None, Field(max_length=1024)]
    provider: ShortText
    region: ShortText
    cidr_block: Annotated[str | None, Field(max_length=64)]
    availability_zone: Annotated[str | None, Field(max_length=64)]
    public: bool | None
    state: ShortText
    message: LongText = ""
    editable: bool


class RuleAnswer(Answer):
    """A rule; its id is made from what it says."""

    id: UUID
    direction: ShortText
    protocol: ShortText
    from_port: int | None
    to_port: int | None
    cidrs: Annotated[list[ShortText], Field(max_length=60)]
    description: Annotated[str, Field(max_length=255)]
    action: ShortText


class SecurityGroupAnswer(Answer):
    """A security group (AWS), a set of firewall rules (GCP), an NSG (Azure)."""

    id: UUID
    name: ShortText
    description: Annotated[str, Field(max_length=255)]
    network_id: UUID
    vpc_id: Annotated[str | None, Field(max_length=1024)]
    external_id: Annotated[str | None, Field(max_length=1024)]
    provider: ShortText
    region: ShortText
    rules: Annotated[list[RuleAnswer], Field(max_length=100)]
    state: ShortText
    message: LongText = ""
    editable: bool


class PeeringAnswer(Answer):
    """A peering, as the network that asked for it has it. `external_id` is what the cloud calls it there."""

    id: UUID
    name: ShortText
    provider: ShortText
    network_id: UUID
    vpc_id: Annotated[str | None, Field(max_length=1024)]
    region: ShortText
    cidr_block: ShortText
    peer_network_id: UUID
    peer_vpc_id: Annotated[str, Field(max_length=1024)]
    peer_region: ShortText
    peer_cidr_block: ShortText
    options: Annotated[dict[str, bool], Field(max_length=10)]
    external_id: Annotated[str | None, Field(max_length=1024)]
    state: ShortText
    message: LongText = ""


NodeId = Annotated[str, Field(max_length=300)]


class TopologyNodeAnswer(Answer):
    """One thing of a network. Its id stays when it is made anew; `cluster_id` is set for clusters and their pools."""

    id: NodeId
    kind: Literal["network", "subnet", "gateway", "firewall", "peering", "cluster", "node_pool"]
    name: LongText
    state: ShortText
    external_id: Annotated[str | None, Field(max_length=1024)]
    cidr_block: Annotated[str | None, Field(max_length=64)]
    zones: Annotated[list[ShortText], Field(max_length=20)]
    cluster_id: UUID | None


class TopologyEdgeAnswer(Answer):
    """`source` lies inside `target`, or uses it."""

    source: NodeId
    target: NodeId
    kind: Literal["inside", "uses"]


class TopologyAnswer(Answer):
    """A network as a graph. `truncated`: there is more than is shown."""

    nodes: Annotated[list[TopologyNodeAnswer], Field(max_length=2_000)]
    edges: Annotated[list[TopologyEdgeAnswer], Field(max_length=10_000)]
    truncated: bool


class ItemsAnswer(Answer):
    """Everything of a network, unpaged."""


class RulesAnswer(ItemsAnswer):
    """Rules of a group."""

    items: Annotated[list[RuleAnswer], Field(max_length=100)]
    next_cursor: None = None
