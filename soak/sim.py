"""`python -m soak sim --seeds n [--first k] [--jobs j]`: histories on the simulated cloud, one per seed.

Every process takes the next block of seeds. A seed that breaks a promise is shrunk and printed with its command.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from soak.simulation.shrinking import shrunk
from soak.simulation.story import Broken, tell
from soak.simulation.weather import Weather, from_json

BLOCK = 50
#: More broken seeds than this say nothing new.
ENOUGH = 20


@dataclass
class Tally:
    """What a number of seeds came to. `cpu_seconds` is the processor time of the processes that ran them."""

    seeds: int = 0
    operations: int = 0
    cpu_seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.seeds += other.seeds
        self.operations += other.operations
        self.cpu_seconds += other.cpu_seconds
        self.broken += other.broken
        self.counts += other.counts

    def line(self, seconds: float) -> str:
        """The figures, last line of the run."""
        rate = self.operations / max(self.cpu_seconds, 1e-9)
        return (
            f"sim: {self.seeds} seeds, {self.operations} operations in {seconds:.0f} s, "
            f"{rate:.0f} operations per second of one core, {self.counts['orphans']} orphans for the sweep in "
            f"{self.counts['oversleeping']} seeds with overslept leases, {len(self.broken)} violations"
        )


def prepare() -> None:
    """Once in a process, before its first seed: what is loaded stays, and what a seed leaves is collected in one go.

    Not again later: what lies in cycles by then would never be collected.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def live_through(first: int, count: int, weather: Weather | None = None) -> Tally:
    """Live through a block of seeds in this process, each under its own weather unless one is given."""
    tally, started = Tally(), time.process_time()
    for seed in range(first, first + count):
        try:
            story = tell(seed, weather)
        except Broken as broken:
            tally.broken.append(_explained(broken))
        else:
            tally.operations += story.ended
            tally.counts.update(orphans=story.orphans, oversleeping=story.weather.oversleeps)
        tally.seeds += 1
    tally.cpu_seconds = time.process_time() - started
    return tally


def _explained(broken: Broken) -> str:
    """What happened, and the smallest history found that shows the same."""
    smaller = shrunk(broken)
    if smaller is broken:
        return broken.told(200)
    return f"{broken.told(40)}\n\nthe same, shrunk:\n{smaller.told(200)}"


def run(arguments: Sequence[str]) -> int:
    """Exit code 1 when a seed broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m soak sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--weather", type=from_json, help="JSON, as printed with a failure, instead of each seed's own")
    given = parser.parse_args(arguments)
    blocks = [
        (first, min(BLOCK, given.first + given.seeds - first))
        for first in range(given.first, given.first + given.seeds, BLOCK)
    ]
    tally, started = Tally(), time.monotonic()
    with ProcessPoolExecutor(given.jobs, initializer=prepare) as pool:
        for done in as_completed([pool.submit(live_through, *block, given.weather) for block in blocks]):
            found = done.result()
            tally.add(found)
            for text in found.broken:
                print(f"\n{text}\n", flush=True)
            _progress(tally, given.seeds)
            if len(tally.broken) >= ENOUGH:
                pool.shutdown(cancel_futures=True)
                break
    print(f"\n{tally.line(time.monotonic() - started)}")
    return exit_code(tally)


def exit_code(tally: Tally) -> int:
    """1 when a promise was broken."""
    return 1 if tally.broken else 0


def _progress(tally: Tally, seeds: int) -> None:
    end = "\r" if sys.stdout.isatty() else ""
    if end or tally.seeds % (BLOCK * 20) == 0:
        text = f"sim: {tally.seeds}/{seeds} seeds, {tally.operations} operations, {len(tally.broken)} violations"
        print(text, end=end or "\n", flush=True)
