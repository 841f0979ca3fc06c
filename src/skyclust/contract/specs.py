"""What a user asks for, the same for every cloud. Frozen values; made by the slices, read by blueprints.

Field rules that hold on every cloud live in the slices' schemas; a cloud's own rules in `Provider.validate`.
`options` is the object named after the provider in a request body ("gcp": {...}), validated by the provider's schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class AutoScaling:
    """Bounds within which an autoscaler owns the desired size."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Taint:
    """A Kubernetes taint; `effect` is NoSchedule | PreferNoSchedule | NoExecute."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class UpgradeSettings:
    """How many nodes come besides and how many are missing while those of a pool are replaced: "2", or "33%" of them.

    None is what the cloud does by itself.
    """

    max_surge: str | None = None
    max_unavailable: str | None = None


@dataclass(frozen=True, slots=True)
class Gpu:
    """Graphics processors of each node. `type` is the cloud's own word."""

    type: str
    count: int


@dataclass(frozen=True, slots=True)
class NodePoolSpec:
    """A group of equal machines. With `auto_scaling`, `node_count` is only the size at creation.

    other_types   what the cloud may take instead of `machine_type`, best first
    disk_type     the cloud's own word; None is its usual one
    """

    name: str
    machine_type: str
    node_count: int
    auto_scaling: AutoScaling | None = None
    spot: bool = False
    disk_gb: int = 50
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    zones: tuple[str, ...] = ()
    upgrade: UpgradeSettings | None = None
    other_types: tuple[str, ...] = ()
    gpu: Gpu | None = None
    disk_type: str | None = None

    @property
    def machine_types(self) -> tuple[str, ...]:
        """All that its nodes may be, best first."""
        return (self.machine_type, *self.other_types)

    @property
    def most_nodes(self) -> int:
        """The size asked for, or what the autoscaler may go up to."""
        return self.auto_scaling.max if self.auto_scaling is not None else self.node_count


@dataclass(frozen=True, slots=True)
class AddonSpec:
    """A wish about an add-on (contract/addons.py); what no wish is about is let be.

    version        None = what the cloud chooses, at its creation and ever after
    configuration  {} = what the cloud chooses
    identity       what its pods are in the cloud: the ARN of a role on AWS; None = what its nodes are
    enabled        False = it is not to be there, also where the cloud would have it by default
    """

    name: str
    version: str | None = None
    configuration: dict[str, Any] = field(default_factory=dict)
    identity: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class SubnetSpec:
    """A subnet asked for by name. `zone` is None on clouds whose subnets span a region."""

    name: str
    cidr_block: str
    zone: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class FirewallRuleSpec:
    """One rule. `direction` ingress | egress; `protocol` tcp | udp | icmp | all; ports inclusive, None = all."""

    direction: str
    protocol: str
    from_port: int | None
    to_port: int | None
    cidrs: tuple[str, ...]
    description: str = ""
    action: str = "allow"


@dataclass(frozen=True, slots=True)
class SecurityGroupSpec:
    """A named set of rules: a security group (AWS), firewall rules (GCP), an NSG (Azure)."""

    name: str
    description: str
    rules: tuple[FirewallRuleSpec, ...]


