"""What others made in the simulated cloud, in our words."""

import asyncio
from random import Random

import pytest

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.specs import AutoScaling
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.world import SimWorld, Wanted

EAST = "sim-east-1"


@pytest.fixture
def world():
    return SimWorld(lambda: 0.0, Random(3))


@pytest.fixture
def cloud(world):
    return Sim(world)


def enter(world, kind, fields, *uses, name=""):
    return world.enter(Wanted(kind, EAST, name or kind, fields, frozenset(uses)), {}).id


def imported(cloud, what, external_id):
    session = cloud.connect({"key": "sim-key"}, EAST)
    return asyncio.run(getattr(cloud, f"import_{what}")(session, external_id))


def test_a_cluster_of_others_is_described_with_its_pools_and_refers_to_the_rest(world, cloud):
    network = enter(world, "network", {"cidr_block": "10.0.0.0/16", "dns": True})
    subnet = enter(world, "subnet", {"cidr_block": "10.0.0.0/24", "zone": f"{EAST}a"}, network)
    role = enter(world, "role", {})
    cluster = enter(world, "cluster", {"version": "1.33", "mode": "standard"}, network, subnet, role, name="shop")
    fields = {"machine_type": "small", "node_count": 3, "labels": {"a": "b"}, "auto_scaling": {"min": 1, "max": 5}}
    pool = enter(world, "node_pool", fields, cluster, name="web")
    found = imported(cloud, "cluster", cluster)
    assert found.ids == {"cluster": cluster, "node-pool/web": pool}
    assert (found.spec.vpc_id, found.spec.subnet_ids, found.spec.options) == (network, (subnet,), {"_role": role})
    assert found.spec.node_pools[0].auto_scaling == AutoScaling(1, 5)
    assert found.findings == ()


def test_what_no_spec_can_say_forbids_to_manage_a_cluster(world, cloud):
    network = enter(world, "network", {"cidr_block": "10.0.0.0/16"})
    cluster = enter(world, "cluster", {"version": "1.33", "mode": "standard", "moon_phase": "full"}, network)
    assert [(item.severity, "moon_phase" in item.message) for item in imported(cloud, "cluster", cluster).findings] == [
        ("error", True)
    ]


def test_a_network_keeps_its_way_with_names_and_its_gateway_stays_unmanaged(world, cloud):
    network = enter(world, "network", {"cidr_block": "10.0.0.0/16", "dns": False})
    enter(world, "gateway", {}, network, name="out")
    found = imported(cloud, "network", network)
    assert cloud.network_blueprint(found.spec)["network"].spec["dns"] is False
    assert [item.severity for item in found.findings] == ["warning"]
    assert "out" in found.findings[0].message


def test_a_network_without_a_block_and_a_cluster_without_a_network_are_refused(world, cloud):
    with pytest.raises(InvalidSpec, match="block"):
        imported(cloud, "network", enter(world, "network", {}))
    with pytest.raises(InvalidSpec, match="no network"):
        imported(cloud, "cluster", enter(world, "cluster", {}))
