"""What hits the processes, and when: drawn from the seed, delivered by a thread while the story goes on.

Invariant: when `deliver` has ended, everything runs again.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from soak.killing.installation import Installation


class Blow(StrEnum):
    """SIGKILL, or SIGSTOP followed by SIGCONT."""

    KILL_WORKER = "worker killed"
    KILL_WORKERS = "all workers killed"
    KILL_API = "api killed"
    KILL_ALL = "api and workers killed"
    KILL_DATABASE = "PostgreSQL killed"
    KILL_NATS = "NATS killed"
    STOP_WORKER = "worker stopped for longer than its lease"
    STOP_WORKERS = "all workers stopped for longer than their leases"
    STOP_API = "api stopped"


#: Rare ones take seconds.
WEIGHTS = {
    Blow.KILL_WORKER: 6, Blow.KILL_WORKERS: 3, Blow.KILL_API: 5, Blow.KILL_ALL: 2, Blow.KILL_DATABASE: 1,
    Blow.KILL_NATS: 1, Blow.STOP_WORKER: 3, Blow.STOP_WORKERS: 1, Blow.STOP_API: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One blow, so many seconds after the one before it."""

    pause: float
    blow: Blow
    victim: int

    def __str__(self) -> str:
        return f"after {self.pause:.2f} s: {self.blow} ({self.victim})"


def draw(rng: Random, *, at_most: int, span: float) -> tuple[Plan, ...]:
    """Up to `at_most` blows within about `span` seconds."""
    count = rng.randint(0, at_most)
    chosen = rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)
    return tuple(Plan(rng.random() * span / count, blow, rng.randrange(2)) for blow in chosen)


class Nemesis:
    """Delivers blows in a thread. `counts` is what was done, for the figures."""

    def __init__(self, installation: Installation) -> None:
        """Nothing happens yet."""
        self._at = installation
        self.counts: Counter[str] = Counter()
        self._broken: list[BaseException] = []

    def begin(self, plans: Sequence[Plan]) -> threading.Thread:
        """The thread; `finish` waits for it."""
        thread = threading.Thread(target=self._deliver, args=(plans,), name="nemesis", daemon=True)
        thread.start()
        return thread

    def finish(self, thread: threading.Thread) -> None:
        """Wait until everything runs again."""
        thread.join(timeout=120)
        assert not thread.is_alive(), "the nemesis hangs"
        if self._broken:
            raise self._broken.pop()

    def _deliver(self, plans: Sequence[Plan]) -> None:
        try:
            for plan in plans:
                time.sleep(plan.pause)  # the moment is what the seed chooses
                self._strike(plan)
                self.counts[plan.blow.value] += 1
        except BaseException as broken:  # noqa: BLE001 - raised again by `finish`, in the thread that waits
            self._broken.append(broken)

    def _strike(self, plan: Plan) -> None:
        at, lease = self._at, self._at.lease_seconds
        workers = at.workers if plan.blow in (Blow.KILL_WORKERS, Blow.KILL_ALL, Blow.STOP_WORKERS) else ()
        match plan.blow:
            case Blow.KILL_WORKER:
                at.kill_worker(plan.victim % len(at.workers))
            case Blow.KILL_WORKERS | Blow.KILL_ALL:
                for index in range(len(workers)):
                    at.kill_worker(index)
                if plan.blow is Blow.KILL_ALL:
                    at.kill_api()
            case Blow.KILL_API:
                at.kill_api()
            case Blow.KILL_DATABASE:
                at.kill_database()
                at.postgres.revive()
            case Blow.KILL_NATS:
                at.kill_nats()
            case Blow.STOP_WORKER:
                self._stop([at.workers[plan.victim % len(at.workers)]], 1.5 * lease)
            case Blow.STOP_WORKERS:
                self._stop(workers, 1.5 * lease)
            case Blow.STOP_API:
                self._stop([at.api], 0.3)

    def _stop(self, processes: Sequence[Any], seconds: float) -> None:
        with ExitStack() as stopped:
            for process in processes:
                assert process.poll() is None, "it has ended by itself"
                stopped.enter_context(self._at.frozen(process.pid))
            time.sleep(seconds)  # longer than the lease: somebody else takes over meanwhile
