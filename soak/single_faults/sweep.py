"""All runs of a sweep over a few sandboxes, and what came out. Called by `python -m soak nth` and by the sampled test.

Invariant: each sandbox tells one story at a time, so that its books and its faults belong to one run.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from soak.sandboxes import SandboxProcess
from soak.single_faults.points import MODES, Point, calls_of, runs_of
from soak.single_faults.running import SPEED, Lane, Told
from soak.single_faults.stories import PLACES, Place, Story

COMMAND = "python -m soak nth --provider {0.provider} --blueprint {0.blueprint}"


@dataclass
class Figures:
    """Of one story's sweep.

    calls       distinct calls that were to fail, `mutating` of them changing something
    missed      points whose call was not made, because the run went another way before
    """

    provider: str
    blueprint: str
    lag: float = 0.0
    calls: int = 0
    mutating: int = 0
    runs: int = 0
    fired: int = 0
    missed: list[Point] = field(default_factory=list)
    resumes: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, told: Told) -> None:
        self.runs += 1
        self.fired += len(told.fired)
        self.missed += [point for point in told.points if point not in told.fired]
        self.resumes += told.resumes
        self.seconds += told.seconds
        if told.violations:
            lag = f" --lag {self.lag:g}" if self.lag else ""
            only = f" --only '{','.join(map(str, told.points))}'"
            self.failures.append("\n    ".join([COMMAND.format(self) + lag + only, *told.violations]))

    def line(self) -> str:
        lost = Counter("mutating" if point.call.mutating else "read" for point in self.missed)
        return (
            f"{self.provider} {self.blueprint}: {self.calls} calls ({self.mutating} mutating), {self.runs} runs, "
            f"{self.fired} faults, {self.resumes} resumes, not reached {lost['mutating']} mutating and {lost['read']} "
            f"reads, {len(self.failures)} violations"
        )


Choose = Callable[[Sequence[Point]], Iterable[tuple[Point, ...]]]


def every_point(together: int = 1) -> Choose:
    """The full sweep, one point of each phase in a run; or `together` of them, in less time."""
    return lambda points: _grouped(runs_of(points), together)


def _grouped(runs: Sequence[tuple[Point, ...]], together: int) -> list[tuple[Point, ...]]:
    """Neighbours are mostly calls of one kind, so they go to different groups."""
    count = -(-len(runs) // together)
    return [tuple(point for run in runs[start::count] for point in run) for start in range(count)]


def sample(seed: int, budget: int = 2, together: int = 14) -> Choose:
    """Every mutating call with a lost reply, `together` of a phase in one run, and `budget` other points one by one."""

    def choose(points: Sequence[Point]) -> Iterator[tuple[Point, ...]]:
        lost = [point for point in points if point.mode == "lost_reply" and point.call.mutating]
        others = [point for point in points if point not in set(lost)]
        yield from _grouped(runs_of(lost), together)
        yield from runs_of(Random(seed).sample(others, min(budget, len(others))))

    return choose


@contextmanager
def lanes(place: Place, count: int, *, lag: float = 0.0) -> Iterator[list[Lane]]:
    """So many sandboxes, ended afterwards."""
    with ExitStack() as started:
        home = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="skyclust-nth-")))
        made = []
        for number in range(count):
            process = SandboxProcess(home / f"{place.provider}-{number}", speed=SPEED)
            started.callback(process.close)
            made.append(Lane(place, process, lag=lag))
        yield made


async def sweep(
    open_lanes: Sequence[Lane], story: Story, choose: Choose, *, modes: Sequence[str] = MODES,
    progress: Callable[[Figures, int], None] = lambda _figures, _total: None,
) -> Figures:  # fmt: skip
    """Record the story without faults, then tell it once for each chosen group of points."""
    figures = Figures(open_lanes[0].place.provider, story.name, open_lanes[0].lag)
    baseline = await open_lanes[0].tell(story)
    if baseline.violations:
        figures.add(baseline)
        return figures
    calls = list(calls_of(baseline.calls))
    figures.calls, figures.mutating = len(calls), sum(call.mutating for call in calls)
    runs = list(choose([Point(call, mode) for mode in modes for call in calls]))
    waiting = list(reversed(runs))

    async def work(lane: Lane) -> None:
        while waiting:
            told = await lane.tell(story, waiting.pop(), baseline)
            figures.add(told)
            progress(figures, len(runs))

    await asyncio.gather(*(work(lane) for lane in open_lanes))
    return figures


def chosen_stories(provider: str | None, blueprint: str | None) -> list[tuple[Place, Story]]:
    """The stories of one provider or of all, of one blueprint or of all."""
    return [
        (place, story)
        for place in PLACES.values() if provider in (None, place.provider)
        for story in place.stories if blueprint in (None, story.name)
    ]  # fmt: skip
