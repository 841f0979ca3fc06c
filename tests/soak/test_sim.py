"""`python -m soak sim` counts what it ran, says how to repeat what broke, and exits accordingly."""

import pytest

from skyclust.provisioning.engine import Engine
from soak import sim
from soak.__main__ import FULL, PARTS, main
from soak.simulation.story import Broken, tell
from soak.simulation.weather import Weather, to_json


def test_a_run_ends_with_its_figures(capfd):
    assert main(["sim", "--seeds", "6", "--first", "3", "--jobs", "1"]) == 0
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith("sim: 6 seeds, ")
    assert last.endswith("0 violations")


def test_a_weather_from_the_command_line_is_used(capfd):
    assert main(["sim", "--seeds", "2", "--jobs", "1", "--weather", to_json(Weather(lag=10, workers=2))]) == 0
    assert "0 violations" in capfd.readouterr().out


class LosesHeart(Engine):
    """An engine that fails in a way nobody thought of."""

    async def reconcile(self, claim):
        raise SystemError("a bug")


def test_what_breaks_is_told_with_its_command_and_makes_the_run_fail(capfd, monkeypatch):
    monkeypatch.setattr(sim, "tell", lambda seed, weather: tell(seed, weather or Weather(), engine=LosesHeart))
    tally = sim.live_through(0, 1, Weather())
    assert len(tally.broken) == 1
    assert "--first 0 --seeds 1" in tally.broken[0]
    assert sim.exit_code(tally) == 1
    assert sim.exit_code(sim.Tally(seeds=1)) == 0


def test_a_fault_of_the_engine_is_a_broken_promise_too():
    with pytest.raises(Broken) as broken:
        tell(1, Weather(), engine=LosesHeart)
    assert broken.value.codes


def test_parts_are_listed_and_unknown_ones_refused(capsys):
    assert main([]) == 0
    assert "python -m soak PART" in capsys.readouterr().out
    assert main(["hail"]) == 2
    assert set(FULL) <= set(PARTS)
