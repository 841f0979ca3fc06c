"""What AWS offers to this account in this region: zones, and machine types per zone. Called by the pre-flight.

Invariant: reads only.
"""

from __future__ import annotations

import asyncio

from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.providers.aws.blueprints.networks import subnet_specs
from skyclust.providers.aws.ranges import error
from skyclust.providers.aws.sessions import AwsSession


async def zones_offered(session: AwsSession, spec: ClusterSpec) -> list[Finding]:
    """The zones the network is about to use are the account's."""
    if spec.network is None:
        return []
    wanted = {subnet.zone or "" for subnet in subnet_specs(spec.network, spec.zones)}
    answer = await session.call("ec2", "describe_availability_zones")
    offered = {zone["ZoneName"] for zone in answer["AvailabilityZones"] if zone["State"] == "available"}
    if missing := sorted(wanted - offered):
        message = f"This account has no zone {', '.join(missing)}. Name zones among {', '.join(sorted(offered))}."
        return [error("/zones", message, "zone_unavailable")]
    return []


async def machines_offered(session: AwsSession, spec: ClusterSpec, zones: frozenset[str]) -> list[Finding]:
    """Every pool's machine type exists in the zones it goes to. `zones` are those of the network's subnets."""
    found = await asyncio.gather(
        *(
            _offered(session, pool, name, zones, f"/node_pools/{index}")
            for index, pool in enumerate(spec.node_pools)
            for name in pool.machine_types
        )
    )
    return [finding for findings in found for finding in findings]


async def _offered(session: AwsSession, pool: NodePoolSpec, name: str, zones: frozenset[str], at: str) -> list[Finding]:
    """A type that stands beside others is not needed."""
    offers = await session.listed(
        "ec2", "describe_instance_type_offerings", "InstanceTypeOfferings", LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": [name]}],
    )  # fmt: skip
    offered = {offer["Location"] for offer in offers}
    wanted = frozenset(pool.zones) or zones
    missing = sorted(wanted - offered)
    if not missing:
        return []
    message = f"{name} is not offered in {', '.join(missing)}."
    if pool.other_types:
        told = f"{message} Nodes there are of the pool's other types."
        return [Finding("warning", f"{at}/machine_types", told, "fewer_types")]
    if not wanted & offered:
        where = f"Choose zones among {', '.join(sorted(offered))}" if offered else "Choose another type"
        return [error(f"{at}/machine_type", f"{message} {where}.", "machine_type_unavailable")]
    return [Finding("warning", f"{at}/machine_type", f"{message} Nodes go to the other zones.", "fewer_zones")]
