"""What planning must know of kinds and prices, taken from a provider. Called by the slices that plan.

Invariant: pure, and of the contract only: whatever a cloud is called, its drivers and prices answer the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skyclust.contract.provider import Driver, Provider
from skyclust.contract.resources import Change, Graph, JsonObject, Node, Observed, Phase, Price
from skyclust.provisioning.drifting import unaccepted
from skyclust.provisioning.living import INSIDE_CLUSTERS
from skyclust.provisioning.planning import Kind, PriceOf
from skyclust.provisioning.rows import MISSING, Desired, ResourceRow, State


def kinds_of(provider: Provider) -> Callable[[str], Kind]:
    """Kinds by name, made from the provider's drivers. KeyError when the provider has no driver of a kind."""
    return kinds_from(provider.driver)


def kinds_from(driver_of: Callable[[str], Driver]) -> Callable[[str], Kind]:
    """Kinds by name, made from drivers."""

    def kind_of(name: str) -> Kind:
        driver = driver_of(name)
        return Kind(driver.creates, driver.expected_seconds, lambda row, spec: _differences(driver, row, spec))

    return kind_of


def _differences(driver: Driver, row: ResourceRow, spec: JsonObject) -> tuple[Change, ...]:
    """What differs between `spec` and what was last observed; a row that never settled is judged by its spec alone."""
    if not driver.creates or row.state is not State.READY or row.external_id is None:
        return ()
    return unaccepted(driver.diff(spec, Observed(row.external_id, Phase.READY, row.outputs, row.fields)), row.accepted)


def price_of(provider: Provider, region: str) -> PriceOf:
    """The provider's monthly prices in one region. What is inside a cluster is paid for with its nodes."""
    return lambda node: None if node.kind.startswith(INSIDE_CLUSTERS) else provider.monthly_price(node, region)


def committed_cost(rows: Iterable[ResourceRow], priced: PriceOf) -> float:
    """USD per month of what is ours and exists or is to be made: what a quota counts."""
    total = 0.0
    for row in rows:
        coming = row.external_id is None and row.desired is Desired.PRESENT
        if row.adopted or row.state is State.GONE or row.reason == MISSING or not (coming or row.external_id):
            continue
        found = priced(Node(row.key, row.kind, row.title, row.spec))
        total += found[0] if found is not None else 0.0
    return round(total, 2)


def cost_of_making(graph: Graph, priced: PriceOf) -> float:
    """USD per month of everything in a graph that is ours, or is to be."""
    prices = [priced(node) for node in graph if node.adopt_id is None]
    return round(sum(found[0] for found in prices if found is not None), 2)


def monthly_cost(rows: Iterable[ResourceRow], priced: PriceOf) -> tuple[float, str | None]:
    """USD per month of what exists in the cloud and is ours, with the date of the oldest price it rests on."""
    total, dates = 0.0, []
    for row in rows:
        if row.adopted or row.external_id is None or row.state is State.GONE or row.reason == MISSING:
            continue
        found: tuple[float, Price] | None = priced(Node(row.key, row.kind, row.title, row.spec))
        if found is not None:
            total += found[0]
            dates.append(found[1].as_of)
    return round(total, 2), min(dates, default=None)
