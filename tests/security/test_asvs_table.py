"""docs/asvs.md is whole: every point once, each with a test that exists or a plain word of what is missing."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "docs" / "asvs.md").read_text(), re.MULTILINE)


def test_every_point_is_answered_once_and_in_order():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 61))


def test_every_point_names_a_test_that_exists():
    tests = "\n".join(file.read_text() for file in ROOT.glob("tests/**/test_*.py"))
    missing = {
        number: shown for number, _, _, shown in ROWS
        if not (names := re.findall(r"`(test_\w+)`", shown)) or any(f"def {name}(" not in tests for name in names)
    }  # fmt: skip
    assert missing == {}
