"""What goes wrong in the simulated cloud, and when. The world asks once per call.

Invariant: only a plan makes a call go wrong, and a plan draws from the seed alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol


class Mode(StrEnum):
    """The words of the HTTP sandbox."""

    THROTTLE = "throttle"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    LOST_REPLY = "lost_reply"
    SLOW = "slow"
    QUOTA = "quota"
    NO_CAPACITY = "no_capacity"
    REVOKED = "revoked"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Fault:
    """One call's misfortune. `seconds` is the delay of SLOW, and what THROTTLE asks to wait."""

    mode: Mode
    seconds: float = 1.0


class FaultPlan(Protocol):
    """Decides about each call. `operation` is "create.network", "read.network", "update...", "delete..."."""

    def decide(self, operation: str) -> Fault | None:
        """The fault of this call, or None."""
        ...


class NoFaults:
    """Everything works."""

    def decide(self, operation: str) -> Fault | None:  # noqa: ARG002 - the protocol's shape
        """Never a fault."""
        return None


@dataclass
class Script:
    """Faults in the order in which they were asked for: each hits the next call whose operation starts as given."""

    waiting: list[tuple[str, Fault]] = field(default_factory=list)

    def add(self, prefix: str, fault: Fault) -> None:
        """Let the next call that starts with `prefix` ("create.", "") go wrong."""
        self.waiting.append((prefix, fault))

    def decide(self, operation: str) -> Fault | None:
        """The first waiting fault that fits."""
        for index, (prefix, fault) in enumerate(self.waiting):
            if operation.startswith(prefix):
                del self.waiting[index]
                return fault
        return None


@dataclass
class Dice:
    """Each call goes wrong with the probability of each mode."""

    rng: Random
    chances: Mapping[Mode, float]
    slow_seconds: float = 40.0

    def decide(self, operation: str) -> Fault | None:
        """One throw per call."""
        throw = self.rng.random()
        for mode, chance in self.chances.items():
            if throw < chance:
                return self._fault(mode, operation)
            throw -= chance
        return None

    def _fault(self, mode: Mode, operation: str) -> Fault | None:
        if mode in (Mode.QUOTA, Mode.NO_CAPACITY) and not operation.startswith("create."):
            return None
        if mode is Mode.SLOW:
            return Fault(mode, self.rng.uniform(1.0, self.slow_seconds))
        return Fault(mode, self.rng.uniform(0.5, 5.0))
