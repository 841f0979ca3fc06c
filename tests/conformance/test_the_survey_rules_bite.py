"""Each broken survey here breaks one promise and fails its rule."""

from dataclasses import replace

import pytest

from sim_under_test import sim_under_test
from skyclust.contract.conformance import ProviderConformance
from skyclust.contract.errors import ProviderError
from skyclust.contract.surveys import Sighting, Survey, owner_by_tags
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.sessions import ours

RULES = ProviderConformance()
ALL_OF_OURS = RULES.test_a_survey_sees_all_of_ours_with_its_owner_and_nothing_of_others


class Undeclared(Sim):
    def __init__(self, world):
        super().__init__(world)
        self.capabilities = self.capabilities - {"drift"}


def test_surveys_that_are_not_declared_are_noticed():
    with pytest.raises(AssertionError):
        RULES.test_surveys_are_offered_exactly_when_declared(sim_under_test(Undeclared))


class ForgetsAKind(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        return replace(seen, sightings=tuple(item for item in seen.sightings if item.kind != "sim.gateway"))


class SightsTwice(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        return replace(seen, sightings=seen.sightings * 2)


class LosesOwners(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        return replace(seen, sightings=tuple(replace(item, owner=None) for item in seen.sightings))


class MixesOwnersUp(Sim):
    async def survey(self, session, known):
        items = (await super().survey(session, known)).sightings
        owners = [item.owner for item in items]
        return Survey(tuple(replace(item, owner=owner) for item, owner in zip(items, owners[::-1], strict=True)))


class SightsOthers(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        others = [item for item in self.world.resources() if owner_by_tags(item.tags) is None]
        more = (Sighting(f"sim.{item.kind}", item.id, item.name, None, None) for item in others)
        return replace(seen, sightings=(*seen.sightings, *more))


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (ForgetsAKind, "not sighted"),
        (SightsTwice, "sighted twice"),
        (LosesOwners, "without its owner"),
        (MixesOwnersUp, "owner of another"),
        (SightsOthers, "too much"),
    ],
)
def test_a_survey_that_tells_too_little_too_much_or_the_wrong_owner_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        ALL_OF_OURS(sim_under_test(provider))


class ShowsOldFields(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        aged = (replace(item, observed=replace(item.observed, fields={"rules": "old"})) for item in seen.sightings)
        return replace(seen, sightings=tuple(aged))


class ShowsNothing(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        return replace(seen, sightings=tuple(replace(item, observed=None) for item in seen.sightings))


@pytest.mark.parametrize(("provider", "words"), [(ShowsOldFields, "is not"), (ShowsNothing, "most were sighted")])
def test_a_survey_that_observes_other_than_the_drivers_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_a_survey_observes_what_the_drivers_observe(sim_under_test(provider))


class SightsTheMarkedOnly(Sim):
    async def survey(self, session, known):
        return await super().survey(session, {})


class BelievesWhatIsKnown(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        sighted = {item.external_id for item in seen.sightings}
        claimed = [item for items in known.values() for item in items if item.external_id not in sighted]
        more = (Sighting(item.kind, item.external_id, "", None, None) for item in claimed)
        return replace(seen, sightings=(*seen.sightings, *more))


@pytest.mark.parametrize(
    ("provider", "words"), [(SightsTheMarkedOnly, "and not sighted"), (BelievesWhatIsKnown, "do not exist")]
)
def test_a_survey_that_does_not_look_for_what_is_known_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_a_survey_sees_what_is_known_though_it_carries_no_mark(sim_under_test(provider))


class SightsTheLeaving(Sim):
    async def survey(self, session, known):
        for item in self.world.books.values():
            item.leaving = False
        return await super().survey(session, known)


def test_a_survey_that_sights_what_is_being_deleted_is_noticed():
    with pytest.raises(AssertionError, match="being deleted"):
        RULES.test_a_survey_leaves_out_what_is_being_deleted(sim_under_test(SightsTheLeaving))


class AsksForEach(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        for item in seen.sightings:
            await ours(session).call("read.one", lambda item=item: item)
        return seen


def test_a_survey_that_calls_for_each_resource_is_noticed():
    with pytest.raises(AssertionError, match="9 subnets took"):
        RULES.test_a_survey_takes_no_more_calls_for_more_resources(sim_under_test(AsksForEach))


class TakesRefusalForAbsence(Sim):
    async def survey(self, session, known):
        return replace(await super().survey(session, known), unread={})


class GivesUp(Sim):
    async def survey(self, session, known):
        seen = await super().survey(session, known)
        kinds = ("sim.network", "sim.subnet", "sim.gateway", "sim.firewall")
        return Survey((), dict.fromkeys(kinds, "Something could not be read.")) if seen.unread else seen


@pytest.mark.parametrize(("provider", "words"), [(TakesRefusalForAbsence, "not sighted"), (GivesUp, "unreadable")])
def test_a_survey_that_hides_or_spreads_a_refusal_is_noticed(provider, words):
    with pytest.raises(AssertionError, match=words):
        RULES.test_a_kind_that_could_not_be_read_is_told_and_the_others_are_sighted(sim_under_test(provider))


class SwallowsRevocation(Sim):
    async def survey(self, session, known):
        try:
            return await super().survey(session, known)
        except ProviderError as refusal:
            return Survey((), {"sim.network": refusal.message})


def test_a_survey_that_swallows_a_revocation_is_noticed():
    with pytest.raises(pytest.fail.Exception):
        RULES.test_a_survey_with_a_revoked_credential_is_raised(sim_under_test(SwallowsRevocation))
