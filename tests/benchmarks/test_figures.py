"""The arithmetic behind the published figures; the figures themselves are no test's business."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import Chain, Figure, critical_path, figure_lines, overhead_percent, percentile

ROOT = Path(__file__).parents[2]


def test_the_critical_path_is_the_longest_chain_not_the_sum():
    durations = {"network": 12, "subnet": 2, "gateway": 106, "cluster": 617, "pool": 119}
    needs = {
        "subnet": ["network"],
        "gateway": ["subnet"],
        "cluster": ["subnet", "role"],
        "pool": ["cluster", "gateway"],
    }
    assert critical_path(durations, needs) == Chain(750, ("network", "subnet", "cluster", "pool"))


def test_nothing_takes_no_time():
    assert critical_path({}, {}) == Chain(0.0, ())


def test_a_circle_is_refused_by_name():
    with pytest.raises(ValueError, match="a -> b -> a"):
        critical_path({"a": 1, "b": 1}, {"a": ["b"], "b": ["a"]})


def test_overhead_is_what_lies_above_the_path():
    assert overhead_percent(101, 100) == pytest.approx(1)


def test_a_percentile_is_one_of_the_values():
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.99) == 99
    with pytest.raises(ValueError, match="measure something"):
        percentile([], 0.5)


def test_the_table_says_which_aims_are_missed():
    met, missed = Figure("one", 1.0, "%", "path", 1.0), Figure("two", 2.0, "s", "path", 1.0)
    text = "\n".join(figure_lines([met, missed, Figure("three", 3.0, "s", "nothing")]))
    assert "met: at most 1" in text
    assert "MISSED: at most 1" in text
    assert "no aim" in text


def test_what_can_be_measured_is_listed_without_measuring_it():
    command = [sys.executable, "-m", "benchmarks", "--list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "one_stack",
        "hundred_stacks",
        "start_up",
        "rotating",
        "auditing",
        "sharing_rates",
    ]
