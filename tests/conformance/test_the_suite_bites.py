"""A suite that passes everything proves nothing: each broken provider here breaks one promise and fails its rule."""

import asyncio
import time
from dataclasses import replace

import pytest

from sim_under_test import sim_under_test
from skyclust.contract.conformance import ProviderConformance
from skyclust.contract.conformance.life import live
from skyclust.contract.conformance.rules_of_failure import MUTATION_ERRORS
from skyclust.contract.conformance.running import opened, specs_by_subject
from skyclust.contract.conformance.under_test import Fault
from skyclust.contract.errors import AuthenticationFailed, Throttled, Unavailable
from skyclust.contract.resources import Change, Phase
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.drivers import STEP
from skyclust.providers.sim.sessions import ours

RULES = ProviderConformance()


class Like:
    """A driver that does as another one does, but for what a subclass breaks."""

    def __init__(self, driver):
        self.driver = driver

    def __getattr__(self, name):
        return getattr(self.driver, name)


def broken(driver: type[Like], *kinds: str) -> type[Sim]:
    """A provider whose drivers (of these kinds, or all that create) are of the broken sort."""

    class Broken(Sim):
        def driver(self, kind):
            whole = super().driver(kind)
            return driver(whole) if kind in kinds or (not kinds and whole.creates) else whole

    return Broken


def lives_of(provider: type[Sim]):
    cloud = sim_under_test(provider)

    async def story():
        async with opened(cloud) as session:
            return [await live(cloud, session, *subject) for subject in specs_by_subject(cloud)]

    return asyncio.run(story())


class CreatesAnew(Like):
    async def create(self, session, mark, spec):
        mine = ours(session)
        wanted = self.driver._wanted(mine, spec)
        made = await mine.call("create.network", lambda: mine.world.enter(wanted, mark.tags()))
        return self.driver.shows(mine, made)


def test_a_second_resource_for_one_mark_is_noticed():
    with pytest.raises(AssertionError, match="second create"):
        RULES.test_creating_twice_makes_one_resource(lives_of(broken(CreatesAnew, "sim.network")))


class FindsAnything(Like):
    async def find(self, session, mark, spec):
        mine = ours(session)
        items = [item for item in mine.world.resources() if item.kind == self.driver.cloud_kind]
        return self.driver._shown(mine, items[0] if items else None)


def test_finding_what_another_mark_owns_is_noticed():
    with pytest.raises(AssertionError, match="found by a stranger"):
        RULES.test_another_mark_finds_nothing_and_deletes_nothing(lives_of(broken(FindsAnything, "sim.gateway")))


class DeletesAnything(Like):
    async def delete(self, session, external_id, spec, mark):
        mine = ours(session)
        item = mine.world.books.get(external_id)
        if item is not None:
            mine.world.delete(item)


def test_deleting_what_another_mark_owns_is_noticed():
    with pytest.raises(AssertionError, match="deleted by a stranger"):
        RULES.test_another_mark_finds_nothing_and_deletes_nothing(lives_of(broken(DeletesAnything, "sim.role")))


class ShowsTombstones(Like):
    last = None

    async def observe(self, session, external_id, spec):
        seen = await self.driver.observe(session, external_id, spec)
        type(self).last = seen or type(self).last
        return seen or replace(type(self).last, phase=Phase.DELETING)


def test_a_deleted_resource_that_still_shows_is_noticed():
    with pytest.raises(AssertionError, match="still there"):
        lives_of(broken(ShowsTombstones, "sim.firewall"))


class NeverSettles(Like):
    def diff(self, spec, observed):
        return (Change("rules", 1, 2),)


def test_a_spec_that_is_never_reached_is_noticed():
    with pytest.raises(AssertionError, match="did not become what its spec says"):
        lives_of(broken(NeverSettles, "sim.firewall"))


class LosesItsMark(Like):
    async def update(self, session, external_id, spec, changes, mark):
        await self.driver.update(session, external_id, spec, changes, mark)
        ours(session).world.books[external_id].tags.clear()


