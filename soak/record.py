"""`python -m soak record [--count n] [--first k]`: write histories in flight for later versions to finish.

Done once per release. Of many seeds those are kept that show a situation (state, wish and intent of a row) which
none before has shown; then others until there are enough.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from random import Random

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.rows import ACTIVE_OPERATIONS
from soak.simulation.histories import written
from soak.simulation.story import Story
from soak.simulation.virtual_time import run_virtually
from soak.simulation.weather import draw_weather

FOLDER = Path("tests/provisioning/histories")
MAX_SEEDS = 400

Situation = tuple[object, ...]


def run(arguments: Sequence[str]) -> int:
    """Write the files; an existing one is never changed."""
    parser = argparse.ArgumentParser(prog="python -m soak record", description=__doc__)
    parser.add_argument("--count", type=int, default=24, help="how many histories")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--version", default=version("skyclust"), help="named in the files")
    given = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = _chosen(given.first, given.count)
    for seed, history in chosen:
        path = FOLDER / f"{given.version}-{seed:05d}.json"
        with path.open("x") as file:
            file.write(_text({"seed": seed, "version": given.version, **history}))
        print(path)
    print(f"record: {len(chosen)} histories of {given.version}")
    return 0 if len(chosen) == given.count else 1


def moment_of(seed: int) -> JsonObject | None:
    """The seed's history at a moment of its own; None when nothing was under way then."""
    moment = Random(f"{seed}/moment").uniform(5, 1500)

    async def until_then() -> JsonObject:
        story = Story(seed, replace(draw_weather(Random(seed)), guest=False), Engine, MemoryStore)
        living = asyncio.create_task(story.run())
        await asyncio.wait({living}, timeout=moment)
        told = written(story)
        living.cancel()
        return told

    told: JsonObject = run_virtually(until_then())
    active = {state.value for state in ACTIVE_OPERATIONS}
    under_way = any(operation["state"] in active for operation in told["operations"])
    alone = all(item["kind"] != "machine" for item in told["resources"])  # what is in the way needs a person
    return told if under_way and alone else None


def _chosen(first: int, count: int) -> list[tuple[int, JsonObject]]:
    seen: set[Situation] = set()
    telling: list[tuple[int, JsonObject]] = []
    plain: list[tuple[int, JsonObject]] = []
    for seed in range(first, first + MAX_SEEDS):
        history = moment_of(seed)
        if history is None:
            continue
        new = set(_situations(history)) - seen
        seen |= new
        (telling if new else plain).append((seed, history))
        if len(telling) >= count:
            break
    return sorted([*telling, *plain][:count], key=lambda one: one[0])


def _situations(history: JsonObject) -> Iterator[Situation]:
    for held in history["rows"]:
        row = held["row"]
        intent = row["intent"] or {}
        leased = held["lease_seconds"] is not None
        yield (row["state"], row["desired"], intent.get("action"), intent.get("open"), bool(row["external_id"]), leased)


def _text(history: JsonObject) -> str:
    """One line per row and resource, so that a person can read it and git can compare it."""
    lines = []
    for key, value in history.items():
        text = json.dumps(value, sort_keys=True)
        if isinstance(value, list):
            text = "[\n  " + ",\n  ".join(json.dumps(item, sort_keys=True) for item in value) + "\n ]"
        lines.append(f"{json.dumps(key)}: {text}")
    return "{" + ",\n ".join(lines) + "}\n"
