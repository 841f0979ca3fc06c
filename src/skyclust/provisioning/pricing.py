"""What planning must know of kinds and prices, taken from a provider. Called by the slices that plan.

Invariant: pure, and of the contract only: whatever a cloud is called, its drivers and prices answer the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skyclust.contract.provider import Driver, Provider
from skyclust.contract.resources import Change, JsonObject, Node, Observed, Phase, Price
from skyclust.provisioning.drifting import unaccepted
from skyclust.provisioning.planning import Kind, PriceOf
from skyclust.provisioning.rows import MISSING, ResourceRow, State


def kinds_of(provider: Provider) -> Callable[[str], Kind]:
    """Kinds by name, made from the provider's drivers. KeyError when the provider has no driver of a kind."""

    def kind_of(name: str) -> Kind:
        driver = provider.driver(name)
        return Kind(driver.creates, driver.expected_seconds, lambda row, spec: _differences(driver, row, spec))

    return kind_of


def _differences(driver: Driver, row: ResourceRow, spec: JsonObject) -> tuple[Change, ...]:
    """What differs between `spec` and what was last observed; a row that never settled is judged by its spec alone."""
    if not driver.creates or row.state is not State.READY or row.external_id is None:
        return ()
    return unaccepted(driver.diff(spec, Observed(row.external_id, Phase.READY, row.outputs, row.fields)), row.accepted)


def price_of(provider: Provider, region: str) -> PriceOf:
    """The provider's monthly prices in one region."""
    return lambda node: provider.monthly_price(node, region)


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
