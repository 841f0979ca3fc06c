"""The clusters of a region and what each holds, described. Called by surveys and imports.

EKS lists names only, so everything is described one by one. Invariant: reads only; what is going is left out.
"""

from __future__ import annotations

import asyncio

from skyclust.contract.resources import JsonObject, Phase
from skyclust.providers.aws.drivers import DRIVERS
from skyclust.providers.aws.drivers.eks import EksDriver, phase_of
from skyclust.providers.aws.sessions import AwsSession

CLUSTER, POOL, PROFILE = "aws.eks.cluster", "aws.eks.nodegroup", "aws.eks.fargate_profile"
ADDON, ACCESS_ENTRY = "aws.eks.addon", "aws.eks.access_entry"
#: What a cluster holds: kind -> (method that lists the names, member of its answer).
CHILDREN = {
    POOL: ("list_nodegroups", "nodegroups"),
    PROFILE: ("list_fargate_profiles", "fargateProfileNames"),
    ADDON: ("list_addons", "addons"),
    ACCESS_ENTRY: ("list_access_entries", "accessEntries"),
}
#: EKS and IAM allow some ten reads a second before they throttle; room is left for others.
AT_ONCE = 8


def eks_driver(kind: str) -> EksDriver:
    """The driver of an EKS kind."""
    driver = DRIVERS[kind]
    assert isinstance(driver, EksDriver), kind
    return driver


async def all_clusters(session: AwsSession, gate: asyncio.Semaphore) -> list[JsonObject]:
    """Every cluster of the region, as EKS describes it."""
    names = await session.listed("eks", "list_clusters", "clusters")
    return await _described(session, eks_driver(CLUSTER), names, gate)


async def names_held_by(session: AwsSession, kind: str, cluster: str) -> list[str]:
    """Names of what a cluster holds of one kind."""
    method, member = CHILDREN[kind]
    return await session.listed("eks", method, member, clusterName=cluster)


async def held_by(session: AwsSession, kind: str, cluster: str, gate: asyncio.Semaphore) -> list[JsonObject]:
    """What a cluster holds of one kind, as EKS describes it."""
    async with gate:
        names = await names_held_by(session, kind, cluster)
    return await _described(session, eks_driver(kind), [f"{cluster}/{name}" for name in names], gate)


async def _described(
    session: AwsSession, driver: EksDriver, ids: list[str], gate: asyncio.Semaphore
) -> list[JsonObject]:
    async def one(external_id: str) -> JsonObject | None:
        async with gate:
            return await driver.get(session, external_id)

    found = await asyncio.gather(*(one(external_id) for external_id in ids))
    return [item for item in found if item is not None and not _is_going(item)]


def _is_going(item: JsonObject) -> bool:
    return "status" in item and phase_of(item) is Phase.DELETING
