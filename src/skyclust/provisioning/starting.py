"""What to write when an operation starts, is resumed or rolled back. Called by `operating` inside one transaction.

Invariant: pure. Ids come in as a parameter; rows go out as values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from skyclust.contract.resources import Graph, JsonObject, Node
from skyclust.provisioning.drifting import forgotten
from skyclust.provisioning.planning import ACTING, Plan, PlannedChange, Stage, Verb, desired_of
from skyclust.provisioning.rows import STUCK, Desired, ResourceRow, State


@dataclass(frozen=True, slots=True)
class Start:
    """Rows to insert or overwrite (each due at once), the steps they make, and what a roll back needs to know.

    `verbs` has the keys that become steps; `moved` also those that a plan is silent about.

    `undo` maps keys to spec and dependencies before this operation; None = the key did not exist before it;
    {"imported": true} = it existed, but not for us.

    `stages` are what `entered` takes, one after the other, when all before is done.
    """

    rows: tuple[ResourceRow, ...]
    verbs: Mapping[str, Verb]
    undo: JsonObject
    moved: frozenset[str]
    stages: tuple[JsonObject, ...] = ()


def start(
    plan: Plan, graph: Graph | None, rows: Sequence[ResourceRow], stack_id: UUID, operation_id: UUID,
    new_id: Callable[[], UUID],
) -> Start:  # fmt: skip
    """Turn a plan into rows. `graph` is None when everything is deleted."""
    living = {row.key: row for row in rows if row.state is not State.GONE}
    nodes = {node.key: node for node in graph} if graph is not None else {}
    written: list[ResourceRow] = []
    undo: JsonObject = {}
    verbs: dict[str, Verb] = {}
    place = {key: number for number, key in enumerate(nodes)}
    for line in sorted((*plan.changes, *plan.silent), key=lambda line: place.get(line.key, len(place))):
        row = living.get(line.key)
        node = nodes.get(line.key)
        if line.verb not in ACTING:
            if node is not None and row is not None and (node.spec != row.spec or node.depends_on != row.depends_on):
                written.append(replace(row, spec=node.spec, depends_on=node.depends_on, title=node.title))
                undo[line.key] = _before(row, moved=False)
            continue
        if line not in plan.silent:
            verbs[line.key] = line.verb
        undo[line.key] = _before(row, moved=True) if row is not None else _unknown_before(line.verb)
        base = row if row is not None else _fresh(node, line, stack_id, new_id())
        written.append(_towards(base, node, line, operation_id))
    moved = frozenset(row.key for row in written if row.operation_id == operation_id)
    if plan.later and not verbs:
        raise ValueError("The first stage of an operation changes something; begin at the one that does.")
    for key in {node.key for stage in plan.later for node in stage.nodes}:
        undo[key] = _before(living[key], moved=True) if key in living else undo.get(key)
    return Start(tuple(written), verbs, undo, moved, tuple(_stage_values(stage) for stage in plan.later))


def _stage_values(stage: Stage) -> JsonObject:
    return {
        node.key: {"spec": node.spec, "depends_on": list(node.depends_on), "title": node.title} for node in stage.nodes
    }


def entered(rows: Sequence[ResourceRow], stage: JsonObject, operation_id: UUID) -> list[ResourceRow]:
    """The rows that the next stage of an operation changes, on their way: all before it is done."""
    living = [row for row in rows if row.state is not State.GONE and row.key in stage]
    return [
        replace(
            revived(forgotten(row)), spec=stage[row.key]["spec"], depends_on=tuple(stage[row.key]["depends_on"]),
            title=stage[row.key]["title"], generation=row.generation + 1, operation_id=operation_id, attempts=0,
            trouble={}, action_started_at=None,
        )
        for row in living
    ]  # fmt: skip


def revived(row: ResourceRow) -> ResourceRow:
    """A stuck row as it was before it got stuck, so that the engine tries again.

    A deletion that was put off, and not asked for, begins anew.
    """
    if row.state not in STUCK:
        put_off = row.state is State.DELETING and row.intent is None
        return replace(row, action_started_at=None) if put_off else row
    calm = replace(row, attempts=0, trouble={}, reason="", message="")
    if row.external_id is None:
        return replace(calm, state=State.CREATING if row.intent is not None and row.intent.open else State.PLANNED)
    if row.desired is Desired.ABSENT:
        return replace(calm, state=State.DELETING)
    if row.recreate:
        return replace(calm, state=State.REPLACING, recreate=False)
    return replace(calm, state=State.SETTLING)


def rolled_back(
    rows: Sequence[ResourceRow],
    undo: Mapping[str, JsonObject | None],
    operation_id: UUID,
    new_id: Callable[[], UUID],
) -> list[ResourceRow]:
    """Rows on the way back to before an operation: what it made goes, what it changed gets its old spec.

    What it deleted is made anew, in a row of its own: nothing that still stands depends on it, since what depends on a
    thing goes first. Rows that it only told of new neighbours are told of the old ones; they are no steps and keep
    their operation.
    """
    living = [row for row in rows if row.state is not State.GONE]
    back = [_backwards(row, undo[row.key], operation_id) for row in living if row.key in undo]
    anew = [_anew(row, undo[row.key] or {}, operation_id, new_id()) for row in lost(rows, undo)]
    return [row for row in (*back, *anew) if row is not None]


def lost(rows: Sequence[ResourceRow], undo: Mapping[str, JsonObject | None]) -> list[ResourceRow]:
    """Rows of what existed before an operation and does not any more, in the order in which they were made."""
    living = {row.key for row in rows if row.state is not State.GONE}
    existed = {key for key, before in undo.items() if before is not None and not before.get("imported")}
    gone = {row.key: row for row in rows if row.key not in living and row.key in existed}
    return list(gone.values())


def _anew(row: ResourceRow, before: JsonObject, operation_id: UUID, resource_id: UUID) -> ResourceRow:
    """A new row for what is gone. What was not deleted but only let go of is taken up again where it stands."""
    let_go = row.adopted
    was_adopted = bool(before.get("adopted", row.adopted))
    return ResourceRow(
        id=resource_id,
        stack_id=row.stack_id,
        key=row.key,
        kind=row.kind,
        title=row.title,
        spec=before["spec"],
        depends_on=tuple(before["depends_on"]),
        adopted=let_go and was_adopted,
        unmarked=let_go and not was_adopted,
        external_id=row.external_id if let_go else None,
        state=State.SETTLING if let_go else State.PLANNED,
        operation_id=operation_id,
    )


def _backwards(row: ResourceRow, before: JsonObject | None, operation_id: UUID) -> ResourceRow | None:
    """One row's way back; None when it is where it was."""
    base = replace(
        revived(row), operation_id=operation_id, attempts=0, trouble={}, released=False, action_started_at=None
    )
    if row.unmarked and not row.adopted:
        base = replace(base, state=State.SETTLING)  # the mark may be off already: it is put on again
    if before is None:
        return replace(base, desired=Desired.ABSENT, recreate=False)
    if before.get("imported"):
        return replace(base, desired=Desired.ABSENT, recreate=False, released=not row.adopted)
    known = {"spec": before["spec"], "depends_on": tuple(before["depends_on"])}
    if not before["moved"]:
        return replace(row, **known)
    was_adopted = before.get("adopted", row.adopted)
    if was_adopted != row.adopted:  # taken over or given back meanwhile: the mark goes the other way
        now = {"adopted": False, "released": was_adopted, "state": State.SETTLING}
        return replace(base, desired=Desired.PRESENT, observed_generation=row.generation, **known, **now)
    if before["spec"] != row.spec:
        return replace(_kept(base, row), generation=row.generation + 1, **known)
    if row.state is not State.READY or row.desired is Desired.ABSENT:
        return replace(_kept(base, row), **known)
    return replace(row, **known) if known["depends_on"] != row.depends_on else None


