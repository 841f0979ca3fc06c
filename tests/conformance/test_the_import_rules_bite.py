"""Each broken import here breaks one promise and fails its rule."""

from dataclasses import replace

import pytest

from sim_under_test import sim_under_test
from skyclust.contract.conformance import ProviderConformance
from skyclust.contract.errors import NotSupported
from skyclust.contract.imports import Imported
from skyclust.contract.resources import TAG_RESOURCE
from skyclust.contract.specs import NetworkSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.sessions import ours
from skyclust.providers.sim.world import Wanted

RULES = ProviderConformance()
MARKS = RULES.test_marks_go_on_and_come_off_and_never_over_another_s


class Undeclared(Sim):
    def __init__(self, world):
        super().__init__(world)
        self.capabilities = self.capabilities - {"import"}


def test_imports_that_are_not_declared_are_noticed():
    with pytest.raises(AssertionError):
        RULES.test_imports_are_offered_exactly_when_declared(sim_under_test(Undeclared))


class ListsNoOwner(Sim):
    async def existing(self, session):
        return tuple(replace(item, owner=None) for item in await super().existing(session))


class ListsOnlyOurs(Sim):
    async def existing(self, session):
        return tuple(item for item in await super().existing(session) if item.owner)


@pytest.mark.parametrize(("provider", "words"), [(ListsNoOwner, "was not seen"), (ListsOnlyOurs, "is not listed")])
def test_a_list_without_owners_or_without_others_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_what_exists_is_listed_with_its_owner(sim_under_test(provider))


class GuessesTheBlock(Sim):
    async def import_network(self, session, external_id):
        found = await super().import_network(session, external_id)
        return replace(found, spec=replace(found.spec, cidr_block="10.99.0.0/16"))


class TakesTheRoleAlong(Sim):
    async def import_cluster(self, session, external_id):
        found = await super().import_cluster(session, external_id)
        return replace(found, spec=replace(found.spec, options={}))


@pytest.mark.parametrize(
    ("provider", "words"), [(GuessesTheBlock, "would be changed at once"), (TakesTheRoleAlong, "for the nodes")]
)
def test_a_description_that_would_change_or_make_something_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_the_plan_of_what_was_imported_is_empty(sim_under_test(provider))


class ForgetsPools(Sim):
    async def import_cluster(self, session, external_id):
        found = await super().import_cluster(session, external_id)
        return Imported(replace(found.spec, node_pools=()), {"cluster": external_id})


class TakesTheNetworkAlong(Sim):
    async def import_cluster(self, session, external_id):
        found = await super().import_cluster(session, external_id)
        return replace(found, ids={**found.ids, "network": found.spec.vpc_id})


@pytest.mark.parametrize(
    ("provider", "words"), [(ForgetsPools, "left out"), (TakesTheNetworkAlong, "taken over with the cluster")]
)
def test_a_cluster_imported_without_its_pools_or_with_its_network_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_everything_that_can_be_described_is_taken_over(sim_under_test(provider))


class MarksOverAnother(Sim):
    async def mark(self, session, kind, external_id, spec, mark):
        self.world.books[external_id].tags.update(mark.tags())


class TakesAnyMarkOff(Sim):
    async def unmark(self, session, kind, external_id, spec, mark):
        self.world.books[external_id].tags.pop(TAG_RESOURCE, None)


class KeepsTheMark(Sim):
    async def unmark(self, session, kind, external_id, spec, mark):
        pass


class CannotMark(Sim):
    async def mark(self, session, kind, external_id, spec, mark):
        raise NotSupported("There is no room for a mark.")


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (MarksOverAnother, "DID NOT RAISE"),
        (TakesAnyMarkOff, "to a stranger"),
        (KeepsTheMark, "still carries"),
        (CannotMark, "no finding forbids"),
    ],
)
def test_marks_that_are_put_or_taken_wrongly_are_noticed(provider, words):
    with pytest.raises((AssertionError, pytest.fail.Exception), match=words):
        MARKS(sim_under_test(provider))


class MakesSomething(Sim):
    async def import_network(self, session, external_id):
        self.world.enter(
            next(Wanted(item.kind, item.region, "new", {}) for item in self.world.resources()), {"made": "by import"}
        )
        return await super().import_network(session, external_id)


class WipesTags(Sim):
    async def unmark(self, session, kind, external_id, spec, mark):
        ours(session).world.books[external_id].tags.clear()

    async def mark(self, session, kind, external_id, spec, mark):
        tags = ours(session).world.books[external_id].tags
        tags.update({**mark.tags(), "touched": "yes"})


@pytest.mark.parametrize(("provider", "words"), [(MakesSomething, "changed something"), (WipesTags, "came back")])
def test_an_import_that_changes_the_cloud_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_an_import_changes_nothing_but_marks(sim_under_test(provider))


class InventsNetworks(Sim):
    async def import_network(self, session, external_id):
        return Imported(NetworkSpec("net", session.region, "10.0.0.0/16"))


def test_importing_what_does_not_exist_is_noticed():
    with pytest.raises(pytest.fail.Exception):
        RULES.test_what_does_not_exist_cannot_be_imported(sim_under_test(InventsNetworks))
