"""The promises, checked against the cloud's own books and the rows. The engine's opinion is not asked.

Numbers as in docs/reliability.md: I1 nothing without an owner, I2 never two of one, I3 ready means there and as asked
for, I4 what was acknowledged exists, I5 nothing stuck, I6 what is not ours is untouched, I9 one worker at a time.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, Phase
from skyclust.providers.sim.drivers import REFERENCES
from skyclust.providers.sim.world import SimResource, SimWorld
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, ResourceRow, State
from soak.simulation.machinery import History


class CountingWorld(SimWorld):
    """A world that remembers how often something was made for each mark."""

    def enter(self, wanted, tags, **settling):
        if TAG_RESOURCE in tags:
            if not hasattr(self, "made"):
                self.made = Counter()
            self.made[tags[TAG_RESOURCE]] += 1
        return super().enter(wanted, tags, **settling)


def violations(world: CountingWorld, rows: list[ResourceRow], *, oversleeps: bool) -> list[str]:
    """What is wrong now that nothing moves.

    When a lease may have ended unnoticed, a second one may have been made: it is leaving again, or `orphans` finds it.
    """
    ours = _of_stacks(world, {row.stack_id for row in rows})
    strict = [] if oversleeps else [*_without_owner(ours, rows), *_two_of_one(ours), *_made_twice(world, rows)]
    return [*strict, *_owned_twice(ours, rows), *_ready_but_absent(ours, rows), *_on_nothing(world)]


def orphans(world: SimWorld, rows: list[ResourceRow]) -> list[SimResource]:
    """What a sweep would report: carries a mark of these stacks, stays, and no living row has it or looks for it."""
    owned = {row.external_id for row in rows if row.state is not State.GONE}
    looking = _looking(rows)
    ours = _of_stacks(world, {row.stack_id for row in rows})
    return [item for item in ours if not item.leaving and item.id not in owned and _mark(item) not in looking]


def _of_stacks(world: SimWorld, stacks: Iterable[UUID]) -> list[SimResource]:
    known = {str(stack) for stack in stacks}
    return [item for item in world.resources() if item.tags.get(TAG_STACK) in known]


def _mark(item: SimResource) -> str:
    return item.tags[TAG_RESOURCE]


def _looking(rows: list[ResourceRow]) -> set[str]:
    """Marks of rows whose open intent makes the engine look for what carries them, whatever happens next."""
    return {str(row.id) for row in rows if row.external_id is None and row.intent is not None and row.intent.open}


def _owners(rows: list[ResourceRow]) -> Counter[str]:
    return Counter(row.external_id for row in rows if row.state is not State.GONE and row.external_id)


def _without_owner(ours: list[SimResource], rows: list[ResourceRow]) -> list[str]:
    owners, looking = _owners(rows), _looking(rows)
    return [
        f"I1: {item.id} ({_mark(item)}) belongs to nobody"
        for item in ours
        if owners[item.id] == 0 and _mark(item) not in looking
    ]


def _owned_twice(ours: list[SimResource], rows: list[ResourceRow]) -> list[str]:
    owners = _owners([row for row in rows if not row.adopted])
    return [
        f"I1: {item.id} ({_mark(item)}) has {owners[item.id]} owners" for item in ours if owners[item.id] > 1
    ]  # fmt: skip


def _two_of_one(ours: list[SimResource]) -> list[str]:
    counted = Counter(_mark(item) for item in ours)
    return [f"I2: there are {count} of {mark}" for mark, count in counted.items() if count > 1]


def _made_twice(world: CountingWorld, rows: list[ResourceRow]) -> list[str]:
    made: Counter[str] = getattr(world, "made", Counter())
    return [
        f"I2: {row.key} was made {made[str(row.id)]} times in {row.generation} generations"
        for row in rows
        if made[str(row.id)] > row.generation
    ]


def _ready_but_absent(ours: list[SimResource], rows: list[ResourceRow]) -> list[str]:
    there = {item.id: item for item in ours}
    found = []
    for row in rows:
        if row.state is not State.READY or row.adopted or row.kind == "sim.leftovers":
            continue
        item = there.get(row.external_id or "")
        if item is None or item.failure or item.leaving or _mark(item) != str(row.id):
            found.append(f"I3: {row.key} is ready, but the cloud shows {item}")
        elif row.observed_generation == row.generation:
            found += [f"I3: {row.key} is ready, but {name} is {has}" for name, has in _not_as_asked(row, item)]
    return found


def _not_as_asked(row: ResourceRow, item: SimResource) -> list[tuple[str, object]]:
    """Fields of the cloud's books that are not what the spec says. An autoscaler's size is its own."""
    asked = {name: value for name, value in row.spec.items() if name not in (*REFERENCES, "name")}
    if asked.get("auto_scaling") is not None:
        asked.pop("node_count", None)
    return [(name, item.fields.get(name)) for name, value in asked.items() if item.fields.get(name) != value]


def _on_nothing(world: SimWorld) -> list[str]:
    """Never a cluster in a network that is gone."""
    there = {item.id for item in world.resources()}
    return [f"I3: {item.id} stands on {item.uses - there}, gone" for item in world.resources() if item.uses - there]


def of_operations(store: MemoryStore, acknowledged: Iterable[MemoryOperation]) -> list[str]:
    """I4, and the part of I5 that holds at the end of all."""
    found = []
    for operation in acknowledged:
        if store.operations.get(operation.id) is not operation:
            found.append(f"I4: operation {operation.id} was acknowledged and does not exist")
        elif operation.state in ACTIVE_OPERATIONS:
            found.append(f"I5: operation {operation.id} is {operation.state}, though nothing moves any more")
    return found


def strangers(world: SimWorld, stacks: set[UUID]) -> dict[str, tuple]:
    """Everything that is not of these stacks, as it must stay."""
    known = {str(stack) for stack in stacks}
    return {
        item.id: (
            item.name,
            tuple(sorted(item.tags.items())),
            str(item.fields),
            item.phase(world.now()) is Phase.DELETING,
        )
        for item in world.resources()
        if item.tags.get(TAG_STACK) not in known
    }


def touched(before: dict[str, tuple], after: dict[str, tuple]) -> list[str]:
    """I6."""
    return [f"I6: {item} was {was}, is {after.get(item)}" for item, was in before.items() if after.get(item) != was]


def of_history(history: History, *, oversleeps: bool) -> list[str]:
    """I9. Two workers may act at once for a moment when a lease ended unnoticed; a stale one never writes."""
    at_once = [] if oversleeps else history.overlaps
    return [f"I9: {line}" for line in (*history.stale_writes, *at_once)]
