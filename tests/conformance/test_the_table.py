"""The table of docs/provider-contract.md names tests that exist, for every one of its rules."""

import re
from pathlib import Path

from skyclust.contract.conformance import ProviderConformance

TABLE = Path(__file__).parents[2] / "docs" / "provider-contract.md"


def test_every_rule_names_tests_of_the_suite():
    rows = [line for line in TABLE.read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(line.split("|")[1]) for line in rows] == list(range(1, 19))
    for line in rows:
        names = re.findall(r"`(test_\w+)`", line)
        assert names, line
        assert [name for name in names if not hasattr(ProviderConformance, name)] == []
