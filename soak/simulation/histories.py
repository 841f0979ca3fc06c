"""Operations in flight, written down as JSON and taken up again by whatever code reads them.

Called by `python -m soak record` and by tests/provisioning/test_histories.py. Invariant: what is read is exactly what
was written; a column that one side does not know is an error that says what to do, never a silent default.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from skyclust.contract.resources import JsonObject
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.world import SimResource
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.recording import resource_of, values_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, Intent, OperationState, ResourceRow, StackRef
from soak.simulation.invariants import CountingWorld, of_history, of_operations, strangers, touched, violations
from soak.simulation.machinery import EPOCH, History, StoreClock
from soak.simulation.story import Story
from soak.simulation.users import User
from soak.simulation.virtual_time import run_virtually
from soak.simulation.weather import Misfortune
from soak.simulation.workers import Workers

FORMAT = 1
#: Columns that are younger than some histories -> what their migration gave to the rows that were there before.
LATER: Mapping[str, Any] = {}

_IDS = ("id", "stack_id", "operation_id")
_TIMES = ("action_started_at", "created_at")
_CLOUD_TIMES = ("created_at", "visible_at", "settles_at")


class UnreadableError(Exception):
    """A history holds something else than today's rows. The message says what to do."""


# ---- writing ----
def written(story: Story) -> JsonObject:
    """Rows, operations and the cloud's books as they are at this moment of the story."""
    seconds, now = asyncio.get_running_loop().time(), story.clock()
    store = story.store
    return {
        "format": FORMAT,
        "clock": now.isoformat(),
        "stacks": [{key: str(value) for key, value in asdict(stack).items()} for stack in store.stacks.values()],
        "operations": [_operation(operation) for operation in store.operations.values()],
        "rows": [_slot(slot, now) for slot in store._slots.values()],
        "cloud": {
            "lag": story.world.lag,
            "created": story.world.created,
            "tokens": story.world.tokens,
        },
        "resources": [_item(item, seconds) for item in story.world.resources()],
    }


def _operation(operation: MemoryOperation) -> JsonObject:
    steps = sorted(str(resource_id) for resource_id in operation.resource_ids)
    return {
        "id": str(operation.id), "stack_id": str(operation.stack_id), "state": operation.state.value,
        "steps": steps, "message": operation.message,
    }  # fmt: skip


def _slot(slot, now: datetime) -> JsonObject:
    return {
        "row": {key: _plain(value) for key, value in values_of(slot.row).items()},
        "wake_in_seconds": _seconds(slot.wake_at, now),
        "lease_seconds": _seconds(slot.lease_until, now),
        "fence": slot.fence,
        "pokes": slot.pokes,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _seconds(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (at - now).total_seconds()


def _item(item: SimResource, seconds: float) -> JsonObject:
    told = {member.name: getattr(item, member.name) for member in fields(item)}
    return told | {"uses": sorted(item.uses)} | {name: told[name] - seconds for name in _CLOUD_TIMES}


# ---- reading ----
def row_from(columns: JsonObject) -> ResourceRow:
    """One row of a history. `UnreadableError` names the columns that only one side has."""
    columns = {**LATER, **columns}
    _check("rows", {member.name for member in fields(ResourceRow)}, set(columns))
    if columns["intent"] is not None:
        _check("intents", {member.name for member in fields(Intent)}, set(columns["intent"]))
    ids = {name: UUID(columns[name]) if columns[name] else None for name in _IDS}
    times = {name: datetime.fromisoformat(columns[name]) if columns[name] else None for name in _TIMES}
    return resource_of({**columns, **ids, **times})


def _check(what: str, known: set[str], told: set[str]) -> None:
    if told - known:
        raise UnreadableError(
            f"The history has {', '.join(sorted(told - known))}, which {what} do not have any more. Rows in flight "
            "would lose it: keep it until no operation of an older version can be in flight."
        )
    if known - told:
        raise UnreadableError(
            f"Today's {what} have {', '.join(sorted(known - told))}, which the history lacks. Rows in flight get it "
            "from a migration: write one, and name what it gives to old rows in LATER of soak/simulation/histories.py."
        )


def _take_up(store: MemoryStore, told: JsonObject, now: datetime) -> None:
    for stack in told["stacks"]:
        ids = {key: UUID(stack[key]) for key in ("id", "workspace_id", "credential_id")}
        store.stacks[ids["id"]] = StackRef(**{**stack, **ids})
    for one in told["operations"]:
        steps = frozenset(UUID(step) for step in one["steps"])
        operation = MemoryOperation(UUID(one["id"]), UUID(one["stack_id"]), OperationState(one["state"]), steps)
        operation.message = one["message"]
        store.operations[operation.id] = operation
    for held in told["rows"]:
        row = row_from(held["row"])
        store.put([row])
        slot = store._slots[row.id]
        slot.fence, slot.pokes = held["fence"], held["pokes"]
        slot.wake_at, slot.lease_until = _at(held["wake_in_seconds"], now), _at(held["lease_seconds"], now)
        store._set_alarm(slot)


def _at(seconds: float | None, now: datetime) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _cloud(told: JsonObject, resources: list[JsonObject], rng: Random) -> CountingWorld:
    world = CountingWorld(asyncio.get_running_loop().time, rng, lag=told["lag"], latency=0.1)
    world.created, world.tokens = told["created"], dict(told["tokens"])
    for item in resources:
        made = SimResource(**{**item, "uses": frozenset(item["uses"])})
        world.books[made.id] = made
        if made.leaving:
            world._leaving.add(made.id)
    return world


# ---- going on ----
def finish(told: JsonObject) -> None:
    """Let today's engine take the history up: operations end well, then everything is deleted. Raises what is wrong."""
    run_virtually(_finish(told))


async def _finish(told: JsonObject) -> None:
    rng, history = Random(0), History()
    clock = StoreClock((datetime.fromisoformat(told["clock"]) - EPOCH).total_seconds())
    store, world = MemoryStore(clock), _cloud(told["cloud"], told["resources"], rng)
    _take_up(store, told, clock())
    provider = Sim(world)
    workers = Workers(store, provider, rng, Misfortune(), history, Engine)
    working = asyncio.create_task(workers.keep_one())
    users = []
    for stack in store.stacks.values():
        users.append(User(store, provider, stack, rng, history))
        users[-1].ring, users[-1].idle = workers.ring, workers.idle
    before = strangers(world, set(store.stacks))
    ends = [_goes_well(user, operation) for user in users for operation in _under_way(store, user)]
    await asyncio.gather(*ends)
    wrong = violations(world, [row for user in users for row in user.rows()], oversleeps=False)
    for user in users:
        await _goes_well(user, user.apply(None))
    workers.stop.set()
    await working
    wrong += [f"I1: {item.id} is left" for item in world.resources() if item.id not in before]
    wrong += touched(before, strangers(world, set(store.stacks)))
    wrong += [*of_history(history, oversleeps=False), *workers.faults]
    wrong += of_operations(store, store.operations.values())
    assert not wrong, [*wrong, *history.lines[-60:]]


def _under_way(store: MemoryStore, user: User) -> list[MemoryOperation]:
    mine = [operation for operation in store.operations.values() if operation.stack_id == user.stack.id]
    return [operation for operation in mine if operation.state in ACTIVE_OPERATIONS]


async def _goes_well(user: User, operation: MemoryOperation) -> None:
    """In good weather three resumes are more than enough."""
    for _ in range(4):
        if await user.end_of(operation) is OperationState.SUCCEEDED:
            return
        user.resume(operation)
    raise AssertionError(f"I5: {operation.state} in good weather: {operation.message}")
