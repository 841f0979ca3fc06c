"""The audit log as its operator meets it: heads on the disk, verifying from the terminal, a careful cut, retention."""

import asyncio
import json
import os
import subprocess
import sys

import asyncpg
import pytest

from skyclust.audit.heads import parse_head
from skyclust.kit.embedded_postgres import attach_embedded
from waiting import until

CUT = """
DELETE FROM audit_entries WHERE chain = 'platform' AND seq > 2;
UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE chain = 'platform' AND seq = 2)
WHERE chain = 'platform';
"""


@pytest.fixture(scope="module")
def up(start_up):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKYCLUST_AUDIT_HEADS_SECONDS", "1")
        up = start_up()
    yield up
    up.stop()


@pytest.fixture
def skyclust(up, tmp_path):
    """Runs a command of the terminal; (exit code, standard output, standard error)."""
    environ = os.environ | {"SKYCLUST_CONFIG": str(tmp_path / "c.json"), "SKYCLUST_URL": up.ready["url"]}

    def run(*arguments):
        command = [sys.executable, "-m", "skyclust.entrypoints.cli", *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environ | {"SKYCLUST_TOKEN": up.token}, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_from_the_first_entry_to_a_found_cut(up, skyclust, tmp_path):
    for _ in range(3):
        up.login()
    heads, export = up.data_dir / "audit-heads.jsonl", tmp_path / "export.jsonl"
    asyncio.run(until(lambda: newest(heads) >= 4, seconds=60, what="the export of heads"))

    code, out, err = skyclust("audit", "export", "--platform")
    assert code == 0, err
    export.write_text(out)
    assert [json.loads(line)["action"] for line in out.splitlines()][-1] == "audit.exported"
    code, out, err = skyclust("audit", "verify", "--platform", "--head", heads)
    assert code == 0, err
    assert "It fits" in out

    code, out, err = skyclust("admin", "audit-key", "--data-dir", up.data_dir)
    assert code == 0, err
    offline = ("audit", "verify", "--file", export)
    for proof in (("--keyring", up.data_dir / "keyring.json"), ()):
        assert skyclust(*offline, *proof)[0] == 0
    early = tmp_path / "early.jsonl"  # those of before the export
    entries = len(export.read_text().splitlines())
    early.write_bytes(b"".join(line for line in heads.read_bytes().splitlines(keepends=True) if parse_head(line).seq <= entries))  # fmt: skip
    code, out, err = skyclust(*offline, "--head", early, "--public-key", out.split()[0])
    assert code == 0, err
    assert "a signed head proves it" in out

    asyncio.run(as_owner(up, CUT))
    code, out, err = skyclust("audit", "verify", "--platform")
    assert code == 0, err
    code, out, err = skyclust("audit", "verify", "--platform", "--head", early)
    assert code == 1
    assert "entry 3" in err


def test_retention_runs_beside_the_server(up, skyclust):
    up.login()
    code, out, err = skyclust("admin", "audit-retention", "--keep-days", "30", "--data-dir", up.data_dir)
    assert code == 0, err
    assert "0 entries of 0 chain(s)" in out
    code, _, err = skyclust("admin", "audit-retention", "--keep-days", "3", "--data-dir", up.data_dir)
    assert code == 1
    assert "at least 30 days" in err


def newest(heads):
    return max((parse_head(line).seq for line in heads.read_bytes().splitlines()), default=0) if heads.exists() else 0


async def as_owner(up, statements):
    connection = await asyncpg.connect(attach_embedded(up.data_dir / "postgres", as_owner=True))
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
