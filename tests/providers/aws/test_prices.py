import time
from datetime import date

import pytest

from skyclust.providers.aws.cloud import Aws
from skyclust.providers.aws.prices import machine_types


def priced(graph, aws) -> dict[str, float]:
    found = {node.key: aws.monthly_price(node, "us-west-2") for node in graph}
    return {key: round(price[0], 2) for key, price in found.items() if price}


def test_a_cluster_costs_its_control_plane_its_nodes_and_its_way_out(make_cluster):
    aws = Aws(endpoint=None, today=lambda: date(2026, 8, 1))
    assert priced(aws.cluster_blueprint(make_cluster()), aws) == {
        "cluster": 73.0,
        "node-pool/default": round(2 * (0.0416 * 730 + 50 * 0.08), 2),
        "nat-gateway/us-west-2a": 32.85,
        "elastic-ip/us-west-2a": 3.65,
    }


def test_a_version_past_standard_support_costs_more(make_cluster):
    aws = Aws(endpoint=None, today=lambda: date(2026, 8, 1))
    node = aws.cluster_blueprint(make_cluster(version="1.33"))["cluster"]
    usd, price = aws.monthly_price(node, "us-west-2")
    assert usd == pytest.approx(0.60 * 730)
    assert "extended" in price.source


def test_spot_is_an_estimate_and_says_so(pure, make_cluster, make_pool):
    graph = pure.cluster_blueprint(make_cluster(node_pools=(make_pool(spot=True),)))
    usd, price = pure.monthly_price(graph["node-pool/default"], "us-west-2")
    assert usd < 2 * (0.0416 * 730 + 4)
    assert price.source.startswith("estimate")


def test_what_is_not_ours_or_unknown_has_no_price(pure, make_cluster, make_pool):
    spec = make_cluster(network=None, vpc_id="vpc-12345678", subnet_ids=("subnet-12345678", "subnet-87654321"))
    assert pure.monthly_price(pure.cluster_blueprint(spec)["network"], "us-west-2") is None
    odd = pure.cluster_blueprint(make_cluster(node_pools=(make_pool(machine_type="nope.large"),)))
    assert pure.monthly_price(odd["node-pool/default"], "us-west-2") is None


def test_every_region_has_zones_machines_and_prices(pure):
    assert len(pure.regions()) >= 30
    for region in pure.regions():
        assert pure.zones(region)
        assert len(pure.machine_types(region)) > 100
        assert all(item.price and item.price.as_of >= "2025" for item in pure.machine_types(region))
    assert pure.machine_types("atlantis-1") == ()
    assert pure.zones("atlantis-1") == ()


def test_a_region_is_read_once_and_then_costs_nothing():
    machine_types("eu-central-1")
    begun = time.perf_counter()
    for _ in range(100):
        machine_types("eu-central-1")
    assert time.perf_counter() - begun < 0.01
