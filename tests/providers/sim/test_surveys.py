"""The sim's survey follows its world: lag hides the new, regions are apart, a refused kind is told."""

import asyncio
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from skyclust.contract.errors import Throttled
from skyclust.contract.resources import Mark
from skyclust.contract.surveys import owner_by_description, owner_by_tags
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, Mode, Script
from skyclust.providers.sim.world import SimWorld, Wanted

EAST, WEST = "sim-east-1", "sim-west-1"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")
NETWORK = {"name": "shop", "cidr_block": "10.0.0.0/16", "dns": True}


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world(clock):
    return SimWorld(clock, Random(3), faults=Script())


def surveyed(world, region=EAST):
    cloud = Sim(world)
    return asyncio.run(cloud.survey(cloud.connect({"key": "sim-key"}, region), {}))


def create(world):
    cloud = Sim(world)
    session = cloud.connect({"key": "sim-key"}, EAST)
    return asyncio.run(cloud.driver("sim.network").create(session, MARK, NETWORK))


def test_what_is_not_visible_yet_is_not_sighted(world, clock):
    world.lag = 60.0
    made = create(world)
    assert surveyed(world).sightings == ()
    clock.seconds = 61.0
    sighted = surveyed(world).sightings
    assert [(item.external_id, item.owner.resource_id, item.owner.stack_id) for item in sighted] == [
        (made.external_id, MARK.resource_id, MARK.stack_id)
    ]


def test_another_region_is_not_sighted(world):
    create(world)
    assert surveyed(world, WEST).sightings == ()


def test_a_kind_that_is_denied_is_unread_and_the_others_are_sighted(world):
    create(world)
    world.faults.add("read.firewall", Fault(Mode.DENIED))
    seen = surveyed(world)
    assert set(seen.unread) == {"sim.firewall"}
    assert [item.kind for item in seen.sightings] == ["sim.network"]


def test_being_throttled_is_raised_as_it_concerns_every_call(world):
    world.faults.add("read.firewall", Fault(Mode.THROTTLE, 3.0))
    with pytest.raises(Throttled):
        surveyed(world)


def test_tags_that_only_look_like_a_mark_own_nothing(world):
    world.enter(Wanted("network", EAST, "odd", {}), {"skyclust:resource": "mine"})
    assert surveyed(world).sightings == ()


@pytest.mark.parametrize("tags", [MARK.tags(), MARK.labels()])
def test_a_mark_is_read_back_from_tags_and_labels(tags):
    owner = owner_by_tags(tags)
    assert (owner.resource_id, owner.stack_id) == (MARK.resource_id, MARK.stack_id)


def test_a_mark_is_read_back_from_a_description():
    owner = owner_by_description(f"{MARK.description()} lets the web in")
    assert (owner.resource_id, owner.stack_id) == (MARK.resource_id, MARK.stack_id)
    assert owner_by_description("skyclust:resource=none") is None
    assert owner_by_description(None) is None


def test_a_mark_of_another_installation_is_sighted_with_its_owner(world):
    create(world)
    other = replace(MARK, resource_id=UUID(int=9), stack_id=UUID(int=8))
    world.enter(Wanted("network", EAST, "theirs", {}), other.tags())
    assert {item.owner.stack_id for item in surveyed(world).sightings} == {MARK.stack_id, other.stack_id}
