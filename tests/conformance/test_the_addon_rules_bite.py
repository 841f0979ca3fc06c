"""Each provider here breaks one promise about add-ons and fails its rule."""

from dataclasses import replace

import pytest

from sim_under_test import sim_under_test
from skyclust.contract.conformance import ProviderConformance
from skyclust.providers.sim.cloud import Sim

RULES = ProviderConformance()


class DeclaresNothing(Sim):
    def __init__(self, world):
        super().__init__(world)
        self.capabilities = self.capabilities - {"addons"}


class DeafToWishes(Sim):
    def cluster_blueprint(self, spec):
        return super().cluster_blueprint(replace(spec, addons=()))


class ChoosesByItself(Sim):
    def cluster_blueprint(self, spec):
        return super().cluster_blueprint(
            replace(spec, addons=tuple(replace(wish, version=None) for wish in spec.addons))
        )


class KeepsWhatIsOff(Sim):
    def cluster_blueprint(self, spec):
        return super().cluster_blueprint(
            replace(spec, addons=tuple(replace(wish, enabled=True) for wish in spec.addons))
        )


class TellsOfMore(Sim):
    def addon_offers(self, version, mode):
        offers = super().addon_offers(version, mode)
        return (*offers, replace(offers[0], name="zebra"))


class Disorderly(Sim):
    def addon_offers(self, version, mode):
        return tuple(reversed(super().addon_offers(version, mode)))


def test_what_is_offered_and_not_declared_is_noticed():
    with pytest.raises(AssertionError):
        RULES.test_addons_are_offered_exactly_when_declared(sim_under_test(DeclaresNothing))


@pytest.mark.parametrize("provider", [DeafToWishes, ChoosesByItself, KeepsWhatIsOff, TellsOfMore])
def test_wishes_that_do_not_come_true_are_noticed(provider):
    with pytest.raises(AssertionError):
        RULES.test_an_addon_comes_changes_and_goes_as_wished(sim_under_test(provider))


def test_a_disorderly_offer_is_noticed():
    with pytest.raises(AssertionError):
        RULES.test_offers_of_addons_are_sorted_data_for_every_version_and_mode(sim_under_test(Disorderly))
