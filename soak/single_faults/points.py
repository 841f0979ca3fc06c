"""Where a call can go wrong: phase, operation, which call of it, and in which way. Pure.

Invariant: a point's text names it fully, so that a failure is repeated by copying one line.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

PHASES = ("create", "change", "delete")
#: In the words of the sandbox's control API: two ways of being refused before, two of being applied without an answer,
#: one of being told to slow down; the last two stop an operation until somebody has acted and resumes it.
MODES = ("lost_request", "error_before", "lost_reply", "error_after", "throttle", "quota", "revoked")
#: A read that only repeats the one before it need not fail each time: of one kind the first few do.
READS_PER_KIND = 2

_READS = re.compile(
    r"(describe|list|get|simulate|aggregatedlist|search|testiampermissions|token)(?=[A-Z]|$)|.*aggregatedList$",
)


@dataclass(frozen=True, order=True)
class Call:
    """The `occurrence`-th call of an operation in a phase, counted from 1."""

    phase: str
    operation: str
    occurrence: int

    @property
    def mutating(self) -> bool:
        return not is_read(self.operation)


@dataclass(frozen=True, order=True)
class Point:
    """A call that goes wrong in one way."""

    call: Call
    mode: str

    def __str__(self) -> str:
        return f"{self.call.phase}:{self.call.operation}#{self.call.occurrence}:{self.mode}"

    def rule(self, provider: str) -> dict[str, Any]:
        """For the control API, to be added when the phase begins."""
        return {
            "provider": provider, "operation": self.call.operation, "mode": self.mode, "times": 1,
            "after_calls": self.call.occurrence - 1,
        }  # fmt: skip


def parse_point(text: str) -> Point:
    """Inverse of `str`; ValueError says what a point looks like."""
    found = re.fullmatch(rf"({'|'.join(PHASES)}):(\S+)#(\d+):({'|'.join(MODES)})", text)
    if found is None:
        raise ValueError(
            f"{text!r} names no point; write phase:operation#number:mode, as in create:ec2.CreateVpc#1:{MODES[2]}."
        )
    return Point(Call(found[1], found[2], int(found[3])), found[4])


def is_read(operation: str) -> bool:
    """By the last word of "ec2.DescribeVpcs", "compute.networks.get" or "Microsoft.Network/natGateways/read"."""
    if operation.endswith("/read"):
        return True
    last = operation.removesuffix("/action").replace("/", ".").rpartition(".")[2]
    return _READS.match(last[:1].lower() + last[1:]) is not None


def calls_of(recorded: Mapping[str, Sequence[str]]) -> Iterator[Call]:
    """The calls that are to go wrong, given the operations called in each phase of a run without faults."""
    for phase in PHASES:
        counts: Counter[str] = Counter()
        for operation in recorded.get(phase, ()):
            counts[operation] += 1
            if not is_read(operation) or counts[operation] <= READS_PER_KIND:
                yield Call(phase, operation, counts[operation])


def runs_of(points: Iterable[Point]) -> list[tuple[Point, ...]]:
    """One point of each phase per run: a phase begins only when the one before has ended well and been judged."""
    by_phase: dict[str, list[Point]] = {phase: [] for phase in PHASES}
    for point in points:
        by_phase[point.call.phase].append(point)
    return [tuple(point for point in row if point is not None) for row in zip_longest(*by_phase.values())]
