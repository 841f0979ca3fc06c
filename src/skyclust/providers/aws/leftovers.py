"""What controllers inside a cluster made in AWS and nobody removed: load balancers, interfaces, security groups.

Called by the sweep and by the inventory. Invariant: only what carries a tag of one of the given clusters is recognised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from skyclust.contract.errors import InUse, InvalidSpec, NotSupported
from skyclust.contract.resources import TAG_RESOURCE, JsonObject
from skyclust.providers.aws.drivers.ec2 import tags_of
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

#: DescribeTags of both load-balancing APIs takes this many at most.
TAGS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer of either generation in the network; `id` is its ARN, or its name for classic ones."""

    id: str
    name: str
    classic: bool
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What the given clusters left in one network. `fading`: interfaces that go with a load balancer by themselves."""

    balancers: tuple[Balancer, ...] = ()
    target_groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    fading: tuple[str, ...] = ()
    groups: tuple[JsonObject, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.balancers or self.target_groups or self.interfaces or self.fading or self.groups)


def cluster_of(tags: dict[str, str], clusters: Iterable[str]) -> str | None:
    """Which of `clusters` a controller made this for; None when none, or when it carries a mark of ours."""
    if TAG_RESOURCE in tags:
        return None
    for name in clusters:
        owned = tags.get(f"kubernetes.io/cluster/{name}") == "owned"
        told = name in (tags.get("elbv2.k8s.aws/cluster"), tags.get("cluster.k8s.amazonaws.com/name"))
        if owned or told:
            return name
    return None


async def find_leftovers(session: AwsSession, vpc_id: str, clusters: tuple[str, ...]) -> Leftovers:
    """Look everywhere at once."""
    if not clusters:
        return Leftovers()
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    balancers, interfaces, groups, targets = await asyncio.gather(
        balancers_in(session, vpc_id),
        session.listed("ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=in_vpc),
        session.listed("ec2", "describe_security_groups", "SecurityGroups", Filters=in_vpc),
        _target_groups(session, vpc_id, clusters),
    )
    ours = tuple(item for item in balancers if cluster_of(item.tags, clusters))
    swept = [item for item in groups if cluster_of(tags_of(item), clusters) and item["GroupName"] != "default"]
    held = {item["GroupId"] for item in swept}
    free = [item for item in interfaces if item["Status"] == "available"]
    return Leftovers(
        ours,
        targets,
        tuple(item["NetworkInterfaceId"] for item in free if _is_left_interface(item, clusters)),
        tuple(item["NetworkInterfaceId"] for item in interfaces if _fades(item, held, balancers)),
        tuple(swept),
    )


async def sweep(session: AwsSession, found: Leftovers) -> None:
    """One round: load balancers first; groups once nothing uses them any more. InUse when somebody else uses one."""
    for balancer in found.balancers:
        await _ignore_absent(session, *_deletion_of(balancer))
    for interface in found.interfaces:
        await _ignore_absent(session, "ec2", "delete_network_interface", "NetworkInterfaceId", interface)
    if found.balancers or found.fading:
        return  # the rest follows when their interfaces are gone
    for target in found.target_groups:
        await _ignore_absent(session, "elbv2", "delete_target_group", "TargetGroupArn", target)
    for group in found.groups:  # groups that refer to each other go once their rules are gone
        await _empty(session, group)
    for group in found.groups:
        await _ignore_absent(session, "ec2", "delete_security_group", "GroupId", group["GroupId"])


async def balancers_in(session: AwsSession, vpc_id: str) -> list[Balancer]:
    """Load balancers of both generations in a network, with tags."""
    modern, classic = await asyncio.gather(
        session.listed("elbv2", "describe_load_balancers", "LoadBalancers"),
        session.listed("elb", "describe_load_balancers", "LoadBalancerDescriptions"),
    )
    arns = {item["LoadBalancerArn"]: item["LoadBalancerName"] for item in modern if item.get("VpcId") == vpc_id}
    names = [item["LoadBalancerName"] for item in classic if item.get("VPCId") == vpc_id]
    modern_tags, classic_tags = await asyncio.gather(
        _tags(session, "elbv2", "ResourceArns", "ResourceArn", list(arns)),
        _tags(session, "elb", "LoadBalancerNames", "LoadBalancerName", names),
    )
    return [
        *(Balancer(arn, name, False, modern_tags.get(arn, {})) for arn, name in arns.items()),
        *(Balancer(name, name, True, classic_tags.get(name, {})) for name in names),
    ]


def belongs_to_balancer(description: str, balancer: Balancer) -> bool:
    """True for the interface of this load balancer; ELB writes "ELB name" or "ELB app/name/id" into them."""
    return description == f"ELB {balancer.name}" or f"/{balancer.name}/" in description


async def _target_groups(session: AwsSession, vpc_id: str, clusters: tuple[str, ...]) -> tuple[str, ...]:
    found = await session.listed("elbv2", "describe_target_groups", "TargetGroups")
    arns = [item["TargetGroupArn"] for item in found if item.get("VpcId") == vpc_id]
    tags = await _tags(session, "elbv2", "ResourceArns", "ResourceArn", arns)
    return tuple(arn for arn in arns if cluster_of(tags.get(arn, {}), clusters))


async def _tags(
    session: AwsSession, service: str, argument: str, member: str, ids: list[str]
) -> dict[str, dict[str, str]]:
    batches = [ids[at : at + TAGS_AT_ONCE] for at in range(0, len(ids), TAGS_AT_ONCE)]
    pages = await asyncio.gather(*(session.call(service, "describe_tags", **{argument: batch}) for batch in batches))
    return {item[member]: tags_of(item) for page in pages for item in page["TagDescriptions"]}


def _is_left_interface(item: JsonObject, clusters: tuple[str, ...]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in item.get("TagSet") or []}
    return cluster_of(tags, clusters) is not None


def _fades(item: JsonObject, held: set[str], balancers: list[Balancer]) -> bool:
    """An interface of a load balancer, with a group of ours, that is already deleted: ELB removes it within minutes."""
    description = item.get("Description", "")
    if not description.startswith("ELB ") or not held & {group["GroupId"] for group in item.get("Groups") or []}:
        return False
    return not any(belongs_to_balancer(description, balancer) for balancer in balancers)


def _deletion_of(balancer: Balancer) -> tuple[str, str, str, str]:
    if balancer.classic:
        return "elb", "delete_load_balancer", "LoadBalancerName", balancer.id
    return "elbv2", "delete_load_balancer", "LoadBalancerArn", balancer.id


async def _ignore_absent(session: AwsSession, service: str, method: str, argument: str, value: str) -> None:
    try:
        await session.call(service, method, **{argument: value})
    except NotFound:
        return
    except InUse as error:
        message = f"{value} was left behind by Kubernetes, and something else uses it: {error.message}"
        raise InUse(message, blockers=(value,), operation=error.operation, code=error.code) from None


async def _empty(session: AwsSession, group: JsonObject) -> None:
    """Remove rules that refer to other groups: two such groups hold each other otherwise."""
    for direction, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        referring = [rule for rule in group.get(member) or [] if rule.get("UserIdGroupPairs")]
        if not referring:
            continue
        pairs = [{**rule, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": []} for rule in referring]
        try:
            await session.call(
                "ec2", f"revoke_security_group_{direction}", GroupId=group["GroupId"], IpPermissions=pairs
            )
        except (NotFound, InvalidSpec, NotSupported):
            continue  # already gone; the deletion below says so if not
