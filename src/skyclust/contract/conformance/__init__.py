"""The suite every cloud passes. Imported by provider tests only; needs pytest, knows neither server nor engine.

A provider subclasses it with one fixture, class-scoped or wider, and gets every rule, none of them skippable:

    class TestAws(ProviderConformance):
        @pytest.fixture(scope="class")
        @classmethod
        def cloud(cls, sandbox) -> CloudUnderTest: ...
"""

import pytest

_RULES = ("offer", "life", "failure", "networks", "surveys", "imports")
_WITH_ASSERTS = ("life", "applying", *(f"rules_of_{part}" for part in _RULES))
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in _WITH_ASSERTS))

from skyclust.contract.conformance.suite import ProviderConformance  # noqa: E402 - after the rewrite of their asserts
from skyclust.contract.conformance.under_test import CloudResource, CloudUnderTest, Fault, OutsideWorld  # noqa: E402

__all__ = ["CloudResource", "CloudUnderTest", "Fault", "OutsideWorld", "ProviderConformance"]