def _kept(base: ResourceRow, row: ResourceRow) -> ResourceRow:
    """Wanted again. What was on its way out is looked at first: it may stand yet, or has to be made anew."""
    leaving = base.state in (State.DELETING, State.REPLACING) and not row.recreate
    return replace(base, desired=Desired.PRESENT, state=State.SETTLING if leaving else base.state)


def _before(row: ResourceRow, *, moved: bool) -> JsonObject:
    """`moved`: the operation has a step for the row."""
    return {"spec": row.spec, "depends_on": list(row.depends_on), "moved": moved, "adopted": row.adopted}


def _unknown_before(verb: Verb) -> JsonObject | None:
    return {"imported": True} if verb is Verb.IMPORT else None


def _fresh(node: Node | None, line: PlannedChange, stack_id: UUID, resource_id: UUID) -> ResourceRow:
    assert node is not None, f"{line.key} is neither in the graph nor in the rows"
    known = node.adopt_id or (line.external_id if line.verb is Verb.IMPORT else None)
    return ResourceRow(
        id=resource_id,
        stack_id=stack_id,
        key=node.key,
        kind=node.kind,
        title=node.title,
        spec=node.spec,
        depends_on=node.depends_on,
        adopted=node.adopt_id is not None,
        external_id=known,
        state=State.SETTLING if known is not None else State.PLANNED,
    )


def _towards(base: ResourceRow, node: Node | None, line: PlannedChange, operation_id: UUID) -> ResourceRow:
    row = replace(revived(forgotten(base)), operation_id=operation_id, desired=desired_of(line.verb))
    row = replace(row, attempts=0, trouble={})
    row = replace(row, released=line.verb is Verb.FORGET and not row.adopted)
    if row.desired is not base.desired:
        row = replace(row, action_started_at=None)
    if node is None:
        return row
    if line.verb is Verb.IMPORT and row.external_id is not None:  # as wanted, once it carries our mark
        row = replace(row, adopted=False, unmarked=True, state=State.SETTLING, observed_generation=row.generation)
    changed = line.verb in (Verb.UPDATE, Verb.REPLACE) and base.external_id is not None
    state = State.REPLACING if line.verb is Verb.REPLACE else row.state
    generation = row.generation + 1 if changed and state is not State.REPLACING else row.generation
    return replace(
        row, spec=node.spec, depends_on=node.depends_on, title=node.title, generation=generation, state=state,
        intent=None if state is State.REPLACING and base.state is not State.REPLACING else row.intent,
        action_started_at=None,
    )  # fmt: skip
