"""Eventual consistency on demand: a read does not see what was just made. Called by the dispatcher around reads.

Invariant: hides, never changes; what a cloud reads from where it wrote it (its operations) is never hidden.
"""

from dataclasses import dataclass
from datetime import datetime

from skyclust.sandbox.kernel.faults import Fault

BIRTHS_KEPT = 5000
Key = tuple[str, str]


@dataclass
class _Birth:
    at: datetime
    polls: int = 0


class Lag:
    def __init__(self, never_hidden: frozenset[str]) -> None:
        self._never_hidden = never_hidden
        self._births: dict[Key, _Birth] = {}

    def clear(self) -> None:
        self._births.clear()

    def note(self, kind: str, path: str, at: datetime) -> None:
        """A document appeared."""
        if kind in self._never_hidden:
            return
        self._births[kind, path] = _Birth(at)
        while len(self._births) > BIRTHS_KEPT:
            del self._births[next(iter(self._births))]

    def forget(self, kind: str, path: str) -> None:
        self._births.pop((kind, path), None)

    def hidden(self, fault: Fault | None, asked: str, now: datetime) -> frozenset[Key]:
        """What a read of the URL path `asked` may not see; a list asks for everything, a get for one name."""
        if fault is None:
            return frozenset()
        hidden = set()
        for (kind, path), birth in self._births.items():
            young = (now - birth.at).total_seconds() < float(fault.params.get("seconds", 0))
            if birth.polls < int(fault.params.get("polls", 0)) or young:
                hidden.add((kind, path))
                named, below = path.rsplit("/", 1)[-1], path.rsplit("/", 1)[0]
                if asked.endswith((f"/{named}", f"/{kind}", below)):
                    birth.polls += 1
        return frozenset(hidden)
