"""From bodies to specs: two bodies, one meaning; sensible defaults; changes of pools."""

import pytest

from skyclust.clusters.node_pools import with_options, with_pool, with_pool_scaled, without_pool
from skyclust.clusters.parsing import cluster_spec, parse_flat, parse_unified
from skyclust.clusters.pool_schemas import AutoScalingBody
from skyclust.clusters.schemas import ClusterBody, UnifiedClusterBody
from skyclust.contract.specs import AutoScaling, ClusterSpec, Gpu, NodePoolSpec, UpgradeSettings
from skyclust.kit.json_schemas import schema_errors
from skyclust.kit.problems import Problem
from skyclust.providers.sim import provider as sim_provider

SIM = sim_provider({})
ID = "00000000-0000-7000-8000-000000000001"
FLAT = {
    "credential_id": ID, "name": "one", "version": "1.33", "region": "sim-east-1",
    "node_pool": {"machine_type": "small", "node_count": 3, "auto_scaling": True},
}  # fmt: skip


def flat(**change):
    return parse_flat(SIM, ["sim", "other"], ClusterBody.model_validate(FLAT | change))


def spec_of(request, taken=()):
    return cluster_spec(request, SIM, request.region or "sim-east-1", taken)


def test_both_bodies_mean_the_same():
    unified = UnifiedClusterBody.model_validate(
        {"provider": "sim", "credential_id": ID, "node_pool": FLAT["node_pool"],
         "cluster": {"name": "one", "version": "1.33", "region": "sim-east-1"}}
    )  # fmt: skip
    request = parse_unified(SIM, ["sim"], unified)
    assert spec_of(request) == spec_of(flat())
    assert request.pointer("/version") == "/cluster/version"
    assert request.pointer("node_pools/0/machine_type") == "/node_pool/machine_type"
    assert request.pointer("/options/x") == "/sim/x"
    assert request.pointer("/network/cidr_block") == "/network/cidr_block"
    assert flat().pointer("/version") == "/version"


def test_what_is_left_out_gets_a_sensible_value():
    request = parse_flat(SIM, [], ClusterBody.model_validate({"credential_id": ID, "name": "one"}))
    spec = spec_of(request, ["10.0.0.0/16", "10.1.0.0/20"])
    assert spec.version == "1.34"
    assert (spec.mode, spec.node_pools, spec.vpc_id) == ("standard", (), None)
    assert (spec.network.cidr_block, spec.network.zones, spec.network.private_nodes) == ("10.2.0.0/16", 2, True)


def test_a_spec_survives_the_database():
    spec = spec_of(flat(network={"vpc_id": "v", "subnet_ids": ["a", "b"]}))
    assert spec.network is None
    assert ClusterSpec.from_json(spec.to_json()) == spec
    own = spec_of(flat(network={"cidr_block": "10.4.0.0/16", "zones": 3, "private_nodes": False}))
    assert ClusterSpec.from_json(own.to_json()) == own
    assert (own.network.zones, own.network.private_nodes) == (3, False)


@pytest.mark.parametrize(
    ("pool", "count", "bounds"),
    [
        ({}, 2, None),
        ({"node_count": 0}, 0, None),
        ({"auto_scaling": False}, 2, None),
        ({"auto_scaling": {"enabled": False, "min": 1, "max": 9}}, 2, None),
        ({"auto_scaling": True}, 2, AutoScaling(1, 4)),
        ({"node_count": 3, "auto_scaling": True}, 3, AutoScaling(1, 6)),
        ({"node_count": 0, "auto_scaling": True}, 0, AutoScaling(0, 3)),
        ({"node_count": 3, "auto_scaling": {"enabled": True, "min": 2, "max": 5}}, 3, AutoScaling(2, 5)),
        ({"auto_scaling": {"min": 4, "max": 9}}, 4, AutoScaling(4, 9)),
        ({"auto_scaling": {"max": 1}}, 1, AutoScaling(1, 1)),
    ],
)
def test_auto_scaling_is_a_word_or_bounds(pool, count, bounds):
    [made] = spec_of(flat(node_pool={"machine_type": "small"} | pool)).node_pools
    assert (made.node_count, made.auto_scaling) == (count, bounds)


POOL = NodePoolSpec("p", "small", 3, AutoScaling(2, 5))
SPEC = ClusterSpec("one", "r", "1.32", node_pools=(POOL,))


def scaled(count=None, scaling=None):
    [pool] = with_pool_scaled(SPEC, "p", count, scaling).node_pools
    return pool.node_count, pool.auto_scaling


def test_scaling_keeps_size_and_bounds_together():
    assert scaled(scaling=AutoScalingBody(min=4, max=8)) == (4, AutoScaling(4, 8))
    assert scaled(scaling=AutoScalingBody(max=9)) == (3, AutoScaling(2, 9))
    assert scaled(scaling=AutoScalingBody(max=1)) == (1, AutoScaling(1, 1))
    assert scaled(7, AutoScalingBody(enabled=False)) == (7, None)
    assert scaled(6, AutoScalingBody(max=6)) == (6, AutoScaling(2, 6))
    with pytest.raises(Problem, match="autoscaler"):
        scaled(4)
    with pytest.raises(Problem, match="outside"):
        scaled(9, AutoScalingBody(min=1, max=3))