@dataclass(frozen=True, slots=True)
class PeeringSpec:
    """Traffic by private addresses between this network and another of the same account, both ways.

    network     our id of the other one
    network_id  the cloud's id of the other one, which is there already; `region` and `cidr_block` are its own
    options     the provider's own switches, judged by `Provider.validate_network`
    """

    name: str
    network: str
    network_id: str
    region: str
    cidr_block: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network and what was asked for inside it.

    zones         how many zones to carve subnets over when `subnets` is empty and `carve` is True
    existing_id   the cloud id of a network that is not ours: observed, never changed, never deleted
    nat           single | per_zone | none: ways out for private nodes of a carved network; None = single
    carve         make public and private subnets, gateways and NAT, ready for a cluster
    peerings      with other networks; they stand in the graph of the network that asked for them, with both sides
    clusters      names of our clusters, living or gone, that used this network: what Kubernetes left behind for them
                  may be swept when the network goes
    """

    name: str
    region: str
    cidr_block: str
    zones: int = 2
    private_nodes: bool = True
    carve: bool = True
    nat: str | None = None
    routing_mode: str = "regional"
    mtu: int | None = None
    subnets: tuple[SubnetSpec, ...] = ()
    security_groups: tuple[SecurityGroupSpec, ...] = ()
    peerings: tuple[PeeringSpec, ...] = ()
    existing_id: str | None = None
    clusters: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def has_nat(self) -> bool:
        """Whether private nodes of a carved network get a way out."""
        return self.private_nodes and self.nat != "none"


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """A cluster with its node pools and either a network of its own or an existing one.

    network       a network made with the cluster, belonging to it; None when `vpc_id` is given
    vpc_id        existing network, observed only; `subnet_ids` empty = the provider picks fitting ones at plan time
    options       the provider's own switches; `Provider.complete_cluster` may add what only the cloud knows
    asleep        nodes that each pool keeps while the cluster is hibernated, 0 where left out; None = awake. The pools
                  themselves stay as they were asked for, so that waking is forgetting this
    addons        wishes about add-ons, each name once; the others are let be
    """

    name: str
    region: str
    version: str
    mode: str = "standard"
    network: NetworkSpec | None = None
    vpc_id: str | None = None
    subnet_ids: tuple[str, ...] = ()
    node_pools: tuple[NodePoolSpec, ...] = ()
    zones: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    asleep: Mapping[str, int] | None = None
    addons: tuple[AddonSpec, ...] = ()

    @property
    def pools_now(self) -> tuple[NodePoolSpec, ...]:
        """The pools as they are to be now: of a hibernated cluster with the nodes they keep, and no autoscaler."""
        if self.asleep is None:
            return self.node_pools
        kept = self.asleep
        return tuple(replace(pool, node_count=kept.get(pool.name, 0), auto_scaling=None) for pool in self.node_pools)

    @property
    def most_nodes(self) -> int:
        """The most nodes that all its pools together may have now."""
        return sum(pool.most_nodes for pool in self.pools_now)

    def to_json(self) -> dict[str, Any]:
        """A JSON object from which `from_json` makes an equal value."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Inverse of `to_json`; unknown keys raise TypeError."""
        network = data.get("network")
        return cls(
            **{
                **data,
                "network": network_from_json(network) if network else None,
                "subnet_ids": tuple(data.get("subnet_ids", ())),
                "zones": tuple(data.get("zones", ())),
                "node_pools": tuple(node_pool_from_json(pool) for pool in data.get("node_pools", ())),
                "addons": tuple(AddonSpec(**addon) for addon in data.get("addons", ())),
            }
        )


def network_to_json(spec: NetworkSpec) -> dict[str, Any]:
    """A JSON object from which `network_from_json` makes an equal value."""
    return asdict(spec)


def network_from_json(data: dict[str, Any]) -> NetworkSpec:
    """Inverse of `network_to_json`."""
    return NetworkSpec(
        **{
            **data,
            "subnets": tuple(SubnetSpec(**subnet) for subnet in data.get("subnets", ())),
            "security_groups": tuple(
                SecurityGroupSpec(**{**group, "rules": tuple(_rule(rule) for rule in group["rules"])})
                for group in data.get("security_groups", ())
            ),
            "peerings": tuple(PeeringSpec(**peering) for peering in data.get("peerings", ())),
            "clusters": tuple(data.get("clusters", ())),
        }
    )


def _rule(data: dict[str, Any]) -> FirewallRuleSpec:
    return FirewallRuleSpec(**{**data, "cidrs": tuple(data["cidrs"])})


def node_pool_from_json(data: dict[str, Any]) -> NodePoolSpec:
    """Make a pool from its JSON object."""
    scaling, upgrade, gpu = data.get("auto_scaling"), data.get("upgrade"), data.get("gpu")
    return NodePoolSpec(
        **{
            **data,
            "auto_scaling": AutoScaling(**scaling) if scaling else None,
            "upgrade": UpgradeSettings(**upgrade) if upgrade else None,
            "other_types": tuple(data.get("other_types", ())),
            "gpu": Gpu(**gpu) if gpu else None,
            "taints": tuple(Taint(**taint) for taint in data.get("taints", ())),
            "zones": tuple(data.get("zones", ())),
        }
    )
