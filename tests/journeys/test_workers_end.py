"""A worker in the middle of a call ends: by SIGKILL another goes on when its lease has run out, by SIGTERM at once.

The leases are the default ones and pass in real time: these tests wait, and cost no processor time.
"""

import asyncio
import time

import asyncpg
import pytest

from skyclust.kit.settings import Settings
from soak.killing.installation import Installation
from soak.killing.patience import PatientClient
from soak.killing.witness import Witness, read_books

SPEED = 600.0
LEASE_SECONDS = float(Settings.model_fields["lease_seconds"].default)
#: Real seconds of the call in which the worker is caught.
CALL_SECONDS = 8.0
PATIENCE_SECONDS = 90.0


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("ends"), speed=SPEED, lease_seconds=LEASE_SECONDS, workers=1)
    yield made
    codes = made.close()
    assert set(codes) == {0}, codes


@pytest.fixture
def caught(installation):
    """(a network's creation whose one call is in flight, the witness): the call takes a while."""
    credential = installation.credential("aws")
    witness = Witness(installation, installation.postgres.owner_url)
    witness.acknowledged |= set(read_books(installation.postgres.owner_url).operations)
    installation.control("POST", "faults", {
        "provider": "aws", "operation": "*CreateVpc", "mode": "slow", "times": 1, "params": {"seconds": CALL_SECONDS},
        "after_calls": 1,  # the plan tries the permission before, as a dry run
    })  # fmt: skip
    body = {"name": "caught", "region": "us-west-2", "cidr_block": "10.0.0.0/16", "credential_id": credential}
    operation = PatientClient(installation).ask("POST", "/aws/network/vpcs", body)
    witness.acknowledged.add(operation["id"])
    until(lambda: in_call(installation))
    yield operation, witness
    client, target = PatientClient(installation), operation["target"]["id"]
    gone = client.delete(f"/aws/network/vpcs/{target}", target)
    assert client.ended(gone["id"])["state"] == "succeeded"
    witness.acknowledged.add(gone["id"])
    witness.check(empty=True)


def until(true):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # polling a real process


def in_call(installation):
    """Whether somebody is between the intent to create the network and the answer."""
    return ask(installation, "SELECT count(*) FROM resources WHERE key = 'network' AND intent IS NOT NULL AND "
               "external_id IS NULL AND lease_until > clock_timestamp()") == 1  # fmt: skip


def leases(installation):
    return ask(installation, "SELECT count(*) FROM resources WHERE lease_until IS NOT NULL")


def ask(installation, question):
    async def asked():
        connection = await asyncpg.connect(installation.postgres.owner_url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(asked())


def test_a_worker_killed_in_mid_step_is_replaced_when_its_lease_ends(installation, caught):
    operation, witness = caught
    killed_at = time.monotonic()
    installation.kill_worker(0)
    assert in_call(installation)
    ended = PatientClient(installation).ended(operation["id"])
    print(f"resumed {time.monotonic() - killed_at:.1f} s after SIGKILL, with a lease of {LEASE_SECONDS:g} s")
    assert ended["state"] == "succeeded"
    witness.check(empty=False)


def test_a_worker_told_to_end_finishes_its_call_and_hands_its_leases_back(installation, caught):
    operation, witness = caught
    begun = time.monotonic()
    assert installation.end_worker(0) == 0
    print(f"ended {time.monotonic() - begun:.1f} s after SIGTERM")
    assert leases(installation) == 0
    rows = {row["key"]: row for row in read_books(installation.postgres.owner_url).rows.values()}
    assert rows["network"]["external_id"] in {item["id"] for item in installation.resources("aws")}, (
        "the call's result is recorded"
    )
    installation.add_worker()
    assert PatientClient(installation).ended(operation["id"])["state"] == "succeeded"
    witness.check(empty=False)