def test_pools_come_and_go_by_name():
    assert [pool.name for pool in with_pool(SPEC, NodePoolSpec("q", "small", 1)).node_pools] == ["p", "q"]
    assert without_pool(SPEC, "p").node_pools == ()
    with pytest.raises(Problem) as twice:
        with_pool(SPEC, POOL)
    with pytest.raises(Problem) as none:
        without_pool(SPEC, "q")
    assert (twice.value.status, none.value.status) == (409, 404)
    assert "p" in none.value.detail


def test_switches_are_merged():
    assert with_options(SPEC, {"a": 1}).options == {"a": 1}


SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["channel"],
    "properties": {
        "channel": {"enum": ["rapid", "stable"]},
        "size": {"type": "integer", "minimum": 1, "maximum": 5},
        "on": {"type": "boolean"},
        "names": {"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3}},
        "maybe": {"type": ["string", "null"]},
    },
}


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({"channel": "stable", "size": 5, "on": True, "names": ["a"], "maybe": None}, []),
        ({}, ["/gcp/channel"]),
        ({"channel": "weekly"}, ["/gcp/channel"]),
        ({"channel": "stable", "size": 0}, ["/gcp/size"]),
        ({"channel": "stable", "size": 6}, ["/gcp/size"]),
        ({"channel": "stable", "size": True}, ["/gcp/size"]),
        ({"channel": "stable", "on": 1}, ["/gcp/on"]),
        ({"channel": "stable", "names": ["a", "B"]}, ["/gcp/names/1"]),
        ({"channel": "stable", "names": ["a", "b", "abcd"]}, ["/gcp/names", "/gcp/names/2"]),
        ({"channel": "stable", "sise": 1}, ["/gcp/sise"]),
        ("rapid", ["/gcp"]),
    ],
)
def test_options_are_held_to_the_providers_schema(value, pointers):
    assert [error.pointer for error in schema_errors(SCHEMA, value, "/gcp")] == pointers


def test_a_misspelt_switch_gets_the_nearest_one():
    [error] = schema_errors(SCHEMA, {"channel": "stable", "sise": 1}, "/gcp")
    assert "size" in error.detail


def test_surge_settings_are_numbers_or_percentages_and_one_is_enough():
    pool = {"machine_type": "small", "upgrade": {"max_surge": 2, "max_unavailable": "33%"}}
    assert spec_of(flat(node_pool=pool)).node_pools[0].upgrade == UpgradeSettings("2", "33%")
    spec = spec_of(flat(node_pool={"machine_type": "small", "upgrade": {"max_unavailable": 1}}))
    assert spec.node_pools[0].upgrade == UpgradeSettings(None, "1")
    assert ClusterSpec.from_json(spec.to_json()) == spec
    for wrong in ({}, {"max_surge": -1}, {"max_surge": "many"}, {"max_surge": True}):
        with pytest.raises(ValueError, match="upgrade"):
            flat(node_pool={"machine_type": "small", "upgrade": wrong})


def test_machine_types_may_be_several_and_the_first_is_the_pools():
    spec = spec_of(flat(node_pool={"machine_types": ["small", "medium", "small"], "gpu": {"type": "T4"}}))
    (pool,) = spec.node_pools
    assert (pool.machine_type, pool.other_types, pool.gpu) == ("small", ("medium",), Gpu("T4", 1))
    assert ClusterSpec.from_json(spec.to_json()) == spec
    (pool,) = spec_of(flat(node_pool={"machine_type": "large", "machine_types": ["small"]})).node_pools
    assert pool.machine_types == ("large", "small")


def test_a_spot_pool_with_a_fallback_is_two_pools_of_which_one_is_empty():
    asked = {"name": "web", "machine_type": "small", "node_count": 3, "spot": {"fallback": True}, "labels": {"a": "b"}}
    request = flat(node_pool=asked)
    spot, fallback = request.pools
    assert (spot.name, spot.spot, spot.node_count, spot.auto_scaling) == ("web", True, 3, None)
    assert (fallback.name, fallback.spot, fallback.node_count) == ("web-fallback", False, 0)
    assert (fallback.auto_scaling, fallback.labels) == (AutoScaling(0, 3), {"a": "b"})
    assert request.pointer("/node_pools/1/machine_type") == "/node_pool/machine_type"
    several = flat(node_pool=None, node_pools=[asked, {"machine_type": "small", "name": "other"}])
    assert several.pointer("/node_pools/2/name") == "/node_pools/1/name"
    assert several.pointer("/node_pools/0/name") == "/node_pools/0/name"
    assert len(flat(node_pool={**asked, "spot": {}}).pools) == 1
    for wrong, said in (({"name": "w" * 60}, "too long"), ({}, "taken by another pool")):
        twin = {"machine_type": "small", "name": "web-fallback"}
        with pytest.raises(Problem) as refused:
            flat(node_pool=None, node_pools=[{**asked, **wrong}, twin])
        assert said in refused.value.errors[0].detail
