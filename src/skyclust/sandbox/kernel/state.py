"""The state of a cloud that the sandbox simulates by itself: documents by kind and path, and effects that are to come.

Subclassed by such clouds. Invariant: nothing happens by itself; `settle` applies the effects of all operations whose
time has come, in order, before any request is answered, so a restart in between changes nothing.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from skyclust.sandbox.kernel.front import Kernel
from skyclust.sandbox.kernel.lag import Lag
from skyclust.sandbox.kernel.store import Document

Effect = Callable[[Any, Document], None]
ALWAYS_VISIBLE = frozenset({"pending", "time"})


class CloudState:
    """`name` separates the cloud's documents; kinds in `visible` are never hidden by a consistency lag."""

    def __init__(self, kernel: Kernel, name: str, visible: frozenset[str]) -> None:
        self.kernel = kernel
        self.name = name
        self.effects: dict[str, Effect] = {}
        self.lag = Lag(visible | ALWAYS_VISIBLE)
        self.hidden: frozenset[tuple[str, str]] = frozenset()  # what the read that is being answered may not see

    # documents

    def get(self, kind: str, path: str) -> Document | None:
        return None if (kind, path) in self.hidden else self.kernel.store.get(f"{self.name}.{kind}", path)

    def put(self, kind: str, path: str, document: Document) -> None:
        if self.kernel.store.get(f"{self.name}.{kind}", path) is None:
            self.lag.note(kind, path, self.now())
        self.kernel.store.put(f"{self.name}.{kind}", path, document)

    def remove(self, kind: str, path: str) -> None:
        self.lag.forget(kind, path)
        self.kernel.store.delete(f"{self.name}.{kind}", path)

    def all(self, kind: str, under: str = "") -> list[tuple[str, Document]]:
        """Every (path, document) of a kind, in path order, optionally below a path prefix."""
        found = self.kernel.store.list(f"{self.name}.{kind}", under).items()
        return [(key, row) for key, row in found if (kind, key) not in self.hidden]

    def clear(self) -> None:
        self.lag.clear()
        self.kernel.store.clear(f"{self.name}.")

    # time

    def now(self) -> datetime:
        return self.kernel.clock.now()

    def take(self, latency: str, resource: str) -> float:
        return self.kernel.latencies.sample(latency, resource)

    def remember_time(self) -> None:
        """Written with every change, so that a kill before the clock was saved does not make time run backwards."""
        self.put("time", "last", {"at": self.now().timestamp()})

    def catch_up(self) -> None:
        """After a start: go on no earlier than the last change."""
        last = self.get("time", "last")
        behind = last["at"] - self.now().timestamp() if last else 0.0
        if behind > 0:
            self.kernel.clock.advance(behind)

    # operations in flight: what to do when their time has come

    def schedule(self, operation: str, due_at: datetime, effects: list[Document]) -> None:
        self.put("pending", operation, {"due_at": due_at.timestamp(), "effects": effects, "nonce": uuid.uuid4().hex})

    def settle(self) -> None:
        now = self.now().timestamp()
        due = [(row["due_at"], key, row) for key, row in self.all("pending") if row["due_at"] <= now]
        for _, key, row in sorted(due, key=lambda item: item[:2]):
            with self.kernel.store.transaction():
                for effect in row["effects"]:
                    self.effects[effect["do"]](self, effect)
                self.remove("pending", key)

    def is_pending(self, operation: str) -> bool:
        return self.get("pending", operation) is not None

    def finish_now(self, operation: str) -> None:
        """Drop an operation's pending effects (it was cancelled)."""
        self.remove("pending", operation)


def due_after(start: datetime, seconds: float) -> datetime:
    return start + timedelta(seconds=seconds)
