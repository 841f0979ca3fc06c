"""Prices: each with source and date, and none where nothing is known."""

from dataclasses import replace

import pytest

from skyclust.contract.specs import NetworkSpec, NodePoolSpec
from skyclust.providers.gcp import prices

REGION = "asia-northeast3"


def price_of(pure, make_cluster, key: str, **changes):
    return pure.monthly_price(pure.cluster_blueprint(make_cluster(**changes))[key], REGION)


def test_a_cluster_costs_its_management_fee(pure, make_cluster):
    usd, price = price_of(pure, make_cluster, "cluster")
    assert usd == 73.0
    assert price.source
    assert price.as_of


def test_a_pool_costs_machines_disks_and_nat(pure, make_cluster):
    usd, price = price_of(pure, make_cluster, "node-pool/default")
    machine = prices.machine_price("e2-standard-2", REGION)
    expected = 3 * (machine.usd_per_hour * 730 + 50 * 0.10 + 0.0014 * 730)
    assert usd == pytest.approx(expected, abs=0.02)
    assert "Cloud NAT" in price.source
    assert "pd-balanced" in price.source


def test_nat_is_capped_and_left_out_for_public_nodes(pure, make_cluster):
    pool = NodePoolSpec("default", "e2-standard-2", 99)
    private, _ = price_of(pure, make_cluster, "node-pool/default", node_pools=(pool,))
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", private_nodes=False)
    public, _ = price_of(pure, make_cluster, "node-pool/default", node_pools=(pool,), network=network)
    assert private - public == pytest.approx(0.044 * 730, abs=0.02)


def test_spot_machines_are_cheaper(pure, make_cluster):
    pool = NodePoolSpec("default", "e2-standard-2", 3)
    usual, _ = price_of(pure, make_cluster, "node-pool/default", node_pools=(pool,))
    spot, price = price_of(pure, make_cluster, "node-pool/default", node_pools=(replace(pool, spot=True),))
    assert spot < usual
    assert "preemptible" in price.source


def test_what_is_not_known_has_no_price(pure, make_cluster):
    pool = NodePoolSpec("default", "c4-standard-4", 3)
    assert price_of(pure, make_cluster, "node-pool/default", node_pools=(pool,)) is None
    unknown = next(item for item in pure.machine_types("us-central1") if item.name == "c4-standard-4")
    assert unknown.price is None


def test_networks_cost_nothing_but_the_address_of_nat_does(pure, make_cluster):
    assert price_of(pure, make_cluster, "network") is None
    assert price_of(pure, make_cluster, "subnet/nodes") is None
    usd, _ = price_of(pure, make_cluster, "router")
    assert usd == 3.65
