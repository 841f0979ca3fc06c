"""Write down what nobody owns. Called by a finished sweep, inside its transaction.

Invariant: an orphan is believed when two complete sweeps in a row saw it without an owner; one that is not seen any
more, or has an owner again, is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, delete, func, not_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Event, publish
from skyclust.provisioning.queries import CLOCK
from skyclust.provisioning.sweep_models import ORPHANS
from skyclust.provisioning.sweeping import FoundOrphan, Report, Unit

_O = ORPHANS.c
#: Rewritten by every sweep that sees the orphan.
_SEEN_ANEW = ("name", "proof", "spec", "fields", "usd_per_day", "price", "provable", "stack_id", "stack_name", "key")


async def record(session: AsyncSession, unit: Unit, report: Report, new_id: Callable[[], UUID]) -> None:
    """Bring the unit's orphans up to date with a complete sweep."""
    number = unit.number + 1
    now: datetime = (await session.scalars(select(CLOCK))).one()
    await _forget(session, unit, report)
    for orphan in report.orphans:
        values = _values(unit, orphan, number, new_id())
        new = insert(ORPHANS).values(values)
        again: dict[str, Any] = {name: new.excluded[name] for name in (*_SEEN_ANEW, "depends_on")}
        in_a_row = _O.last_number == number - 1
        again |= {
            "last_number": number,
            "last_seen_at": now,
            "first_seen_at": case((and_(_O.confirmed_at.is_(None), not_(in_a_row)), now), else_=_O.first_seen_at),
            "confirmed_at": case((in_a_row, func.coalesce(_O.confirmed_at, now)), else_=_O.confirmed_at),
        }
        same = [_O.credential_id, _O.region, _O.kind, _O.external_id]
        written = new.on_conflict_do_update(index_elements=same, set_=again)
        orphan_id, confirmed_at = (await session.execute(written.returning(_O.id, _O.confirmed_at))).one()
        if confirmed_at == now:
            await publish(session, _event(unit, orphan_id, orphan))


async def _forget(session: AsyncSession, unit: Unit, report: Report) -> None:
    """What this sweep could have seen and did not, and what has an owner again."""
    kept = {(item.unowned.sighting.kind, item.unowned.sighting.external_id) for item in report.orphans}
    kept |= report.undecided
    own = and_(_O.credential_id == unit.credential_id, _O.region == unit.region)
    gone = and_(own, _O.kind.not_in(list(report.unread)), tuple_(_O.kind, _O.external_id).not_in(list(kept)))
    await session.execute(delete(ORPHANS).where(gone))


def _values(unit: Unit, orphan: FoundOrphan, number: int, orphan_id: UUID) -> dict[str, Any]:
    unowned = orphan.unowned
    sighting, row, stack = unowned.sighting, unowned.row, unowned.stack
    return {
        "id": orphan_id,
        "workspace_id": stack.workspace_id if stack is not None else unit.workspace_id,
        "credential_id": unit.credential_id,
        "provider": unit.provider,
        "region": unit.region,
        "kind": sighting.kind,
        "external_id": sighting.external_id,
        "name": sighting.name,
        "stack_id": stack.id if stack is not None else None,
        "stack_name": stack.name if stack is not None else "",
        "resource_id": unowned.resource_id,
        "key": row.key if row is not None else "",
        "depends_on": list(row.depends_on) if row is not None else [],
        "proof": sighting.owner.proof if sighting.owner is not None else "",
        "provable": stack is not None,
        "spec": unowned.spec,
        "fields": sighting.observed.fields if sighting.observed is not None else {},
        "usd_per_day": orphan.usd_per_day,
        "price": asdict(orphan.price) if orphan.price is not None else None,
        "made_at": sighting.created_at,
        "last_number": number,
    }


def _event(unit: Unit, orphan_id: UUID, orphan: FoundOrphan) -> Event:
    sighting, stack = orphan.unowned.sighting, orphan.unowned.stack
    data = {
        "kind": sighting.kind, "external_id": sighting.external_id, "name": sighting.name, "provider": unit.provider,
        "region": unit.region, "usd_per_day": orphan.usd_per_day,
        "proof": sighting.owner.proof if sighting.owner else "",
    }  # fmt: skip
    workspace_id = stack.workspace_id if stack is not None else unit.workspace_id
    return Event("orphan.found", f"orphan/{orphan_id}", workspace_id, data)
