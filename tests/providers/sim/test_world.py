"""The simulated cloud behaves as badly as real ones do, and always in the same way for the same seed."""

import asyncio
from random import Random
from uuid import UUID

import pytest

from skyclust.contract.errors import InUse, NameTaken, NotYet, QuotaExceeded, Throttled
from skyclust.contract.resources import Mark, Phase
from skyclust.providers.sim import provider
from skyclust.providers.sim.faults import Dice, Fault, Mode, Script
from skyclust.providers.sim.world import SimWorld, Wanted

REGION = "sim-east-1"


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


def world_of(clock, **changes) -> SimWorld:
    return SimWorld(clock, Random(5), **changes)


def mark(number: int = 1, generation: int = 1) -> Mark:
    return Mark(UUID(int=number), UUID(int=99), generation, "one")


def wanted(kind: str, *uses: str, name: str = "one") -> Wanted:
    return Wanted(kind, REGION, name, {}, frozenset(uses))


def test_a_new_resource_hides_from_reads_for_a_while_and_cannot_be_used_yet(clock):
    world = world_of(clock, lag=60.0)
    network = world.create(mark(), wanted("network"))
    assert 0 < network.visible_at <= 60
    assert world.seen(network.id, "network") is None
    assert world.marked("network", mark()) is None
    with pytest.raises(NotYet):
        world.create(mark(2), wanted("subnet", network.id))
    clock.seconds = 61
    assert world.seen(network.id, "network") is network
    world.create(mark(2), wanted("subnet", network.id))


def test_inside_the_lag_a_second_creation_makes_a_second_network(clock):
    world = world_of(clock, lag=60.0)
    assert world.create(mark(), wanted("network")) is not world.create(mark(), wanted("network"))


def test_a_client_token_makes_a_repetition_harmless_even_inside_the_lag(clock):
    world = world_of(clock, lag=60.0)
    first = world.create(mark(), wanted("gateway"))
    assert world.create(mark(), wanted("gateway")) is first
    assert world.create(mark(generation=2), wanted("gateway")) is not first, "a new generation has a new token"


def test_a_unique_name_belongs_to_its_first_owner(clock):
    world = world_of(clock)
    first = world.create(mark(1), wanted("role"))
    assert world.create(mark(1), wanted("role")) is first
    with pytest.raises(NameTaken):
        world.create(mark(2), wanted("role"))


def test_a_pool_has_its_name_within_its_cluster_only(clock):
    world = world_of(clock)
    clusters = [world.create(mark(number), wanted("cluster", name=f"c{number}")) for number in (1, 2)]
    pools = [world.create(mark(10 + n), wanted("node_pool", item.id)) for n, item in enumerate(clusters)]
    assert pools[0] is not pools[1]
    with pytest.raises(NameTaken):
        world.create(mark(20), wanted("node_pool", clusters[0].id))


def test_what_is_used_cannot_be_deleted_and_names_its_users(clock):
    world = world_of(clock)
    network = world.create(mark(1), wanted("network"))
    subnet = world.create(mark(2), wanted("subnet", network.id))
    with pytest.raises(InUse) as refused:
        world.delete(network)
    assert refused.value.blockers == (subnet.id,)
    world.delete(subnet)
    clock.seconds += 60
    assert subnet not in world.resources()
    world.delete(network)


def test_phases_follow_from_the_clock(clock):
    world = world_of(clock)
    cluster = world.create(mark(), wanted("cluster"))
    assert cluster.phase(clock()) is Phase.SETTLING
    assert 300 < cluster.settles_at < 1200
    clock.seconds = cluster.settles_at
    assert cluster.phase(clock()) is Phase.READY
    world.change(cluster, {"version": "1.34"})
    assert cluster.phase(clock()) is Phase.SETTLING
    with pytest.raises(InUse):
        world.change(cluster, {"version": "1.35"})
    world.fail(cluster.id, "the cloud gave up")
    clock.seconds += 5000
    assert cluster.phase(clock()) is Phase.FAILED


def test_a_limit_of_the_account_refuses_one_too_many(clock):
    world = world_of(clock, limits={"network": 1})
    world.create(mark(1), wanted("network"))
    with pytest.raises(QuotaExceeded):
        world.create(mark(2), wanted("network"))


def test_a_script_hits_the_next_call_that_fits_and_only_once():
    script = Script()
    script.add("create.", Fault(Mode.THROTTLE, 7))
    assert script.decide("read.network") is None
    assert script.decide("create.network") == Fault(Mode.THROTTLE, 7)
    assert script.decide("create.network") is None


def test_throttling_says_how_long_to_wait(clock):
    script = Script([("", Fault(Mode.THROTTLE, 7))])
    world = world_of(clock, faults=script)
    with pytest.raises(Throttled) as refused:
        asyncio.run(world.call("read.network", "sim-key", lambda: None))
    assert refused.value.retry_after_seconds == 7


def test_the_same_seed_throws_the_same_dice():
    def throws(seed: int) -> list[Fault | None]:
        dice = Dice(Random(seed), {Mode.LOST_REPLY: 0.3, Mode.QUOTA: 0.3})
        return [dice.decide("create.network") for _ in range(50)]

    assert throws(1) == throws(1)
    assert throws(1) != throws(2)
    assert {fault.mode for fault in throws(1) if fault} == {Mode.LOST_REPLY, Mode.QUOTA}


def test_only_creations_meet_a_quota():
    dice = Dice(Random(1), {Mode.QUOTA: 1.0})
    assert dice.decide("read.network") is None
    assert dice.decide("delete.network") is None


def test_the_entry_point_makes_a_cloud_whose_clock_runs_as_fast_as_asked():
    made = provider({"SKYCLUST_CLOUD_SPEED": "1000000", "SKYCLUST_SIM_SEED": "3"})
    first = made.world.now()
    assert made.world.now() >= first
    assert first > 1_000_000, "a million cloud seconds pass in a second"
    assert "sim-key" not in repr(made)
