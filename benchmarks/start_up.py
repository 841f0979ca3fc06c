"""Time and memory of `skyclust up`, and what the command line costs before it does anything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from benchmarks.figures import Figure, median
from benchmarks.options import Options
from benchmarks.product import data_folder, running

HELP_AIM_SECONDS = 0.25
SETTLING_SECONDS = 3.0


def run(options: Options) -> Iterator[Figure]:
    """With and without the sandbox, then the bare command line."""
    for sandbox in (True, False):
        command = f"skyclust up{' --sandbox' if sandbox else ''}"
        starts = [cold_and_warm(sandbox=sandbox) for _ in range(options.runs)]
        cold, warm = median([cold for cold, _, _ in starts]), median([warm for _, warm, _ in starts])
        against = f"nothing; median of {options.runs}, until the ready line"
        yield Figure(f"{command}, empty folder", cold, "s", against)
        yield Figure(f"{command}, same folder again", warm, "s", f"the first start: {cold / warm:.1f} x faster")
        for part in ("server", "postgres", "sandbox") if sandbox else ("server", "postgres"):
            used = median([memory[part] for _, _, memory in starts]) / 2**20
            yield Figure(
                f"{command}: memory of {part}", used, "MiB", f"nothing; PSS {SETTLING_SECONDS:g} s after the start"
            )
    bare = median([seconds_of("-c", "pass") for _ in range(options.runs)])
    told = median([seconds_of("-m", "skyclust.entrypoints.cli", "--help") for _ in range(options.runs)])
    yield Figure("skyclust --help", told, "s", f"python -c pass takes {bare:.3f} s", HELP_AIM_SECONDS)


def cold_and_warm(*, sandbox: bool) -> tuple[float, float, Mapping[str, int]]:
    """Seconds of the first and of the second start on one folder, and memory by part after the second."""
    with data_folder() as folder:
        with running(folder, sandbox=sandbox) as product:
            cold = product.start_seconds
        with running(folder, sandbox=sandbox) as product:
            time.sleep(SETTLING_SECONDS)
            return cold, product.start_seconds, product.memory_bytes()


def seconds_of(*arguments: str) -> float:
    """How long this Python takes for it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
