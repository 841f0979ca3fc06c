"""The simulated cloud passes the suite that every cloud passes."""

import pytest

from sim_under_test import sim_under_test
from skyclust.contract.conformance import CloudUnderTest, ProviderConformance


class TestSim(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls) -> CloudUnderTest:
        return sim_under_test()