def test_a_mark_lost_by_an_update_is_noticed():
    with pytest.raises((AssertionError, Exception), match="mark"):
        RULES.test_marks_survive_updates_and_stay_findable(lives_of(broken(LosesItsMark, "sim.node_pool")))


class CallsThrottlingAnOutage(Like):
    async def create(self, session, mark, spec):
        try:
            return await self.driver.create(session, mark, spec)
        except Throttled as error:
            raise Unavailable(error.message) from error


def test_an_error_of_the_wrong_class_is_noticed():
    with pytest.raises(AssertionError, match="throttle became"):
        RULES.test_a_failed_mutation_has_its_class(sim_under_test(broken(CallsThrottlingAnOutage)), *MUTATION_ERRORS[0])


class SwallowsLostReplies(Like):
    async def create(self, session, mark, spec):
        try:
            return await self.driver.create(session, mark, spec)
        except Exception:
            return await self.driver.create(session, mark, spec)


def test_a_retry_inside_the_provider_is_noticed():
    lost = next(pair for pair in MUTATION_ERRORS if pair[0] is Fault.LOST_REPLY)
    with pytest.raises(AssertionError, match="lost_reply became"):
        RULES.test_a_failed_mutation_has_its_class(sim_under_test(broken(SwallowsLostReplies)), *lost)


class Blocks(Like):
    async def create(self, session, mark, spec):
        time.sleep(1.6)  # noqa: ASYNC251 - the fault under test
        return await self.driver.create(session, mark, spec)


def test_a_call_that_blocks_the_loop_is_noticed():
    with pytest.raises(AssertionError, match="stood still"):
        RULES.test_no_call_blocks_the_event_loop(sim_under_test(broken(Blocks)))


class Tells(Like):
    async def find(self, session, mark, spec):
        raise AuthenticationFailed(f"The key {ours(session).key} was refused.")


def test_a_secret_in_an_exception_is_noticed(caplog):
    with pytest.raises(AssertionError, match="secrets that start with"):
        RULES.test_no_secret_shows_anywhere(sim_under_test(broken(Tells)), caplog)


class ReadsOnePage(Sim):
    async def inventory(self, session, network_id, own_clusters):
        return (await super().inventory(session, network_id, own_clusters))[:20]


class ReadsOneByOne(Sim):
    async def inventory(self, session, network_id, own_clusters):
        items = await super().inventory(session, network_id, own_clusters)
        for item in items:
            await ours(session).call("read.one", lambda item=item: item)
        return items


@pytest.mark.parametrize(("provider", "words"), [(ReadsOnePage, "not in the inventory"), (ReadsOneByOne, "per thing")])
def test_an_inventory_that_stops_early_or_calls_for_each_thing_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_an_inventory_pages_through_to_the_end_by_list_calls(sim_under_test(provider))


class SweepsNothing(Like):
    async def delete(self, session, external_id, spec, mark):
        return None

    async def observe(self, session, external_id, spec):
        return None


def test_leftovers_that_are_not_swept_are_noticed():
    with pytest.raises(AssertionError, match="stays in use"):
        RULES.test_a_cluster_goes_with_its_own_network_and_leftovers(sim_under_test(broken(SweepsNothing, STEP)))


class ForcesItsWay(Like):
    async def delete(self, session, external_id, spec, mark):
        world = ours(session).world
        for item in [item for item in world.resources() if external_id in item.uses]:
            world.remove(item.id)
        await self.driver.delete(session, external_id, spec, mark)


def test_foreign_things_swept_out_of_the_way_are_noticed():
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        RULES.test_something_foreign_blocks_deletion_and_survives(sim_under_test(broken(ForcesItsWay)))


class PromisesMore(Sim):
    def __init__(self, world):
        super().__init__(world)
        self.capabilities = self.capabilities | {"cluster.quantum"}


def test_a_declared_mode_that_is_not_under_test_is_noticed():
    with pytest.raises(AssertionError, match="every declared mode"):
        RULES.test_declared_modes_work_and_undeclared_ones_are_refused(sim_under_test(PromisesMore))
