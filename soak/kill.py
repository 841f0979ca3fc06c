"""`python -m soak kill --seeds n [--first k]`: seed after seed in an installation of real processes."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from soak.killing.stage import Stage
from soak.killing.story import Broken

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

    def add(self, stage: Stage) -> None:
        """A stage that has ended."""
        self.operations += stage.operations
        self.blows += stage.blows
        self.troubles += stage.troubles

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
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="skyclust-kill-"))
    folder.chmod(0o755)  # the database server may run as a user of its own
    started, tally = time.monotonic(), Tally()
    last = given.first + given.seeds
    first = given.first
    while first < last and tally.broken < ENOUGH:
        first = _one_stage(folder / f"from-{first}", range(first, min(first + SEEDS_PER_STAGE, last)), tally)
    if tally.broken:
        print(f"kill: the logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(tally.line(time.monotonic() - started))
    return 1 if tally.broken else 0


def _one_stage(folder: Path, seeds: Iterable[int], tally: Tally) -> int:
    """Live on one installation until the seeds end or one breaks a promise; the next seed."""
    folder.mkdir(mode=0o755)
    stage, seed = Stage(folder), 0
    try:
        for seed in seeds:
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
            print(f"\nkill: after seed {seed}: {wrong}\n", flush=True)
    return seed + 1


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
