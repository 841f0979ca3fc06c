"""What a benchmark says in the end, and the arithmetic behind it. Pure; called by every benchmark and by the tests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Chain", "Figure", "critical_path", "figure_lines", "median", "overhead_percent", "percentile"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `at_most` is its aim, None when it has none; `compared_with` says what it stands against."""

    what: str
    value: float
    unit: str
    compared_with: str
    at_most: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the aim is met, in words that fit a table."""
        if self.at_most is None:
            return "no aim"
        return f"{'met' if self.value <= self.at_most else 'MISSED'}: at most {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of resources, each waiting for the one before it, and how long the cloud took for all of it."""

    seconds: float
    keys: tuple[str, ...]


def critical_path(durations: Mapping[str, float], depends_on: Mapping[str, Iterable[str]]) -> Chain:
    """The longest chain: no engine can be done before it, however many things it does at once.

    `durations` are seconds by key; dependencies on keys without a duration are ignored. ValueError for a circle.
    """
    ends: dict[str, Chain] = {}

    def end(key: str, path: tuple[str, ...]) -> Chain:
        if key in path:
            raise ValueError(f"The graph runs in a circle: {' -> '.join((*path, key))}.")
        if key not in ends:
            needs = (end(need, (*path, key)) for need in depends_on.get(key, ()) if need in durations)
            before = max(needs, key=lambda chain: chain.seconds, default=Chain(0.0, ()))
            ends[key] = Chain(before.seconds + durations[key], (*before.keys, key))
        return ends[key]

    return max((end(key, ()) for key in durations), key=lambda chain: chain.seconds, default=Chain(0.0, ()))


def overhead_percent(span_seconds: float, path_seconds: float) -> float:
    """What a run took above its critical path, in percent of the path."""
    return 100 * (span_seconds / path_seconds - 1)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed."""
    if not values:
        raise ValueError("There is no percentile of nothing; measure something first.")
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def figure_lines(figures: Sequence[Figure]) -> list[str]:
    """The table at the end of a run."""
    rows = [
        (figure.what, f"{figure.value:.4g} {figure.unit}".strip(), figure.verdict, figure.compared_with)
        for figure in figures
    ]
    head = ("what", "measured", "aim", "compared with")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
            for row in (head, *rows)]  # fmt: skip
