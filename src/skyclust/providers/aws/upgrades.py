"""Room for the nodes that EKS adds while it replaces those of a group, and add-ons that the version on the way does not
suit: EKS leaves them as they are. Called for plans of upgrades; reads only.

Source: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html: a group grows by up to two
nodes in each of its zones, or by its `maxUnavailable` if that is more, and not at all with the strategy MINIMAL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from skyclust.contract.pools import UPGRADE, nodes_of
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.aws.addons import Release, minor, releases
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.holdings import ADDON, AT_ONCE, held_by
from skyclust.providers.aws.sessions import AwsSession

NODES_PER_ZONE = 2


async def preflight_upgrade(
    session: AwsSession, spec: ClusterSpec, path: Sequence[str], pools: Mapping[str, JsonObject]
) -> tuple[Finding, ...]:
    """All that speaks against it, or is to be done before or after."""
    addons, subnets = await asyncio.gather(_addons(session, spec, path), _subnets(session, pools))
    return (*addons, *subnets)


async def _addons(session: AwsSession, spec: ClusterSpec, path: Sequence[str]) -> list[Finding]:
    """Add-ons of the cluster, also those that others installed, at each version of the path."""
    gate = asyncio.Semaphore(AT_ONCE)
    try:
        items = await held_by(session, ADDON, spec.name, gate)
    except NotFound:
        return []
    found = await asyncio.gather(*(_addon(session, gate, item, (spec.version, *path)) for item in items))
    return [finding for findings in found for finding in findings]


async def _addon(session: AwsSession, gate: asyncio.Semaphore, item: JsonObject, path: Sequence[str]) -> list[Finding]:
    async with gate:
        known = await releases(session, item["addonName"])
    own = next((release for release in known if release.name == item["addonVersion"]), None)
    stops = [minor(version) for version in path]
    unfit = [version for version in stops[1:] if own is not None and version not in own.supports]
    return [_unfit(item, known, stops[0], unfit[0])] if unfit else []


def _unfit(item: JsonObject, known: Sequence[Release], now: str, version: str) -> Finding:
    """With a version to take, one that can be taken before if there is one. `known` is newest first."""
    name, fit = item["addonName"], [release for release in known if version in release.supports]
    both = next((release.name for release in fit if now in release.supports), None)
    remedy = "EKS offers no version of it that is. Remove it before, or wait until there is one."
    if both is not None:
        remedy = f"EKS leaves it as it is. Take {both} first, which is made for {now} and {version}."
    elif fit:
        remedy = f"EKS leaves it as it is. Take {fit[0].name} as soon as the control plane runs {version}."
    message = f"The add-on {name} {item['addonVersion']} is not made for Kubernetes {version}, and {remedy}"
    return Finding("warning", "/version", message, "addon-unsupported")


async def _subnets(session: AwsSession, pools: Mapping[str, JsonObject]) -> tuple[Finding, ...]:
    """Subnets with too few free addresses for the nodes alone; their pods take more."""
    wanted = sorted({subnet for pool in pools.values() for subnet in pool["subnet_ids"]})
    if not wanted:
        return ()
    filters = [{"Name": "subnet-id", "Values": wanted}]
    subnets = await session.listed("ec2", "describe_subnets", "Subnets", Filters=filters)
    return tuple(_short(subnets, pools))


def _added(pool: JsonObject) -> int:
    """Nodes that may come in one zone."""
    asked = pool.get(UPGRADE) or {}
    if "max_surge" in asked:
        return 0
    return max(NODES_PER_ZONE, nodes_of(str(asked.get("max_unavailable", "1")), int(pool.get("desired", 0)), up=True))


def _short(subnets: list[JsonObject], pools: Mapping[str, JsonObject]) -> Iterator[Finding]:
    for zone in sorted({str(subnet["AvailabilityZone"]) for subnet in subnets}):
        there = {str(item["SubnetId"]): item for item in subnets if item["AvailabilityZone"] == zone}
        inside = sorted(name for name, pool in pools.items() if there.keys() & set(pool["subnet_ids"]))
        free = sum(int(item["AvailableIpAddressCount"]) for item in there.values())
        needed = sum(_added(pools[name]) for name in inside)
        if free < needed:
            message = (
                f"The upgrade may add {needed} nodes in {zone} for a while (node pools {', '.join(inside)}), and "
                f"{', '.join(sorted(there))} has {free} free addresses there. Free some, or give the pools a larger "
                "subnet; pods need more besides."
            )
            yield Finding("warning", "/version", message, "too-few-addresses")
