"""The documents stay true: what they name exists. A test, a file or a command that is gone makes the page a lie."""

import re
from pathlib import Path

import pytest

from skyclust.contract.capabilities import CAPABILITIES
from skyclust.entrypoints.capabilities_page import render_capabilities
from skyclust.entrypoints.cli import app
from skyclust.entrypoints.wiring import installed_providers

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CODE = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("src/skyclust/contract/conformance/*.py")]
TESTS = "\n".join(file.read_text() for file in CODE)
MAKEFILE = (ROOT / "Makefile").read_text()


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_test_that_a_page_names_exists(page):
    named = set(re.findall(r"`(test_\w+)`", page.read_text()))
    assert {name for name in named if f"def {name}(" not in TESTS} == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_file_that_a_page_links_to_exists(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_make_target_that_a_page_names_exists(page):
    text = page.read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert {target for target in named if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_that_a_page_names_exists(page, capsys):
    known = {name: set(verbs) for name, (_, verbs) in app._groups.items()}
    single = set(app._serving) | {"login", "logout", "whoami", "plan", "logs", "kube-token"}
    for noun, verb in re.findall(
        r"(?:^|[ `/])skyclust ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", page.read_text(), re.MULTILINE
    ):
        if noun in known:
            assert verb in known[noun], f"{page.name}: skyclust {noun} {verb}"
        elif noun not in single:
            assert noun in {"is", "up"}, f"{page.name}: skyclust {noun}"


def test_both_readmes_show_the_same_commands():
    blocks = [
        re.findall(r"^\.venv/bin/skyclust [^#\n]+|^make [a-z]+", (ROOT / name).read_text(), re.MULTILINE)
        for name in ("README.md", "README.ko.md")
    ]
    english, korean = ([line.strip() for line in block] for block in blocks)
    assert english == korean
    assert len(english) > 5


def test_the_page_of_capabilities_is_what_the_providers_declare():
    assert (ROOT / "docs" / "capabilities.md").read_text() == render_capabilities(installed_providers({}))


def test_providers_use_the_closed_list_of_words():
    for provider in installed_providers({"SKYCLUST_WITH_SIM": "1"}).values():
        assert provider.capabilities <= set(CAPABILITIES), provider.name
