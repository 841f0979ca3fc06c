"""Every own rule is broken once here: a rule that cannot fail checks nothing."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks.__main__ import main as run_checks
from checks.rules import ALL
from checks.secrets import secrets_are_in_no_commit
from checks.source import Source
from checks.texts import what_belongs_to_no_commit

ROOT = Path(__file__).parents[2]
CLUSTERS = "src/skyclust/clusters/service.py"
ENGINE = "src/skyclust/provisioning/engine.py"

BROKEN = {
    "cloud-name": (CLUSTERS, 'def f(p):\n    """."""\n    return 1 if p == "aws" else 2\n'),
    "sdk-place": (CLUSTERS, "import aiobotocore.session\n"),
    "sdk-lazy": ("src/skyclust/providers/aws/sessions.py", "import aiobotocore.session\n"),
    "impure-engine": (ENGINE, "import time\nNOW = time.time()\n"),
    "slice-door": (CLUSTERS, "from skyclust.credentials.queries import find\n"),
    "queries": (CLUSTERS, "from sqlalchemy import select\n"),
    "commit-first": (CLUSTERS, "S = Depends(get_session)\n"),
    "egress": (CLUSTERS, "import httpx\n"),
    "purpose": (CLUSTERS, "x = 1\n"),
    "size": (CLUSTERS, "x = 1\n" * 501),
}
SOUND = {
    "cloud-name": ("src/skyclust/providers/aws/prices.py", 'def f(p):\n    return p == "aws"\n'),
    "sdk-place": ("src/skyclust/providers/gcp/clients.py", "def f():\n    import googleapiclient\n"),
    "sdk-lazy": ("src/skyclust/providers/aws/sessions.py", "def f():\n    import aiobotocore.session\n"),
    "impure-engine": (ENGINE, "def f(now):\n    return now()\n"),
    "slice-door": (CLUSTERS, "from skyclust.credentials.service import usable_credential\n"),
    "queries": ("src/skyclust/clusters/queries.py", "from sqlalchemy import select\n"),
    "commit-first": (CLUSTERS, 'S = Depends(get_session, scope="function")\n'),
    "egress": ("src/skyclust/clusters/kube.py", "import httpx\n"),
    "purpose": (CLUSTERS, '"""What it is for."""\nx = 1\n'),
    "size": (CLUSTERS, "x = 1\n" * 400),
}


def found(path: str, text: str) -> set[str]:
    source = Source.parse(path, text)
    return {finding.rule for rule in ALL for finding in rule(source)}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_found(name):
    assert name in found(*BROKEN[name])


@pytest.mark.parametrize("name", SOUND)
def test_sound_code_passes(name):
    assert name not in found(*SOUND[name])


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("machine-path", "see /" + "root/project\n"),
        ("registry", "--index" + "-url https://packages.example/simple\n"),
        ("registry", '"resolved": "https' + '://packages.example/x.tgz"\n'),
    ],
)
def test_what_belongs_to_no_commit_is_found(rule, text):
    assert rule in {finding.rule for finding in what_belongs_to_no_commit("README.md", text)}


#: Put together here, so that this file passes its own rule.
SECRETS = {
    "an AWS access key": "key = " + "AKIA" + "Q" * 16,
    "an AWS access key of a session": '"' + "ASIA" + "Q" * 16 + '"',
    "an AWS secret key": "aws_secret_access_key = " + "aB3/" * 10,
    "an AWS secret key in JSON": '"secret_key": "' + "aB3/" * 10 + '"',
    "a PEM file": "-----BEGIN RSA PRIVATE KEY" + "-----\n" + "A" * 64 + "\n",
    "a PEM file of OpenSSH": "-----BEGIN OPENSSH PRIVATE KEY" + "-----\n" + "b3Bl" * 16 + "\n",
    "a Google service account's key": '"private_key": "-----BEGIN PRIVATE KEY' + "-----\\n" + "MIIE" * 16 + '\\n"',
    "a Google API key": "key=" + "AIza" + "x" * 35,
    "a Google access token": "Bearer " + "ya29." + "a0Af" * 20,
    "an Azure client secret": "client_secret: " + "abc" + "8Q~" + "x" * 34,
    "a signed token": "token=" + ".".join(["eyJ" + "hbGciOiJIUzI", "eyJ" + "zdWIiOiIxMjM", "c2lnbmF0dXJlMTIz"]),
}
NO_SECRETS = {
    "the key that AWS publishes": "AKIAIOSFODNN7EXAMPLE and secret_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a PEM without a key in it": "-----BEGIN PRIVATE KEY-----\nsecret-canary\n-----END PRIVATE KEY-----",
    "a public certificate": "-----BEGIN CERTIFICATE" + "-----\n" + "A" * 64,
    "a token of nothing": "eyJhbGciOiJub25lIn0.e30.",
    "a shape in prose": "AKIA..., ya29. and 8Q~ begin keys",
    "a hash": "AKIA" + "0123456789abcdef" * 4,
}


@pytest.mark.parametrize("name", SECRETS)
def test_what_looks_like_a_secret_is_found_in_any_file_and_not_repeated(name):
    for path in ("README.md", "checks/rules.py", "tests/checks/test_rules.py"):
        (finding,) = secrets_are_in_no_commit(path, f"one\n{SECRETS[name]}\n")
        assert (finding.line, finding.rule) == (2, "secret")
        assert SECRETS[name].strip()[-12:] not in str(finding)


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_is_published_or_no_key_is_no_secret(name):
    assert list(secrets_are_in_no_commit("README.md", NO_SECRETS[name])) == []


def test_every_file_is_looked_at_for_secrets(tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "notes.txt").write_text(SECRETS["a PEM file"])
    assert run_checks(tmp_path) == 1
    (tmp_path / "notes.txt").write_text("nothing\n")
    assert run_checks(tmp_path) == 0


# ---- import contracts: each is broken in a small package of the same shape ----

BREAKS = {
    "layers": ("kit/clock.py", "import skyclust.clusters"),
    "contract-knows-nobody": ("contract/errors.py", "import skyclust.kit"),
    "providers-know-the-contract-only": ("providers/aws/__init__.py", "import skyclust.clusters"),
    "providers-are-strangers": ("providers/aws/__init__.py", "import skyclust.providers.gcp"),
    "server-knows-no-provider": ("clusters/__init__.py", "import skyclust.providers.aws"),
    "sandbox-speaks-http": ("sandbox/server.py", "import skyclust.contract"),
}
PACKAGES = (
    "entrypoints audit operations catalogue drift clusters networks credentials workspaces identity provisioning events kit "
    "contract providers providers/aws providers/gcp sandbox"
).split()


def lint(tmp_path: Path, contract: str, extra: dict[str, str]) -> subprocess.CompletedProcess:
    package = tmp_path / "skyclust"
    for name in ["", *PACKAGES]:
        folder = package / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    for path, text in extra.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text + "\n")
    code = (
        "import sys; from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports(config_filename={str(ROOT / '.importlinter')!r}, "
        f"limit_to_contracts=({contract!r},), no_cache=True))"
    )
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


def test_every_import_contract_has_a_test_that_breaks_it():
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    contracts = {name.rpartition(":")[2] for name in config.sections() if ":contract:" in name}
    assert contracts == set(BREAKS)


@pytest.mark.parametrize("contract", BREAKS)
def test_an_import_contract_holds_and_can_be_broken(tmp_path, contract):
    path, line = BREAKS[contract]
    sound = lint(tmp_path, contract, {})
    assert sound.returncode == 0, sound.stdout + sound.stderr
    broken = lint(tmp_path, contract, {path: line})
    assert broken.returncode == 1, broken.stdout + broken.stderr


def test_a_package_without_a_place_fails(tmp_path):
    outcome = lint(tmp_path, "layers", {"gossip/__init__.py": ""})
    assert outcome.returncode == 1
    assert "gossip" in outcome.stdout
