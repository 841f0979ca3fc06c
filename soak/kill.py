"""`python -m soak kill --seeds n [--first k] [--jobs j]`: seed after seed in installations of real processes."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from soak.killing.stage import Stage
from soak.killing.story import Broken
from soak.warm import interpreters

#: More broken seeds than this say nothing new.
ENOUGH = 5
#: A fresh installation after so many, so that no folder grows without end.
SEEDS_PER_STAGE = 50


@dataclass
class Tally:
    """What a number of seeds came to."""

    seeds: int = 0
    operations: int = 0
    broken: int = 0
    blows: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally | Stage) -> None:
        """A stage that has ended, or what others came to."""
        self.operations += other.operations
        self.blows += other.blows
        self.troubles += other.troubles
        if isinstance(other, Tally):
            self.seeds += other.seeds
            self.broken += other.broken

    def line(self, seconds: float) -> str:
        """The figures, last line of the run."""
        return (
            f"kill: {self.seeds} seeds, {self.operations} operations in {seconds:.0f} s, "
            f"{self.blows.total()} blows ({_listed(self.blows)}), {self.troubles.total()} calls gone wrong "
            f"({_listed(self.troubles)}), {self.broken} violations"
        )


def run(arguments: Sequence[str]) -> int:
    """Exit code 1 when a seed broke a promise; the logs are then kept."""
    parser = argparse.ArgumentParser(prog="python -m soak kill", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=1, help="installations side by side")
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="skyclust-kill-"))
    folder.chmod(0o755)  # the database server may run as a user of its own
    started, tally = time.monotonic(), Tally()
    seeds = range(given.first, given.first + given.seeds)
    blocks = [seeds[at : at + SEEDS_PER_STAGE] for at in range(0, len(seeds), SEEDS_PER_STAGE)]
    with interpreters(), ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        for told in pool.map(_block, repeat(folder), blocks):
            tally.add(told)
    if tally.broken:
        print(f"kill: the logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(tally.line(time.monotonic() - started))
    return 1 if tally.broken else 0


def _block(folder: Path, seeds: range) -> Tally:
    """Live through the seeds; after one that breaks a promise on a fresh installation."""
    tally = Tally()
    while seeds and tally.broken < ENOUGH:
        lived = _one_stage(folder / f"from-{seeds[0]}", seeds, tally)
        seeds = seeds[lived:]
    return tally


def _one_stage(folder: Path, seeds: range, tally: Tally) -> int:
    """Live on one installation until the seeds end or one breaks a promise; how many were lived through."""
    folder.mkdir(mode=0o755)
    stage, lived = Stage(folder), 0
    try:
        for seed in seeds:
            lived += 1
            tally.seeds += 1
            stage.live(seed)
            print(f"kill: seed {seed} kept every promise", flush=True)
    except Broken as wrong:
        tally.broken += 1
        print(f"\n{wrong}\n", flush=True)
    finally:
        tally.add(stage)
        try:
            stage.close()
        except AssertionError as wrong:
            tally.broken += 1
            print(f"\nkill: after seed {seeds[lived - 1]}: {wrong}\n", flush=True)
    return lived


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
