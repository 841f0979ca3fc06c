"""Seed by seed: imports, releases, roll backs and deletions while workers die, stall and lose the store, and calls fail.

Judged by the cloud's own books: nothing is made, what was not taken over stays as it is, and only what is managed
carries our mark. SKYCLUST_SEED=<n> repeats one seed.
"""

import asyncio
import os
from random import Random

from skyclust.providers.sim.faults import Dice, NoFaults
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.rows import OperationState, State
from soak.simulation.virtual_time import run_virtually
from soak.simulation.weather import PASSING, Misfortune
from soak.simulation.workers import Workers
from taking_over import Ground

SEEDS = range(75)
REPEAT = 'SKYCLUST_SEED={} make test ARGS="tests/provisioning/test_taking_over_seeds.py"'


async def lived(seed):
    rng = Random(seed)
    chances = {mode: rng.choice((0.0, 0.05, 0.15)) for mode in PASSING}
    ground = Ground(seed, Dice(Random(seed + 1), chances))
    misfortune = Misfortune(
        crash=rng.choice((0.0, 0.02, 0.1)), stall=rng.choice((0.0, 0.02, 0.1)), disconnect=rng.choice((0.0, 0.02))
    )
    workers = Workers(ground.store, ground.provider, ground.rng, misfortune, ground.history, Engine)
    ground.user.ring, ground.user.idle = workers.ring, workers.idle
    asyncio.get_running_loop().set_exception_handler(workers.unheard)
    keeping = [asyncio.create_task(workers.keep_one()) for _ in range(rng.choice((1, 2, 3)))]
    before = {item.id: (item.name, dict(item.fields)) for item in ground.world.resources()}
    made = ground.world.created
    try:
        deleted = await story(ground, rng, workers)
    finally:
        workers.stop.set()
        await asyncio.gather(*keeping)
    assert workers.faults == []
    assert ground.world.created == made, "something was made"
    there = {item.id: (item.name, dict(item.fields)) for item in ground.world.resources()}
    taken = {ground.cluster, ground.pool}
    assert there == {key: value for key, value in before.items() if not (deleted and key in taken)}
    managed = {
        row.external_id: str(row.id) for row in ground.user.rows() if row.state is State.READY and not row.adopted
    }
    assert ground.marks() == {key: managed.get(key) for key in there}


async def story(ground, rng, workers):
    """Import, perhaps after a time of observing, perhaps thinking better of it; then perhaps release or delete.

    True when the taken is to be gone.
    """
    if rng.random() < 0.4:
        observing = ground.user.observe(ground.graph(), ground.ids)
        if await ended(ground, observing) is not OperationState.SUCCEEDED:
            return await calmly(ground, workers, rng.choice(("resume", "roll back", "delete nothing")), observing)
        assert set(ground.marks().values()) == {None}
    operation = ground.user.take_over(ground.graph(), ground.ids)
    if rng.random() < 0.3:
        await asyncio.sleep(rng.uniform(0, 60))
        ground.user.cancel(operation)
    if await ended(ground, operation) is not OperationState.SUCCEEDED or rng.random() < 0.2:
        return await calmly(ground, workers, rng.choice(("resume", "roll back")), operation)
    return await calmly(ground, workers, rng.choice(("release", "delete", "roll back", "nothing")), operation)


async def calmly(ground, workers, what, operation):
    """One more act, in the same weather; then the weather ends, and what is stuck is resumed."""
    act = {
        "release": ground.user.release,
        "delete": lambda: ground.user.apply(None),
        "delete nothing": lambda: ground.user.apply(None),
        "roll back": ground.user.roll_back,
        "resume": lambda: ground.user.resume(operation),
        "nothing": lambda: operation,
    }[what]
    ground.history.note(f"the user wants: {what}")
    operation = act()
    await ended(ground, operation)
    workers.calm()
    ground.world.faults = NoFaults()
    for _ in range(5):
        if await ended(ground, operation) is OperationState.SUCCEEDED:
            break
        ground.user.resume(operation)
    assert operation.state is OperationState.SUCCEEDED, operation.message
    return what == "delete"


async def ended(ground, operation):
    return await ground.user.end_of(operation)


def test_no_seed_harms_what_others_made_or_leaves_a_mark_behind():
    wanted = os.environ.get("SKYCLUST_SEED")
    for seed in [int(wanted)] if wanted else SEEDS:
        try:
            run_virtually(lived(seed))
        except BaseException as error:
            error.add_note(f"Seed {seed}. Repeat it: {REPEAT.format(seed)}")
            raise
