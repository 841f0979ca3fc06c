"""Fill in what only AWS knows, once, before planning: the creator's principal, and the subnets of an existing network.

Called by the provider. Invariant: completing a completed spec changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.aws.blueprints.clusters import CREATOR, NODE_SUBNETS, SUBNET_ZONES
from skyclust.providers.aws.blueprints.networks import IMPORTED
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.identities import principal
from skyclust.providers.aws.sessions import AwsSession

ZONES_NEEDED = 2


async def complete(session: AwsSession, spec: ClusterSpec) -> ClusterSpec:
    """The spec with options the blueprint reads, and with subnets where an existing network is used."""
    options = dict(spec.options)
    if IMPORTED in options:
        return spec  # the importer has told everything
    if CREATOR not in options:
        options[CREATOR] = await principal(session)
    if spec.network is not None or NODE_SUBNETS in options:
        return replace(spec, options=options)
    known = await _subnets(session, spec)
    chosen = [known[subnet] for subnet in spec.subnet_ids] if spec.subnet_ids else choose(spec, list(known.values()))
    return replace(
        spec,
        options={**options, **placing(chosen)},
        vpc_id=chosen[0]["VpcId"],
        subnet_ids=tuple(subnet["SubnetId"] for subnet in chosen),
    )


def placing(chosen: list[JsonObject]) -> JsonObject:
    """The options that tell where machines go: to private subnets where there are some, and which zone each is in."""
    inner = [subnet for subnet in chosen if not subnet["MapPublicIpOnLaunch"]] or chosen
    return {
        NODE_SUBNETS: [subnet["SubnetId"] for subnet in inner],
        SUBNET_ZONES: {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in chosen},
    }


def choose(spec: ClusterSpec, subnets: list[JsonObject]) -> list[JsonObject]:
    """Per zone the subnet with the most free addresses, private ones first. InvalidSpec with fewer than two zones."""
    fitting = [subnet for subnet in subnets if not spec.zones or subnet["AvailabilityZone"] in spec.zones]
    private = _best_by_zone([subnet for subnet in fitting if not subnet["MapPublicIpOnLaunch"]])
    chosen = private if len(private) >= ZONES_NEEDED else _best_by_zone(fitting)
    if len(chosen) < ZONES_NEEDED:
        message = (
            f"EKS needs subnets in at least {ZONES_NEEDED} zones, and {spec.vpc_id} has them in "
            f"{len(chosen)} ({', '.join(sorted(chosen)) or 'none'}). Add a subnet in another zone."
        )
        raise InvalidSpec(message, field="network/subnet_ids")
    return [chosen[zone] for zone in sorted(chosen)]


def _best_by_zone(subnets: list[JsonObject]) -> dict[str, JsonObject]:
    best: dict[str, JsonObject] = {}
    for subnet in sorted(subnets, key=lambda item: (-int(item["AvailableIpAddressCount"]), str(item["SubnetId"]))):
        best.setdefault(subnet["AvailabilityZone"], subnet)
    return best


async def _subnets(session: AwsSession, spec: ClusterSpec) -> dict[str, JsonObject]:
    """Subnets by id: those named, or all of the network. InvalidSpec names what does not exist."""
    name, values = ("subnet-id", list(spec.subnet_ids)) if spec.subnet_ids else ("vpc-id", [str(spec.vpc_id)])
    if not spec.subnet_ids:
        await _must_exist(session, str(spec.vpc_id))
    found = await session.listed("ec2", "describe_subnets", "Subnets", Filters=[{"Name": name, "Values": values}])
    known = {subnet["SubnetId"]: subnet for subnet in found}
    if missing := [subnet for subnet in spec.subnet_ids if subnet not in known]:
        message = f"There is no subnet {', '.join(missing)} in {spec.region}. Check the ids and the region."
        raise InvalidSpec(message, field="network/subnet_ids")
    networks = {subnet["VpcId"] for subnet in found}
    if spec.subnet_ids and networks != {spec.vpc_id or next(iter(networks))}:
        message = f"The subnets are in {', '.join(sorted(networks))}, not all in {spec.vpc_id or 'one network'}."
        raise InvalidSpec(message, field="network/subnet_ids")
    return known


async def _must_exist(session: AwsSession, vpc_id: str) -> None:
    try:
        found = await session.listed("ec2", "describe_vpcs", "Vpcs", Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    except NotFound:
        found = []
    if not found:
        message = f"There is no VPC {vpc_id} in {session.region}. Check the id and the region."
        raise InvalidSpec(message, field="network/vpc_id")
