"""The promises, checked against the cloud's own books and the rows. The engine's opinion is not asked.

Numbers as in docs/reliability.md: I1 nothing without an owner, I2 never two of one, I3 ready means there, I5 nothing
stuck, I6 what is not ours is untouched, I9 one worker at a time.
"""

from collections import Counter
from uuid import UUID

from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, Phase
from skyclust.providers.sim.world import SimResource, SimWorld
from skyclust.provisioning.rows import ResourceRow, State
from soak.simulation.machinery import History


class CountingWorld(SimWorld):
    """A world that remembers how often something was made for each mark."""

    def enter(self, wanted, tags, **settling):
        if TAG_RESOURCE in tags:
            if not hasattr(self, "made"):
                self.made = Counter()
            self.made[tags[TAG_RESOURCE]] += 1
        return super().enter(wanted, tags, **settling)


def violations(world: CountingWorld, rows: list[ResourceRow], *, stalls: bool) -> list[str]:
    """What is wrong now that nothing moves. With `stalls` a second one may exist, and must be leaving again."""
    stacks = {str(row.stack_id) for row in rows}
    ours = [item for item in world.resources() if item.tags.get(TAG_STACK) in stacks and not (stalls and item.leaving)]
    return [
        *_without_owner(ours, rows),
        *(
            f"I2: two of {mark}"
            for mark, count in Counter(item.tags[TAG_RESOURCE] for item in ours).items()
            if count > 1
        ),
        *(() if stalls else _made_twice(world, rows)),
        *_ready_but_absent(ours, rows),
    ]


def _without_owner(ours: list[SimResource], rows: list[ResourceRow]) -> list[str]:
    owners = Counter(row.external_id for row in rows if row.state is not State.GONE and row.external_id)
    looking = {str(row.id) for row in rows if row.external_id is None and row.intent is not None and row.intent.open}
    return [
        f"I1: {item.id} ({item.tags[TAG_RESOURCE]}) has {owners[item.id]} owners"
        for item in ours
        if owners[item.id] != 1 and not (owners[item.id] == 0 and item.tags[TAG_RESOURCE] in looking)
    ]


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
        if item is None or item.failure or item.leaving:
            found.append(f"I3: {row.key} is ready, but the cloud shows {item}")
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


def of_history(history: History, *, stalls: bool) -> list[str]:
    """I9, which a worker that slept through its lease may break for a moment; the fence then drops its result."""
    return [] if stalls else [f"I9: {line}" for line in history.overlaps]
