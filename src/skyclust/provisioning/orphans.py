"""Which resources that carry our mark nobody owns. Called by sweeps and by the simulator.

Invariant: pure, and a doubt is never an orphan: what somebody may still take over, and what another sweep judges, is
left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from skyclust.contract.resources import JsonObject
from skyclust.contract.surveys import Sighting
from skyclust.provisioning.planning import resolve_known
from skyclust.provisioning.rows import ResourceRow, StackRef, State

#: A resource of the cloud: (kind, external id).
Thing = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownStack:
    """A stack of this installation. `busy`: an operation is moving it, or somebody holds one of its rows."""

    ref: StackRef
    busy: bool


@dataclass(frozen=True, slots=True)
class Books:
    """What this installation knows: rows by stack (gone ones included), and their stacks."""

    rows: Sequence[ResourceRow]
    stacks: Mapping[UUID, KnownStack]


@dataclass(frozen=True, slots=True)
class Unowned:
    """A sighting without an owner. `stack` None: no stack of ours, so that its provenance is not proven.

    `spec` is what drivers take; `row` the row it was made for, if it is known.
    """

    sighting: Sighting
    resource_id: UUID
    stack: StackRef | None
    row: ResourceRow | None
    spec: JsonObject


@dataclass(frozen=True, slots=True)
class Judgement:
    """Orphans, and what cannot be judged now: it is neither counted nor cleared."""

    orphans: tuple[Unowned, ...] = ()
    undecided: frozenset[Thing] = field(default_factory=frozenset)


def find_orphans(sightings: Iterable[Sighting], books: Books, credential_id: UUID, region: str) -> Judgement:
    """Judge what a survey of one (credential, region) saw. `books` must have been read after the survey."""
    owned = {(row.kind, row.external_id) for row in books.rows if row.external_id and row.state is not State.GONE}
    by_id = {row.id: row for row in books.rows}
    orphans: list[Unowned] = []
    undecided: set[Thing] = set()
    for sighting in sightings:
        thing = (sighting.kind, sighting.external_id)
        if sighting.owner is None or thing in owned:
            continue
        row = by_id.get(sighting.owner.resource_id)
        stack_id = sighting.owner.stack_id or (row.stack_id if row is not None else None)
        stack = books.stacks.get(stack_id) if stack_id is not None else None
        if stack is not None and (stack.ref.credential_id, stack.ref.region) != (credential_id, region):
            continue
        if (stack is not None and stack.busy) or (row is not None and _may_take_over(row)):
            undecided.add(thing)
            continue
        spec = _spec_of(sighting, row, books)
        ref = stack.ref if stack is not None else None
        orphans.append(Unowned(sighting, sighting.owner.resource_id, ref, row, spec))
    return Judgement(tuple(orphans), frozenset(undecided))


def _may_take_over(row: ResourceRow) -> bool:
    """True while nobody knows whether a creation took effect: the engine looks for what carries this row's mark."""
    intent = row.intent if row.state is not State.GONE and row.external_id is None else None
    return intent is not None and intent.open and intent.action == "create"


def _spec_of(sighting: Sighting, row: ResourceRow | None, books: Books) -> JsonObject:
    seen = sighting.observed.fields if sighting.observed is not None else {}
    if row is None:
        return seen
    outputs = {other.key: other.outputs for other in books.rows if other.stack_id == row.stack_id and other.outputs}
    return resolve_known(row.spec, outputs) or seen


def needs(orphan: Unowned, others: Sequence[Unowned]) -> list[UUID]:
    """Resource ids of the orphans that this one stands on, so that they go after it."""
    if orphan.row is None:
        return []
    own = (orphan.row.stack_id, frozenset(orphan.row.depends_on))
    return [
        other.resource_id
        for other in others
        if other.row is not None and other.row.stack_id == own[0] and other.row.key in own[1]
    ]
