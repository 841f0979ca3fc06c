"""What is inside a network, and what of it stands in the way of deleting it. Also asked by clusters.

Invariant: a thing that carries a mark of ours but has no row in the stack that goes is somebody else's concern: it
blocks, as anything foreign does.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from skyclust.contract.resources import Finding, InventoryItem, Origin
from skyclust.networks.service.ground import Errand
from skyclust.provisioning.rows import ResourceRow, State


async def inventory_of(
    errand: Errand,
    provider: str,
    *,
    workspace_id: UUID,
    credential_id: UUID,
    region: str,
    network_id: str,
    clusters: frozenset[str],
) -> tuple[InventoryItem, ...]:
    """Everything inside, told by the cloud. `clusters` are names of our clusters there, also gone. No session open."""
    async with errand.cloud(workspace_id, credential_id, region) as cloud:
        return await errand.provider(provider).inventory(cloud, network_id, clusters)


def blockers_among(items: Sequence[InventoryItem], rows: Sequence[ResourceRow]) -> tuple[InventoryItem, ...]:
    """What is not ours to delete. `rows` are those of the stack that goes."""
    own = {str(row.id) for row in rows if not row.adopted}
    ids = {row.external_id for row in rows if not row.adopted and row.state is not State.GONE}

    def blocks(item: InventoryItem) -> bool:
        if item.origin is Origin.FOREIGN:
            return True
        return item.origin is Origin.OURS and item.resource_id not in own and item.external_id not in ids

    return tuple(item for item in items if blocks(item))


def foreign_findings(blockers: Sequence[InventoryItem]) -> tuple[Finding, ...]:
    """One error for each thing in the way."""
    text = "{} {} ({}) is inside the network: {}. Remove or move it first."
    return tuple(
        Finding("error", "", text.format(item.kind, item.external_id, item.name or "no name", item.why), "foreign")
        for item in blockers
    )
