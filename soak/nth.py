"""Fail the N-th call: every call of every blueprint goes wrong in every way, one at a time. `python -m soak nth`.

Every mutating call is failed, of reads that repeat the first two. A run that violates something prints the command that
repeats it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

from soak.single_faults.points import MODES, Point, parse_point
from soak.single_faults.stories import PLACES
from soak.single_faults.sweep import Figures, chosen_stories, every_point, lanes, sample, sweep


def run(arguments: list[str]) -> int:
    """Exit code 1 when anything was violated."""
    given = _arguments(arguments)
    stories = chosen_stories(given.provider, given.blueprint)
    if not stories:
        print("There is no such blueprint; see --list.")
        return 2
    if given.list:
        print("\n".join(f"{place.provider} {story.name}" for place, story in stories))
        return 0
    started, told = time.monotonic(), asyncio.run(_sweep_all(given))
    for figures in told:
        print("\n".join(f"VIOLATED {failure}" for failure in figures.failures), end="\n" if figures.failures else "")
    violations = sum(len(figures.failures) for figures in told)
    print(
        f"nth: {len(told)} blueprints, {sum(f.calls for f in told)} calls ({sum(f.mutating for f in told)} mutating), "
        f"{sum(f.runs for f in told)} runs, {sum(f.fired for f in told)} faults, {sum(f.resumes for f in told)} resumes, "
        f"{violations} violations, {time.monotonic() - started:.0f} s"
    )
    return 1 if violations else 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak nth", description=__doc__)
    parser.add_argument("--provider", choices=sorted(PLACES))
    parser.add_argument("--blueprint", help="one of --list")
    parser.add_argument("--only", type=_points, metavar="POINT[,POINT]", help="these points in one run")
    parser.add_argument("--mode", choices=MODES, action="append", help="one way of going wrong; may be repeated")
    parser.add_argument("--sample", type=int, metavar="SEED", help="what `make test` runs with this seed")
    parser.add_argument("--sandboxes", type=int, default=2, help="how many run side by side")
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
        with lanes(place, 1 if given.only else given.sandboxes) as opened:
            for _, story in chosen_stories(place.provider, given.blueprint):
                choose = every_point
                if given.only:
                    choose = lambda _points: [given.only]
                elif given.sample is not None:
                    choose = sample(given.sample, budget=6, together=6)
                told.append(await sweep(opened, story, choose, modes=given.mode or MODES, progress=_progress))
                print(f"\r{told[-1].line()}", flush=True)
    return told


def _progress(figures: Figures, total: int) -> None:
    if figures.runs % 10 == 0 or figures.failures:
        print(
            f"\r{figures.provider} {figures.blueprint}: {figures.runs}/{total}, {len(figures.failures)} violations  ",
            end="",
        )
        sys.stdout.flush()
