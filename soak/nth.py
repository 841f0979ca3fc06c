"""Fail the N-th call: every call of every blueprint goes wrong in every way, one at a time. `python -m soak nth`.

Every mutating call is failed, of reads that repeat the first two. A run that violates something prints the command that
repeats it.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence

from soak.single_faults.points import MODES, Point, parse_point
from soak.single_faults.stories import PLACES
from soak.single_faults.sweep import Choose, Figures, chosen_stories, every_point, lanes, sample, sweep


def run(arguments: list[str]) -> int:
    """Exit code 1 when anything was violated."""
    given = _arguments(arguments)
    stories = chosen_stories(given.provider, given.blueprint)
    if given.list or not stories:
        print(
            "\n".join(f"{place.provider} {story.name}" for place, story in stories) or "No such blueprint; see --list."
        )
        return 0 if stories else 2
    started = time.monotonic()
    told = asyncio.run(_sweep_all(given))
    for figures in told:
        for failure in figures.failures:
            print(f"VIOLATED {failure}")
    print(last_line(told, time.monotonic() - started))
    return 1 if any(figures.failures for figures in told) else 0


def last_line(told: Sequence[Figures], seconds: float) -> str:
    """The figures of all."""

    def total(name: str) -> int:
        return sum(getattr(figures, name) for figures in told)

    return (
        f"nth: {len(told)} blueprints, {total('calls')} calls ({total('mutating')} mutating), {total('runs')} runs, "
        f"{total('fired')} faults, {total('resumes')} resumes, {sum(len(figures.missed) for figures in told)} points "
        f"not reached, {sum(len(figures.failures) for figures in told)} violations, {seconds:.0f} s"
    )


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak nth", description=__doc__)
    parser.add_argument("--provider", choices=sorted(PLACES))
    parser.add_argument("--blueprint", help="one of --list")
    parser.add_argument("--only", type=_points, metavar="POINT[,POINT]", help="these points in one run")
    parser.add_argument("--mode", choices=MODES, action="append", help="one way of going wrong; may be repeated")
    parser.add_argument("--sample", type=int, metavar="SEED", help="what `make test` runs with this seed")
    parser.add_argument("--together", type=int, default=1, metavar="N", help="points of each phase in one run")
    parser.add_argument("--sandboxes", type=int, default=2, help="how many run side by side")
    parser.add_argument(
        "--lag", type=float, default=0.0, metavar="S", help="cloud seconds until reads show what is new"
    )
    parser.add_argument("--list", action="store_true", help="say what there is, run nothing")
    return parser.parse_args(arguments)


def _points(text: str) -> tuple[Point, ...]:
    try:
        return tuple(parse_point(part) for part in text.split(","))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


async def _sweep_all(given: argparse.Namespace) -> Sequence[Figures]:
    told = []
    for place in dict.fromkeys(place for place, _ in chosen_stories(given.provider, given.blueprint)):
        with lanes(place, 1 if given.only else given.sandboxes, lag=given.lag) as opened:
            for _, story in chosen_stories(place.provider, given.blueprint):
                modes = given.mode or MODES
                told.append(await sweep(opened, story, _choice(given), modes=modes, progress=_progress))
                print(f"\r{told[-1].line()}", flush=True)
    return told


def _choice(given: argparse.Namespace) -> Choose:
    if given.only:
        return lambda _points: [given.only]
    return every_point(given.together) if given.sample is None else sample(given.sample)


def _progress(figures: Figures, total: int) -> None:
    if figures.runs % 10 == 0 or figures.failures:
        state = f"{figures.runs}/{total}, {len(figures.failures)} violations"
        print(f"\r{figures.provider} {figures.blueprint}: {state}", end="", flush=True)
