"""From bodies to specs. Called by the routes and the service.

Invariant: pure. Every refusal names the field as the client wrote it and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from uuid import UUID, uuid5

from skyclust.contract.provider import Provider
from skyclust.contract.resources import digest
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.kit.problems import FieldError, Problem, conflict, invalid
from skyclust.networks.cidrs import free_block
from skyclust.networks.schemas import NetworkBody, NetworkPart, RuleBody, SubnetPart, UnifiedNetworkBody


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """What both bodies mean. `at` is where the network stands in the client's body."""

    provider: str
    credential_id: UUID
    workspace_id: UUID | None
    wish: NetworkPart
    at: str = ""

    def pointer(self, spec_pointer: str) -> str:
        """Where in the client's body a field of the spec stands."""
        path = spec_pointer.strip("/")
        if path in ("credential_id", "workspace_id"):
            return f"/{path}"
        return f"{self.at}/{path}" if path else self.at


def parse_flat(provider: str, body: NetworkBody) -> NetworkRequest:
    """The provider route's body."""
    return NetworkRequest(provider, body.credential_id, body.workspace_id, body)


def parse_unified(body: UnifiedNetworkBody) -> NetworkRequest:
    """The unified body."""
    return NetworkRequest(body.provider, body.credential_id, body.workspace_id, body.network, "/network")


def region_of(provider: Provider, wanted: str | None, fallback: str | None, pointer: str) -> str:
    """The request's region, else the credential's; 422 when there is none or the cloud does not know it."""
    region = wanted or fallback
    if region is None:
        raise invalid([FieldError(pointer, "This credential has no default region. Name one.")])
    known = provider.regions()
    if region not in known:
        near = get_close_matches(region, known, 5, 0.4) or list(known[:5])
        raise invalid([FieldError(pointer, f"{provider.title} has no region {region!r}. Near: {', '.join(near)}.")])
    return region


def network_spec(request: NetworkRequest, region: str, taken: Mapping[str, str]) -> NetworkSpec:
    """What is asked for; without a block, the first that overlaps none of `taken`."""
    wish = request.wish
    check_names([subnet.name for subnet in wish.subnets], request.pointer("/subnets"))
    check_names([group.name for group in wish.security_groups], request.pointer("/security_groups"))
    return NetworkSpec(
        name=wish.name,
        region=region,
        cidr_block=wish.cidr_block or free_block(taken.values()),
        zones=wish.zones,
        private_nodes=wish.private_nodes,
        carve=wish.carve,
        routing_mode=wish.routing_mode,
        mtu=wish.mtu,
        subnets=tuple(subnet_spec(subnet) for subnet in wish.subnets),
        security_groups=tuple(
            SecurityGroupSpec(group.name, group.description, tuple(rule_spec(rule) for rule in group.rules))
            for group in wish.security_groups
        ),
    )


def subnet_spec(body: SubnetPart) -> SubnetSpec:
    """A subnet as a value."""
    return SubnetSpec(body.name, body.cidr_block, body.availability_zone, body.public)


def rule_spec(body: RuleBody) -> FirewallRuleSpec:
    """A rule as a value."""
    return FirewallRuleSpec(
        body.direction, body.protocol, body.from_port, body.to_port, tuple(body.cidrs), body.description, body.action
    )


def check_names(names: Sequence[str], pointer: str) -> None:
    """422 when two have one name."""
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise invalid([FieldError(f"{pointer}/{i}/name", f"{names[i]!r} is there twice. Rename one.") for i in twice])


def item_id(network_id: UUID, kind: str, name: str) -> UUID:
    """The lasting id of something inside a network: it has no row of its own."""
    return uuid5(network_id, f"{kind}/{name}")


def rule_id(group_id: UUID, rule: FirewallRuleSpec) -> UUID:
    """A rule's id: two equal rules are one rule."""
    said = [rule.direction, rule.protocol, rule.from_port, rule.to_port, sorted(rule.cidrs), rule.action]
    return uuid5(group_id, digest(said))


def check_new_item(spec: NetworkSpec, kind: str, name: str, names: Sequence[str]) -> None:
    """409 when the name is taken inside the network, or when subnets are carved and so not added one by one."""
    if kind == "subnet" and spec.carve:
        raise carved(spec.name)
    if name in names:
        raise conflict("name-exists", f"A {kind} of this name exists", f"{name!r} is in the network. Choose another.")


def carved(network: str) -> Problem:
    """409: the subnets of a carved network are not edited one by one."""
    return conflict(
        "carved-network",
        "The subnets of this network were carved",
        f"The network {network!r} was made with carve, which lays out all subnets itself. Make a network without carve "
        "to choose subnets yourself.",
    )
