"""How far an operation is and when it may end. Called whenever an operation is shown.

Invariant: pure. Durations of steps are cloud seconds; what comes out is real seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.planning import Verb

#: A running step never counts as more than this share of itself.
MAX_RUNNING_SHARE = 0.95
#: What a step past its expected end is said to take still, as a share of what was expected.
OVERDUE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as the user sees it. `expected_seconds` are cloud seconds."""

    resource_id: UUID
    key: str
    kind: str
    title: str
    verb: str
    state: StepState
    depends_on: tuple[str, ...]
    expected_seconds: float
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    message: str = ""
    external_id: str | None = None
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` weighs steps by their expected duration; `eta_seconds` is None when nothing moves."""

    done: int
    total: int
    percent: int
    eta_seconds: float | None


def progress_of(steps: Sequence[StepView], now: datetime, *, speed: float, moving: bool) -> Progress:
    """Progress at `now` of a cloud whose clock runs `speed` times faster than ours."""
    done = sum(step.state is StepState.SUCCEEDED for step in steps)
    weights = [max(step.expected_seconds, 1.0) for step in steps]
    reached = sum(
        weight * _share(step, now, speed) for step, weight in zip(steps, weights, strict=True)
    )  # fmt: skip
    percent = int(100 * reached / sum(weights)) if steps else 100
    eta = round(remaining_cloud_seconds(steps, now, speed=speed) / speed, 1) if moving else None
    return Progress(done, len(steps), percent, eta)


def remaining_cloud_seconds(steps: Sequence[StepView], now: datetime, *, speed: float) -> float:
    """The longest chain of what is left in each stage: one begins when the one before it is done."""
    stages: dict[int, list[StepView]] = {}
    for step in steps:
        stages.setdefault(step.stage, []).append(step)
    return sum(_longest_left(stage, now, speed) for stage in stages.values())


def _longest_left(steps: Sequence[StepView], now: datetime, speed: float) -> float:
    """Dependencies first for what is made, dependents first for what goes."""
    left = {step.key: _left(step, now, speed) for step in steps}
    waits_for = _order(steps)
    ends: dict[str, float] = {}

    def end(key: str) -> float:
        if key not in ends:
            ends[key] = left[key] + max((end(before) for before in waits_for[key]), default=0.0)
        return ends[key]

    return max((end(step.key) for step in steps), default=0.0)


def _order(steps: Sequence[StepView]) -> Mapping[str, list[str]]:
    going = {step.key for step in steps if step.verb in (Verb.DELETE, Verb.DRAIN)}
    waits_for: dict[str, list[str]] = {step.key: [] for step in steps}
    for step in steps:
        for need in step.depends_on:
            if need not in waits_for:
                continue
            if step.key in going and need in going:
                waits_for[need].append(step.key)
            elif step.key not in going and need not in going:
                waits_for[step.key].append(need)
    return waits_for


def _share(step: StepView, now: datetime, speed: float) -> float:
    if step.state is StepState.SUCCEEDED:
        return 1.0
    if step.state is not StepState.RUNNING or step.started_at is None or step.expected_seconds <= 0:
        return 0.0
    elapsed = (now - step.started_at).total_seconds() * speed
    return min(max(elapsed, 0.0) / step.expected_seconds, MAX_RUNNING_SHARE)


def _left(step: StepView, now: datetime, speed: float) -> float:
    if step.state is StepState.SUCCEEDED:
        return 0.0
    if step.state is not StepState.RUNNING or step.started_at is None:
        return step.expected_seconds
    elapsed = (now - step.started_at).total_seconds() * speed
    return max(step.expected_seconds - elapsed, step.expected_seconds * OVERDUE_SHARE)
