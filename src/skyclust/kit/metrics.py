"""What a process counts, by prometheus-client, kept by whoever is wired to it: no registry of the whole process.

Invariant: labels are words of ours (a route's template, a provider's name, an outcome), never an id or a name that a
tenant has given; and the number of series is bounded whatever arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

Labels = tuple[str, ...]
Counted = TypeVar("Counted", Counter, Histogram)
#: From a cached read to a flow that asks a cloud.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MAX_SERIES = 2000
OTHER = "other"


@dataclass
class Series(Generic[Counted]):
    """The series of one metric by their labels; what comes when there are too many counts for "other"."""

    _metric: Counted
    _known: dict[Labels, Counted] = field(default_factory=dict)

    def of(self, *values: str) -> Counted:
        """The one with these values of the labels, in their order."""
        found = self._known.get(values)
        if found is None:
            if len(self._known) >= MAX_SERIES:
                values = (OTHER,) * len(values)
            found = self._known[values] = self._metric.labels(*values)
        return found


class Metrics:
    """What a process counts by itself. What is in the database is asked for when somebody looks."""

    def __init__(self) -> None:
        """A registry of its own: one process may hold several applications."""
        registry = self.registry = CollectorRegistry()
        self.requests = Series(Histogram(
            "skyclust_http_request_seconds", "Requests, by route and status", ("method", "route", "status"),
            registry=registry, buckets=SECONDS,
        ))  # fmt: skip
        self.calls = Series(Counter(
            "skyclust_cloud_calls_total", "Calls of clouds by the engine", ("provider", "kind", "outcome"),
            registry=registry,
        ))  # fmt: skip
        self.faults = Series(Counter(
            "skyclust_faults_total", "Defects of ours or of a provider", ("where",), registry=registry
        ))  # fmt: skip
        self.in_flight = Gauge(
            "skyclust_engine_in_flight", "Resources that the engine of this process is at work on", registry=registry
        )
        self.slots = Gauge(
            "skyclust_engine_slots", "How many it may be at work on at once; 0 without an engine", registry=registry
        )
        self.rates_shared = Gauge(
            "skyclust_rates_shared", "1: other processes count rates, too. 0: none do, or Redis is away",
            registry=registry,
        )  # fmt: skip


def gauge(name: str, about: str, labels: Labels, values: Iterable[tuple[Labels, float]]) -> GaugeMetricFamily:
    """Something that goes up and down, as it is now."""
    family = GaugeMetricFamily(name, about, labels=labels)
    for found, number in values:
        family.add_metric(found, number)
    return family


def rendered(collector: Collector, accept: str) -> tuple[bytes, str]:
    """All of it, in the format that is asked for, and what to call that: Prometheus' text unless OpenMetrics is."""
    try:
        encoder, media_type = choose_encoder(accept)
    except TypeError:  # prometheus-client 0.26 compares a version that is no number with one that is
        encoder, media_type = choose_encoder("")
    return encoder(collector), media_type
