"""Short ways to write the engine's values in tests. Times are seconds after NOON."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from skyclust.contract.resources import Observed, Phase
from skyclust.provisioning.rows import Claim, Intent, Neighbour, ResourceRow, StackRef, State

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STACK = StackRef(UUID(int=1), UUID(int=2), UUID(int=3), "sim", "sim-east-1", "one")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def row(key: str = "network", *, number: int = 100, **changes) -> ResourceRow:
    made = ResourceRow(UUID(int=number), STACK.id, key, "sim.network", f"the {key}", {"name": key}, ())
    return replace(made, **changes)


def claim(of: ResourceRow, *others: ResourceRow, cancelling: bool = False) -> Claim:
    neighbours = {
        other.key: Neighbour(other.key, other.state, other.desired, other.depends_on, other.outputs)
        for other in (of, *others)
        if other.state is not State.GONE
    }
    return Claim(of, STACK, neighbours, cancelling, fence=1, pokes=0, now=NOON, lease_seconds=30.0)


def seen(phase: Phase = Phase.READY, external_id: str = "net-1", **fields) -> Observed:
    return Observed(external_id, phase, {"id": external_id}, fields)


def creating(started: float = 0, *, answered: bool = False) -> Intent:
    return Intent("create", 1, at(started), answered=answered)


def deleting(*, still_open: bool = False) -> Intent:
    return Intent("delete", 1, NOON, open=still_open)
