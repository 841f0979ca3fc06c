"""When the creation of a network cannot simply be taken back. Asked by operations before a success is undone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.networks import queries
from skyclust.networks.errors import network_in_use, network_was_used


async def refuse_undo_of_used(session: AsyncSession, workspace_id: UUID, provider: str, vpc_id: str) -> None:
    """409 while clusters are in it, and when some were: only a deletion sweeps what Kubernetes left behind for them."""
    uses = await queries.uses_of(session, [workspace_id], provider, [vpc_id])
    living = [(use.cluster_id, use.cluster_name) for use, alive in uses if alive]
    if living:
        raise network_in_use(living)
    if uses:
        raise network_was_used()
