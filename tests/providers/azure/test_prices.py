"""Prices: each with source and date, and none where nothing is known."""

from dataclasses import replace

import pytest

from skyclust.contract.specs import NodePoolSpec
from skyclust.providers.azure import catalog, prices

REGION = "koreacentral"
POOL = NodePoolSpec("default", "Standard_D2s_v5", 3)


def price_of(pure, make_cluster, key: str, **changes):
    return pure.monthly_price(pure.cluster_blueprint(make_cluster(**changes))[key], REGION)


@pytest.mark.parametrize(("tier", "usd"), [("Standard", 73.0), ("Premium", 438.0)])
def test_a_cluster_costs_its_tier(pure, make_cluster, tier, usd):
    found, price = price_of(pure, make_cluster, "cluster", options={"tier": tier})
    assert found == usd
    assert tier in price.source
    assert price.as_of == "2026-06-18"


def test_the_free_tier_costs_nothing(pure, make_cluster):
    assert price_of(pure, make_cluster, "cluster", options={"tier": "Free"}) is None


def test_a_pool_costs_its_machines_and_disks(pure, make_cluster):
    usd, price = price_of(pure, make_cluster, "node-pool/default")
    machine = prices.machine_price("Standard_D2s_v5", REGION)
    assert usd == pytest.approx(3 * (machine.usd_per_hour * 730 + 10.21), abs=0.02)
    assert "disk" in price.source


def test_spot_prices_are_not_known(pure, make_cluster):
    pools = (POOL, replace(POOL, name="cheap", spot=True))
    assert price_of(pure, make_cluster, "node-pool/cheap", node_pools=pools) is None


def test_the_way_out_costs_and_the_network_does_not(pure, make_cluster):
    assert price_of(pure, make_cluster, "network") is None
    assert price_of(pure, make_cluster, "resource-group") is None
    assert price_of(pure, make_cluster, "nat-gateway")[0] == 32.85
    assert price_of(pure, make_cluster, "nat-address")[0] == 3.65


def test_every_region_has_machines_that_a_system_pool_takes():
    for region in catalog.REGIONS:
        shapes = catalog.shapes_in(region).values()
        assert len(shapes) > 100, region
        assert all(shape.vcpu >= 2 and shape.memory_gib > 0 for shape in shapes), region
        assert all((shape.usd_per_hour or 0) > 0 for shape in shapes if shape.gpu is None), region
        assert any(shape.memory_gib >= catalog.SYSTEM_MEMORY_GIB for shape in shapes), region
