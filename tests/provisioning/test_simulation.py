"""The real engine on the simulated cloud, seed after seed. A failure prints its history and how to repeat it."""

import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from skyclust.providers.sim.faults import Mode
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryStore
from soak.simulation.story import tell
from soak.simulation.weather import Misfortune, Weather

SEEDS = 200
BATCH = 25
ENOUGH = 60


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_seed_loses_duplicates_or_strands_anything(first):
    for seed in range(first, first + BATCH):
        tell(seed)


def test_a_seed_can_be_repeated():
    """SKYCLUST_SEED=n chooses the seed; twice the same seed is twice the same history."""
    seed = int(os.environ.get("SKYCLUST_SEED", "41"))
    assert tell(seed).history.lines == tell(seed).history.lines


class ForgetsItsIntent(Engine):
    """Calls the cloud without having written down that it would."""

    async def _begin(self, claim, verb, state, started):
        begun = await super()._begin(claim, verb, state, started)
        await self.store.begin(begun, replace(begun.row, intent=claim.row.intent))
        return begun


class BelievesNotFound(Engine):
    """Trusts the first NotFound after a create."""

    def _rules(self, claim, driver, spec):
        rules = super()._rules(claim, driver, spec)
        return replace(rules, window=timedelta(), in_flight=timedelta())


class HasNoFence(MemoryStore):
    """Lets a worker write that was overtaken long ago."""

    async def apply(self, claim, patch):
        slot = self._slots[claim.row.id]
        return await super().apply(replace(claim, fence=slot.fence), patch)


LAGGING = Weather(lag=120, latency=0.5, chances={Mode.LOST_REPLY: 0.1}, misfortune=Misfortune(crash=0.05))
SLEEPY = Weather(lag=10, misfortune=Misfortune(stall=0.1), workers=3)


@pytest.mark.parametrize(
    ("weather", "bug"),
    [
        (LAGGING, {"engine": ForgetsItsIntent}),
        (LAGGING, {"engine": BelievesNotFound}),
        (SLEEPY, {"store": HasNoFence}),
    ],
    ids=["no intent", "NotFound believed at once", "no fence"],
)
def test_a_planted_bug_is_caught(weather, bug):
    assert any(_convicts(seed, weather, bug) for seed in range(ENOUGH)), f"{ENOUGH} seeds saw nothing wrong"


def _convicts(seed, weather, bug) -> bool:
    try:
        tell(seed, weather, **bug)
    except AssertionError as wrong:
        return bool(re.search(r"I\d", str(wrong)))
    return False


#: A worker that wakes up after its lease creates something that nobody can see for another minute.
SLEEPY_AND_LAGGING = Weather(lag=60, misfortune=Misfortune(stall=0.03), workers=2)


@pytest.mark.parametrize(
    "weather", [LAGGING, SLEEPY, SLEEPY_AND_LAGGING], ids=["lagging", "sleepy", "sleepy and lagging"]
)
def test_without_the_planted_bug_the_same_weather_is_survived(weather):
    for seed in range(10):
        tell(seed, weather)
