"""Room for the nodes that EKS adds while it replaces those of a group. Called for plans of upgrades; reads only.

Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html: a group grows by up to two
nodes in each of its zones, or by its `maxUnavailable` if that is more; ours leave that at its default of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skyclust.contract.resources import Finding, JsonObject
from skyclust.providers.aws.sessions import AwsSession

NODES_PER_ZONE = 2


async def preflight_upgrade(session: AwsSession, pools: Mapping[str, JsonObject]) -> tuple[Finding, ...]:
    """Subnets with too few free addresses for the nodes alone; their pods take more."""
    wanted = sorted({subnet for pool in pools.values() for subnet in pool["subnet_ids"]})
    if not wanted:
        return ()
    filters = [{"Name": "subnet-id", "Values": wanted}]
    subnets = await session.listed("ec2", "describe_subnets", "Subnets", Filters=filters)
    return tuple(_short(subnets, pools))


def _short(subnets: list[JsonObject], pools: Mapping[str, JsonObject]) -> Iterator[Finding]:
    for zone in sorted({str(subnet["AvailabilityZone"]) for subnet in subnets}):
        there = {str(item["SubnetId"]): item for item in subnets if item["AvailabilityZone"] == zone}
        inside = sorted(name for name, pool in pools.items() if there.keys() & set(pool["subnet_ids"]))
        free = sum(int(item["AvailableIpAddressCount"]) for item in there.values())
        needed = NODES_PER_ZONE * len(inside)
        if free < needed:
            message = (
                f"The upgrade may add {needed} nodes in {zone} for a while (node pools {', '.join(inside)}), and "
                f"{', '.join(sorted(there))} has {free} free addresses there. Free some, or give the pools a larger "
                "subnet; pods need more besides."
            )
            yield Finding("warning", "/version", message, "too-few-addresses")
