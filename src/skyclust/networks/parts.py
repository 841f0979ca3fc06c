"""Changes of a network's spec: subnets, security groups, rules and peerings added, changed, removed. Pure.

Each answers the new spec, or a problem that names what is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from skyclust.contract.resources import digest
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, PeeringSpec, SecurityGroupSpec, SubnetSpec
from skyclust.kit.problems import Problem, conflict, invalid, not_found
from skyclust.networks.cidrs import parse_cidr, subnet_cidr_errors
from skyclust.networks.schemas import NetworkPatchBody, SecurityGroupPart, SecurityGroupPatchBody, SubnetPart

#: Namespace of rule ids: a rule has no row, it is what it says.
_RULES = UUID("9b0e5a54-6d6c-5f0e-8f57-0c6a0c5a3f77")


# ---- the network ----
def with_settings(spec: NetworkSpec, body: NetworkPatchBody) -> NetworkSpec:
    """Another routing mode or MTU."""
    return replace(
        spec,
        routing_mode=body.routing_mode or spec.routing_mode,
        mtu=body.mtu if body.mtu is not None else spec.mtu,
    )


# ---- subnets ----
def with_subnet(spec: NetworkSpec, body: SubnetPart) -> NetworkSpec:
    """One more subnet: inside the network, apart from the others."""
    if spec.carve:
        raise carved(spec.name)
    _new_name("subnet", body.name, [subnet.name for subnet in spec.subnets])
    block = parse_cidr(spec.cidr_block)
    assert not isinstance(block, str), "the network was created with a well-formed block"
    blocks = [(subnet.name, subnet.cidr_block) for subnet in spec.subnets]
    errors = list(subnet_cidr_errors(block, [*blocks, (body.name, body.cidr_block)], first=len(blocks)))
    if errors:
        raise invalid([replace(error, pointer=of_last_part("subnets", spec)(error.pointer)) for error in errors])
    return replace(spec, subnets=(*spec.subnets, subnet_spec(body)))


def without_subnet(spec: NetworkSpec, name: str) -> NetworkSpec:
    """One subnet less."""
    if spec.carve:
        raise carved(spec.name)
    return replace(spec, subnets=tuple(subnet for subnet in spec.subnets if subnet.name != name))


def with_subnet_public(spec: NetworkSpec, name: str, *, public: bool) -> NetworkSpec:
    """A subnet that is reachable from outside, or is not any more."""
    if spec.carve:
        raise carved(spec.name)
    subnets = (replace(subnet, public=public) if subnet.name == name else subnet for subnet in spec.subnets)
    return replace(spec, subnets=tuple(subnets))


def subnet_spec(body: SubnetPart) -> SubnetSpec:
    """A subnet as a value."""
    return SubnetSpec(body.name, body.cidr_block, body.availability_zone, body.public)


def carved(network: str) -> Problem:
    """409: the subnets of a carved network are not edited one by one."""
    return conflict(
        "carved-network",
        "The subnets of this network were carved",
        f"The network {network!r} was made with carve, which lays out all subnets itself. Make a network without carve "
        "to choose subnets yourself.",
    )


# ---- security groups ----
def with_group(spec: NetworkSpec, body: SecurityGroupPart) -> NetworkSpec:
    """One more group."""
    _new_name("security group", body.name, [group.name for group in spec.security_groups])
    return replace(spec, security_groups=(*spec.security_groups, group_spec(body)))


def without_group(spec: NetworkSpec, name: str) -> NetworkSpec:
    """One group less."""
    group_of(spec, name)
    return replace(spec, security_groups=tuple(group for group in spec.security_groups if group.name != name))


def with_group_changed(spec: NetworkSpec, name: str, body: SecurityGroupPatchBody) -> NetworkSpec:
    """Another description, other rules, or both."""
    group = group_of(spec, name)
    if body.description is not None:
        group = replace(group, description=body.description)
    if body.rules is not None:
        group = replace(group, rules=tuple(rule.to_spec() for rule in body.rules))
    return _with_group(spec, group)


def with_rule(spec: NetworkSpec, name: str, rule: FirewallRuleSpec) -> NetworkSpec:
    """One more rule; 409 when the group says so already."""
    group = group_of(spec, name)
    if any(rule_id(name, other) == rule_id(name, rule) for other in group.rules):
        raise conflict("rule-exists", "The group has this rule", "An equal rule is there already. Nothing is to do.")
    return _with_group(spec, replace(group, rules=(*group.rules, rule)))


def without_rule(spec: NetworkSpec, name: str, wanted: UUID) -> NetworkSpec:
    """One rule less."""
    group = group_of(spec, name)
    kept = tuple(rule for rule in group.rules if rule_id(name, rule) != wanted)
    if len(kept) == len(group.rules):
        raise not_found("rule")
    return _with_group(spec, replace(group, rules=kept))


def group_of(spec: NetworkSpec, name: str) -> SecurityGroupSpec:
    """The group; 409 for one that SkyClust made by itself."""
    for group in spec.security_groups:
        if group.name == name:
            return group
    detail = f"The security group {name!r} was made together with the network and is not edited by itself."
    raise conflict("not-editable", "This security group is not edited", detail)


def group_spec(body: SecurityGroupPart) -> SecurityGroupSpec:
    """A group as a value."""
    return SecurityGroupSpec(body.name, body.description, tuple(rule.to_spec() for rule in body.rules))


def rule_id(group: str, rule: FirewallRuleSpec) -> UUID:
    """A rule's id inside its group: two equal rules are one rule."""
    said = [group, rule.direction, rule.protocol, rule.from_port, rule.to_port, sorted(rule.cidrs), rule.action]
    return uuid5(_RULES, digest(said))


def _with_group(spec: NetworkSpec, changed: SecurityGroupSpec) -> NetworkSpec:
    groups = (changed if group.name == changed.name else group for group in spec.security_groups)
    return replace(spec, security_groups=tuple(groups))


# ---- peerings ----
def with_peering(spec: NetworkSpec, peering: PeeringSpec) -> NetworkSpec:
    """One more peering; 409 when there is one of this name, or with this network."""
    _new_name("peering", peering.name, [other.name for other in spec.peerings])
    for other in spec.peerings:
        if other.network == peering.network:
            raise peered_already(other.name)
    return replace(spec, peerings=(*spec.peerings, peering))


def without_peerings(spec: NetworkSpec, names: Collection[str]) -> NetworkSpec:
    """Some peerings less."""
    return replace(spec, peerings=tuple(peering for peering in spec.peerings if peering.name not in names))


def peered_already(name: str) -> Problem:
    """409: two networks have one peering at most."""
    detail = f"The two networks are peered already, as {name!r}. Nothing is to do; to change it, delete that one first."
    return conflict("peering-exists", "The networks are peered", detail)


# ---- pointers ----
class of_last_part:  # noqa: N801 - used as a function
    """Pointers into the last subnet, group or peering of a spec as pointers into the body that adds it."""

    def __init__(self, member: str, spec: NetworkSpec) -> None:
        """`spec` is the one before the addition."""
        parts: Sequence[object] = getattr(spec, member)
        self._head = f"/{member}/{len(parts)}"

    def __call__(self, pointer: str) -> str:
        """The pointer in the body."""
        path = "/" + pointer.strip("/")
        if path != self._head and not path.startswith(self._head + "/"):
            return path
        inside = path[len(self._head) :]
        return {"/zone": "/availability_zone"}.get(inside, inside)


def _new_name(kind: str, name: str, names: Sequence[str]) -> None:
    if name in names:
        raise conflict("name-exists", f"A {kind} of this name exists", f"{name!r} is in the network. Choose another.")
