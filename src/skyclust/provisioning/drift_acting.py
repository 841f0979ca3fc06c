"""Write what people decide about drift and orphans. Called by the slices inside their transaction.

Invariant: whoever writes a stack's rows holds the stack's lock, and nothing is decided about a stack that an operation
is moving.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import and_, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning import queries
from skyclust.provisioning.beginning import held_rows, held_stack, refuse_second
from skyclust.provisioning.drifting import accepting, drift_of, told
from skyclust.provisioning.models import RESOURCES
from skyclust.provisioning.operating import NewStack, create_stack
from skyclust.provisioning.orphan_reading import Orphan
from skyclust.provisioning.queries import CLOCK
from skyclust.provisioning.recording import values_of
from skyclust.provisioning.repairing import Found, taken_back
from skyclust.provisioning.rows import ResourceRow, StackRef, State
from skyclust.provisioning.sweep_models import ORPHANS
from skyclust.provisioning.sweeping_postgres import ORPHANAGE

_ACCEPTED = ("accepted", "drift", "reason", "message", "recreate")


async def accept_drift(session: AsyncSession, row: ResourceRow, fields: Collection[str]) -> ResourceRow | None:
    """Leave these fields as they are. None when the row is no longer as it was seen.

    Problem 409 while an operation moves the stack.
    """
    await held_stack(session, row.stack_id)
    await refuse_second(session, row.stack_id)
    now = next((item for item in await held_rows(session, row.stack_id) if item.id == row.id), None)
    if now is None or now.drift != row.drift:
        return None
    written = accepted(now, fields)
    values = values_of(written)
    own = update(RESOURCES).where(RESOURCES.c.id == row.id)
    await session.execute(own.values({name: values[name] for name in _ACCEPTED}))
    return written


def accepted(row: ResourceRow, fields: Collection[str]) -> ResourceRow:
    """The row once these differing fields are accepted; what is left is still drift."""
    drift = drift_of(row)
    assert drift is not None, "only what drifted is accepted"
    chosen = replace(drift, fields=tuple(item for item in drift.fields if item.field in fields))
    row = replace(row, accepted=accepting(replace(row, drift=chosen.to_json())))
    left = tuple(item for item in drift.fields if item.field not in fields)
    names = ", ".join(item.field for item in left)
    rest = replace(drift, fields=left, message=f"{row.title} was changed by other hands: {names}.")
    return told(row, rest if left else None, None)


async def take_back(session: AsyncSession, stack_id: UUID, found: Mapping[str, Found]) -> None:
    """Give rows what was found with their marks, before the operation that brings it to its spec begins."""
    stack = await held_stack(session, stack_id)
    await refuse_second(session, stack_id)
    rows = await held_rows(session, stack_id)
    given = [taken_back(row, found[row.key]) for row in rows if row.key in found and row.state is not State.GONE]
    await queries.put_rows(session, stack, given)


async def shelter(
    session: AsyncSession, orphans: Sequence[Orphan], rows: Sequence[ResourceRow], stack_id: UUID, name: str
) -> None:
    """A stack of their own for orphans of one (credential, region), so that the engine can delete them."""
    first = orphans[0]
    new = NewStack(
        stack_id, first.workspace_id, first.credential_id, first.provider, first.region, name, ORPHANAGE
    )  # fmt: skip
    await create_stack(session, new)
    place = StackRef(stack_id, first.workspace_id, first.credential_id, first.provider, first.region, name)
    await queries.put_rows(session, place, rows)


def rows_of_orphans(
    orphans: Sequence[Orphan], stack_id: UUID, new_id: Callable[[], UUID]
) -> dict[UUID, ResourceRow]:  # fmt: skip
    """Rows by orphan's id: each carries the mark that is on the orphan; what stands on another goes before it."""
    keys = {(orphan.stack_id, orphan.key): key_of(orphan) for orphan in orphans if orphan.key}
    return {
        orphan.id: ResourceRow(
            id=new_id(),
            stack_id=stack_id,
            key=key_of(orphan),
            kind=orphan.kind,
            title=f"{orphan.kind} {orphan.name or orphan.external_id}",
            spec=orphan.spec,
            depends_on=tuple(
                sorted(keys[orphan.stack_id, need] for need in orphan.depends_on if (orphan.stack_id, need) in keys)
            ),
            state=State.READY,
            external_id=orphan.external_id,
            observed_generation=1,
            marked_as=orphan.resource_id,
        )
        for orphan in orphans
    }


def key_of(orphan: Orphan) -> str:
    """The same on a dry run and when it is done, so that the digest is."""
    return f"orphan/{orphan.id}"


async def link_rows(session: AsyncSession, rows: Mapping[UUID, ResourceRow], operation_id: UUID) -> None:
    """Say of each orphan which row's deletion sweeps it."""
    for orphan_id, row in rows.items():
        own = update(ORPHANS).where(ORPHANS.c.id == orphan_id)
        await session.execute(own.values(row_id=row.id, operation_id=operation_id))


async def ignore_orphan(session: AsyncSession, orphan_id: UUID, by: str | None) -> None:
    """Leave it alone from now on; None = look at it again."""
    values = {"ignored_at": CLOCK if by is not None else None, "ignored_by": by or ""}
    await session.execute(update(ORPHANS).where(and_(ORPHANS.c.id == orphan_id)).values(values))
