"""See orphans, sweep them, give them back, ignore them.

Invariant: only what carries the mark of a stack of this installation is deleted, by the engine, through its driver,
which looks at the mark again. What somebody has taken over meanwhile is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.drift import errors
from skyclust.drift.answers import orphan_answer, sweep_answer
from skyclust.drift.schemas import OrphanAnswer, OrphanPage, OrphanTotal
from skyclust.drift.service.acting import mend_whole
from skyclust.drift.service.reading import Paging, after_of
from skyclust.events.publishing import Event, publish
from skyclust.kit.pagination import encode_cursor, page_of
from skyclust.networks.service import Begin, Errand, Json, begun, keep, once, recall
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.drift_acting import ignore_orphan, link_rows, rows_of_orphans, shelter
from skyclust.provisioning.drift_reading import Place, Whole, freshness, wholes_of
from skyclust.provisioning.operating import Target, in_progress_problem
from skyclust.provisioning.orphan_reading import (
    Orphan,
    orphan_by_id,
    orphans_page,
    owner_of,
    row_marked,
    sum_of,
    workspace_of_orphan,
)
from skyclust.provisioning.planning import Plan, plan_deletion
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.reading import active_operation
from skyclust.provisioning.repairing import Found, Mend, has_place
from skyclust.provisioning.rows import ResourceRow, State
from skyclust.provisioning.viewing import ORPHANS
from skyclust.workspaces.permissions import Permission


async def orphan_page(errand: Errand, place: Place, state: str | None, page: Paging) -> OrphanPage:
    """Orphans in every workspace where the caller may see them."""
    allowed = errand.caller.workspace_ids(Permission.DRIFT_READ)
    after = after_of(page.cursor)
    async with errand.session() as session:
        found = await orphans_page(session, allowed, place, state=state, after=after, limit=page.limit + 1)
        kept, following = page_of(found, page.limit, lambda item: encode_cursor(str(item.id)))
        total = await sum_of(session, allowed, place)
        fresh = await freshness(session, allowed, place)
    return OrphanPage(
        items=[orphan_answer(item) for item in kept],
        next_cursor=following,
        total=OrphanTotal.model_validate(total),
        sweeps=[sweep_answer(item, page.interval_seconds) for item in fresh],
    )


async def get_orphan(errand: Errand, orphan_id: UUID) -> OrphanAnswer:
    """One orphan."""
    async with errand.session() as session:
        return orphan_answer(await _find(session, errand, orphan_id))


async def sweep(errand: Errand, orphan_ids: Sequence[UUID]) -> Json | PlanAnswer:
    """Delete orphans of one place: the begun operation, or the plan on a dry run."""
    seen = await _find_all(errand, orphan_ids)
    if not isinstance(seen, list):
        return seen
    if len({(item.workspace_id, item.credential_id, item.region) for item in seen}) > 1:
        raise errors.several_places()
    workspace_id = seen[0].workspace_id
    errand.caller.require(workspace_id, Permission.ORPHANS_ACT)

    async def work() -> Json | PlanAnswer:
        _refuse_untouchable(seen)
        if errand.asked.dry_run:
            rows = rows_of_orphans(seen, workspace_id, errand.new_id)
            return plan_answer(_plan(errand, seen[0], list(rows.values())))
        return await _sweep(errand, seen)

    return await once(errand, workspace_id, work)


async def _sweep(errand: Errand, seen: Sequence[Orphan]) -> Json:
    first = seen[0]
    async with errand.session() as session:
        if earlier := await recall(session, errand, first.workspace_id):
            return earlier
        now = [await _find(session, errand, item.id, held=True) for item in seen]
        _refuse_untouchable(now)
        await _refuse_owned(session, now)
        stack_id, name = errand.new_id(), _name_of(now)
        rows = rows_of_orphans(now, stack_id, errand.new_id)
        await shelter(session, now, list(rows.values()), stack_id, name)
        target = Target(ORPHANS, stack_id, name, first.provider, first.region)
        data = {"orphans": [{"kind": item.kind, "external_id": item.external_id, "proof": item.proof} for item in now]}
        answer = await begun(session, errand, Begin(
            first.workspace_id, stack_id, f"{ORPHANS}.delete", target, _plan(errand, first, list(rows.values())), None,
            "orphan.sweep_requested", data,
        ))  # fmt: skip
        await link_rows(session, rows, UUID(answer["id"]))
    errand.ground.ring()
    return answer


async def adopt(errand: Errand, orphan_id: UUID) -> Json | PlanAnswer:
    """Give it back to the row whose mark it carries, where that has none."""
    seen = await _find_all(errand, [orphan_id])
    if not isinstance(seen, list):
        return seen
    errand.caller.require(seen[0].workspace_id, Permission.ORPHANS_ACT)

    async def work() -> Json | PlanAnswer:
        return await _adopt(errand, seen[0])

    return await once(errand, seen[0].workspace_id, work)


async def _adopt(errand: Errand, orphan: Orphan) -> Json | PlanAnswer:
    async with errand.session() as session:
        _refuse_untouchable([orphan])
        await _refuse_owned(session, [orphan])
        row, whole = await _place_of(session, orphan)
    _refuse_other_shape(errand, orphan, row)
    mend = Mend(
        frozenset({row.key}), {row.key: Found(orphan.external_id, orphan.fields)}, "adopt", "orphan_adopt_requested",
        {"key": row.key, "external_id": orphan.external_id, "proof": orphan.proof},
    )  # fmt: skip
    return await mend_whole(errand, whole.kind, whole.id, mend)


async def ignore(errand: Errand, orphan_id: UUID, *, ignored: bool) -> Json:
    """Leave it out of lists from now on, or show it again."""
    async with errand.session() as session:
        seen = await _find(session, errand, orphan_id)
    errand.caller.require(seen.workspace_id, Permission.ORPHANS_ACT)

    async def work() -> Json:
        if errand.asked.dry_run:
            return orphan_answer(seen).model_dump(mode="json")
        return await _ignore(errand, seen, ignored=ignored)

    return await once(errand, seen.workspace_id, work)


async def _ignore(errand: Errand, seen: Orphan, *, ignored: bool) -> Json:
    async with errand.session() as session:
        if earlier := await recall(session, errand, seen.workspace_id):
            return earlier
        await ignore_orphan(session, seen.id, errand.caller.actor.label if ignored else None)
        now = await _find(session, errand, seen.id)
        name = "orphan.ignored" if ignored else "orphan.unignored"
        data = {"kind": now.kind, "external_id": now.external_id, "proof": now.proof}
        await publish(session, Event(name, f"orphan/{now.id}", now.workspace_id, data, errand.caller.actor))
        answer = orphan_answer(now).model_dump(mode="json")
        await keep(session, errand, now.workspace_id, answer)
    return answer


async def _find_all(errand: Errand, orphan_ids: Sequence[UUID]) -> list[Orphan] | Json:
    """The orphans; or, since sweeping ends them, the answer that this very request got before."""
    allowed = errand.caller.workspace_ids(Permission.DRIFT_READ)
    async with errand.session() as session:
        found = [await orphan_by_id(session, allowed, orphan_id) for orphan_id in dict.fromkeys(orphan_ids)]
        known = await workspace_of_orphan(session, allowed, orphan_ids[0])
    seen = [orphan for orphan in found if orphan is not None]
    if len(seen) == len(found):
        return seen
    if known is None:
        raise errors.orphan_not_found()
    return await once(errand, known, _none_of_them)


async def _none_of_them() -> Json:
    raise errors.orphan_not_found()


async def _find(session: AsyncSession, errand: Errand, orphan_id: UUID, *, held: bool = False) -> Orphan:
    allowed = errand.caller.workspace_ids(Permission.DRIFT_READ)
    found = await orphan_by_id(session, allowed, orphan_id, held=held)
    if found is None:
        raise errors.orphan_not_found()
    return found


def _refuse_untouchable(orphans: Sequence[Orphan]) -> None:
    for orphan in orphans:
        if not orphan.provable:
            raise errors.unproven(orphan.name or orphan.external_id, orphan.proof)
        if orphan.sweeping:
            raise errors.being_swept(orphan.operation_id)


async def _refuse_owned(session: AsyncSession, orphans: Sequence[Orphan]) -> None:
    """Somebody may have taken one over since the sweep, or is about to: an operation of its stack is under way."""
    for orphan in orphans:
        owner = await owner_of(session, orphan)
        if owner is not None:
            raise errors.owned_again(owner.title)
        running = await active_operation(session, orphan.stack_id) if orphan.stack_id is not None else None
        if running is not None:
            raise in_progress_problem(running)


async def _place_of(session: AsyncSession, orphan: Orphan) -> tuple[ResourceRow, Whole]:
    row = await row_marked(session, orphan.workspace_id, orphan.resource_id)
    whole = (await wholes_of(session, [row.stack_id])).get(row.stack_id) if row is not None else None
    if row is None or whole is None or not has_place(row):
        raise errors.no_place(orphan.stack_name, orphan.key)
    return row, whole


def _refuse_other_shape(errand: Errand, orphan: Orphan, row: ResourceRow) -> None:
    """What differs in a way that cannot be changed would be deleted and made anew: that is no adoption."""
    if not orphan.fields:
        return
    found = ResourceRow(
        row.id, row.stack_id, row.key, row.kind, row.title, orphan.spec, (), state=State.READY,
        external_id=orphan.external_id, fields=orphan.fields, outputs=row.outputs,
    )  # fmt: skip
    changes = kinds_of(errand.provider(orphan.provider))(row.kind).differences(found, orphan.spec)
    if fixed := [change.field for change in changes if change.replace]:
        raise errors.not_as_wanted(fixed)


def _plan(errand: Errand, orphan: Orphan, rows: Sequence[ResourceRow]) -> Plan:
    provider = errand.provider(orphan.provider)
    return plan_deletion(rows, kinds_of(provider), price_of(provider, orphan.region), also=ORPHANS)


def _name_of(orphans: Sequence[Orphan]) -> str:
    first = orphans[0].name or orphans[0].external_id
    return (first if len(orphans) == 1 else f"{first} and {len(orphans) - 1} more")[:100]
