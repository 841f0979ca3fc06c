"""All rules in one class. A provider's tests subclass it; each rule is in the module that its name says."""

from __future__ import annotations

from skyclust.contract.conformance.rules_of_addons import AddonRules
from skyclust.contract.conformance.rules_of_failure import FailureRules
from skyclust.contract.conformance.rules_of_imports import ImportRules
from skyclust.contract.conformance.rules_of_life import LifeRules
from skyclust.contract.conformance.rules_of_networks import NetworkRules
from skyclust.contract.conformance.rules_of_offer import OfferRules
from skyclust.contract.conformance.rules_of_peerings import PeeringRules
from skyclust.contract.conformance.rules_of_surveys import SurveyRules


class ProviderConformance(
    OfferRules, LifeRules, FailureRules, NetworkRules, PeeringRules, SurveyRules, ImportRules, AddonRules
):
    """Subclass with one class-scoped fixture `cloud` that returns a CloudUnderTest."""
