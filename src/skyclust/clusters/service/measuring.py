"""What a workspace has, for its quotas: managed clusters, nodes, USD a month. Installed as the meter at wiring.

Invariant: everything comes from the rows that the engine and the reads go by, so a quota can never count something else
than what is shown. What was imported read-only is not ours and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.states import CONTROL_PLANE, pool_row
from skyclust.contract.provider import Provider
from skyclust.contract.specs import ClusterSpec
from skyclust.provisioning.importing import is_managed
from skyclust.provisioning.operating import holdings_of
from skyclust.provisioning.pricing import committed_cost, price_of
from skyclust.provisioning.rows import Desired, ResourceRow, State
from skyclust.workspaces.service import Use


async def measure(session: AsyncSession, providers: Mapping[str, Provider], workspace_id: UUID) -> Use:
    """As the rows are in this transaction. What a provider made that is no longer installed has no price."""
    living = await queries.living_specs(session, workspace_id)
    held = await holdings_of(session, workspace_id)
    usd = sum(
        committed_cost(rows, price_of(providers[stack.provider], stack.region))
        for stack, rows in held.items()
        if stack.provider in providers
    )
    resources = {stack.id: rows for stack, rows in held.items()}
    nodes = [
        nodes_of(rows, spec, previous)
        for stack_id, spec, previous in living
        if (rows := resources.get(stack_id)) and is_managed(rows, CONTROL_PLANE)  # gone since a moment: counts no more
    ]
    return Use(len(nodes), sum(nodes), round(usd, 2))


def nodes_of(rows: Sequence[ResourceRow], spec: dict[str, Any], previous: dict[str, Any] | None) -> int:
    """The most nodes a cluster may have now: a pool that shrinks or goes counts in full until that has happened."""
    asked, before = _sizes(spec), _sizes(previous) if previous else {}
    names = asked.keys() | before.keys()
    return sum(max(asked.get(name, 0), before.get(name, 0) if _moves(rows, name) else 0) for name in names)


def _sizes(spec: dict[str, Any]) -> dict[str, int]:
    return {pool.name: pool.most_nodes for pool in ClusterSpec.from_json(spec).pools_now}


def _moves(rows: Sequence[ResourceRow], pool: str) -> bool:
    """True for a pool that is there and not yet, or no longer wanted, as its spec says."""
    row = pool_row(rows, pool)
    if row is None or row.state is State.GONE:
        return False
    as_wanted = row.state is State.READY and row.observed_generation == row.generation
    return not as_wanted or row.desired is Desired.ABSENT
