"""What exists and may be taken over: `Importing.existing` of the contract. Called by the provider.

Clusters are told in our words by `importing_clusters`, networks by `importing_networks`. Invariant: reads only.
"""

from __future__ import annotations

import asyncio

from skyclust.contract.imports import Existing
from skyclust.contract.resources import JsonObject
from skyclust.providers.aws.drivers.ec2 import tags_of
from skyclust.providers.aws.holdings import AT_ONCE, all_clusters
from skyclust.providers.aws.importing_networks import network_name
from skyclust.providers.aws.marks import owner_of
from skyclust.providers.aws.sessions import AwsSession


async def existing(session: AwsSession) -> tuple[Existing, ...]:
    """Clusters and VPCs of the region."""
    clusters, networks = await asyncio.gather(
        all_clusters(session, asyncio.Semaphore(AT_ONCE)), session.listed("ec2", "describe_vpcs", "Vpcs")
    )
    found = [
        *(_cluster(session.region, item) for item in clusters),
        *(_network(session.region, item) for item in networks),
    ]
    return tuple(sorted(found, key=lambda item: (item.what, item.name, item.external_id)))


def _cluster(region: str, item: JsonObject) -> Existing:
    owner = owner_of(item.get("tags") or {})
    return Existing("cluster", item["name"], item["name"], region, version=item.get("version", ""), owner=owner)


def _network(region: str, item: JsonObject) -> Existing:
    owner = owner_of(tags_of(item))
    return Existing(
        "network", network_name(item), item["VpcId"], region, cidr_block=item["CidrBlock"], owner=owner
    )  # fmt: skip
