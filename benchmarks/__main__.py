"""`python -m benchmarks [name ...]`: run the named benchmarks, or all, and print their figures at the end."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from benchmarks import auditing, hundred_stacks, one_stack, rotating, sharing_rates, start_up
from benchmarks.figures import Figure, figure_lines
from benchmarks.options import Options
from benchmarks.product import machine

BENCHMARKS: Mapping[str, Callable[[Options], Iterator[Figure]]] = {
    "one_stack": one_stack.run,
    "hundred_stacks": hundred_stacks.run,
    "start_up": start_up.run,
    "rotating": rotating.run,
    "auditing": auditing.run,
    "sharing_rates": sharing_rates.run,
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when every benchmark came to its end; a missed aim is told in the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all without any")
    parser.add_argument("--list", action="store_true", help="say what there is, measure nothing")
    parser.add_argument(
        "--speed", type=float, default=Options().speed, help="of the cloud's clock, where real time counts"
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=Options().runs,
        help="how often those repeat that take a median of runs",
    )
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if given.list:
        for name in BENCHMARKS:
            print(f"{name:16} {sys.modules[f'benchmarks.{name}'].__doc__.splitlines()[0]}")
        return 0
    options = Options(given.speed, given.runs)
    figures = [figure for name in given.names or BENCHMARKS for figure in measured(name, options)]
    print(f"\n{machine()}")
    print("\n".join(figure_lines(figures)))
    return 0


def measured(name: str, options: Options) -> list[Figure]:
    """The figures of one benchmark; says meanwhile that it runs."""
    print(f"{name} ...", flush=True)
    started = time.perf_counter()
    figures = list(BENCHMARKS[name](options))
    print(f"{name} took {time.perf_counter() - started:.0f} s", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
