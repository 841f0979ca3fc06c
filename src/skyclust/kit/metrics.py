"""Counts and durations of this process in the text format of Prometheus, kept by whoever is wired to it.

Invariant: labels are words of ours (a route's template, a provider's name, an outcome), never an id or a name that a
tenant has given; and the number of series is bounded whatever arrives.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Labels = tuple[str, ...]
#: From a cached read to a flow that asks a cloud.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MAX_SERIES = 2000
OTHER = "other"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Counter:
    """Something that only grows."""

    name: str
    about: str
    labels: Labels = ()
    _values: dict[Labels, float] = field(default_factory=dict)

    def add(self, *values: str, amount: float = 1) -> None:
        """One more with these values of the labels, in their order."""
        key = bounded(values, self._values)
        self._values[key] = self._values.get(key, 0) + amount

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it."""
        yield from head(self.name, "counter", self.about)
        for values, number in self._values.items():
            yield sample(self.name, self.labels, values, number)


@dataclass
class Histogram:
    """How durations are spread."""

    name: str
    about: str
    labels: Labels = ()
    bounds: Sequence[float] = SECONDS
    _counts: dict[Labels, list[int]] = field(default_factory=dict)
    _sums: dict[Labels, float] = field(default_factory=dict)

    def observe(self, seconds: float, *values: str) -> None:
        """One that took so long."""
        key = bounded(values, self._counts)
        counts = self._counts.setdefault(key, [0] * (len(self.bounds) + 1))
        counts[bisect.bisect_left(self.bounds, seconds)] += 1
        self._sums[key] = self._sums.get(key, 0.0) + seconds

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it: each bucket holds those below it too."""
        yield from head(self.name, "histogram", self.about)
        for values, counts in self._counts.items():
            total = 0
            for bound, count in zip((*self.bounds, "+Inf"), counts, strict=True):
                total += count
                yield sample(f"{self.name}_bucket", (*self.labels, "le"), (*values, str(bound)), total)
            yield sample(f"{self.name}_sum", self.labels, values, self._sums[values])
            yield sample(f"{self.name}_count", self.labels, values, total)


@dataclass
class Metrics:
    """What a process counts by itself. What is in the database is asked for when somebody looks."""

    requests: Histogram = field(
        default_factory=lambda: Histogram(
            "skyclust_http_request_seconds", "Requests, by route and status", ("method", "route", "status")
        )
    )
    calls: Counter = field(
        default_factory=lambda: Counter(
            "skyclust_cloud_calls_total", "Calls of clouds by the engine", ("provider", "kind", "outcome")
        )
    )
    faults: Counter = field(
        default_factory=lambda: Counter("skyclust_faults_total", "Defects of ours or of a provider", ("where",))
    )

    def lines(self) -> Iterator[str]:
        """All of it."""
        for metric in (self.requests, self.calls, self.faults):
            yield from metric.lines()


def gauge(name: str, about: str, labels: Labels, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    """Something that goes up and down, as it is now."""
    yield from head(name, "gauge", about)
    for found, number in values:
        yield sample(name, labels, found, number)


def head(name: str, kind: str, about: str) -> Iterator[str]:
    """What stands before the samples of a metric."""
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def sample(name: str, labels: Labels, values: Labels, number: float) -> str:
    """One line."""
    told = ",".join(f'{label}="{escaped(value)}"' for label, value in zip(labels, values, strict=True))
    return f"{name}{{{told}}} {number:g}" if told else f"{name} {number:g}"


def escaped(value: str) -> str:
    """A label's value as the format writes it."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def bounded(values: Labels, known: dict[Labels, object] | dict[Labels, float] | dict[Labels, list[int]]) -> Labels:
    """The labels, or "other" for all of them when there are too many series already."""
    return values if values in known or len(known) < MAX_SERIES else (OTHER,) * len(values)
