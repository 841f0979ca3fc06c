"""Signed heads: what was cut off carefully shows by them and by nothing else; a forged one is refused."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from skyclust.audit.heads import HeadError, Kind, check_head, is_signed, parse_head, public_key, sign
from skyclust.credentials.keyring import Keyring
from skyclust.events.publishing import Actor, Event, publish
from tenancy import KEYS, problem_kind, through_the_door

KEYRING = Keyring("old", KEYS)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
#: Cut so that entries, links, seals and the head in the database fit each other.
CAREFUL_CUT = (
    "DELETE FROM audit_entries WHERE seq > 3",
    "UPDATE audit_heads SET seq = 3, hash = (SELECT hash FROM audit_entries WHERE seq = 3)",
)


async def acts(house, workspace, number):
    for index in range(number):
        async with house.database.session(visible="*") as session:
            await publish(session, Event("thing.happened", f"thing/{index}", workspace, {}, Actor(None, "somebody")))


async def verified(person, **params):
    answer = await person.client.get("/audit-logs:verify", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def cut(house, person, workspace):
    """The head of five entries, then the last two are cut off carefully."""
    await acts(house, workspace, 5)
    head = (await verified(person))["head"]
    for statement in CAREFUL_CUT:
        await house.execute(statement)
    return head


@pytest.mark.parametrize("grown", [0, 2, 7])
@pytest.mark.parametrize("compare_only", [False, True])
def test_a_careful_cut_is_found_by_an_exported_head_and_by_nothing_else(postgres, grown, compare_only):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        head = await cut(house, person, workspace)
        await acts(house, workspace, grown)
        alone = await verified(person)
        return alone, await verified(person, head=head, compare_only=compare_only)

    alone, compared = through_the_door(postgres, scenario)
    assert (alone["intact"], alone["entries"], alone["heads_compared"]) == (True, 3 + grown, 0)
    assert (compared["intact"], compared["heads_compared"]) == (False, 1)
    first_bad = 5 if grown >= 2 else 4
    assert compared["first_bad_seq"] == first_bad, compared["reason"]
    assert "exported" in compared["reason"]


def test_heads_of_an_untouched_chain_fit_also_after_it_has_grown_and_its_key_was_replaced(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        heads = []
        for _ in range(3):
            await acts(house, workspace, 2)
            heads.append((await verified(person))["head"])
        house.app.state.keyring = Keyring("new", KEYS)
        heads.append((await verified(person))["head"])
        return await verified(person, head=heads), [json.loads(head)["seq"] for head in heads]

    proof, seqs = through_the_door(postgres, scenario)
    assert seqs == [2, 4, 6, 6]
    assert (proof["intact"], proof["heads_compared"], proof["entries"]) == (True, 3, 6)


def test_a_forged_foreign_or_contradicting_head_is_refused(postgres):
    async def scenario(house):
        person = await house.person()
        await acts(house, await house.workspace(admin=person), 2)
        good = (await verified(person))["head"]
        chain = json.loads(good)["chain"]
        stranger = Keyring("old", {"old": bytes(32)})
        forged = [
            "{}", "x" * 1000, json.dumps(json.loads(good) | {"seq": 1}), json.dumps(json.loads(good) | {"kind": "x"}),
            sign(stranger, Kind.HEAD, chain, 2, bytes(32), NOW).line().decode(),
            sign(KEYRING, Kind.HEAD, str(uuid4()), 2, bytes(32), NOW).line().decode(),
            sign(KEYRING, Kind.ANCHOR, chain, 2, bytes(32), NOW).line().decode(),
            [good, sign(KEYRING, Kind.HEAD, chain, 2, bytes(32), NOW).line().decode()],
        ]  # fmt: skip
        return [await person.client.get("/audit-logs:verify", params={"head": head}) for head in forged]

    answers = through_the_door(postgres, scenario)
    assert [(answer.status_code, problem_kind(answer)) for answer in answers] == [(422, "invalid")] * len(answers)


def test_a_head_survives_its_line_and_no_bit_of_it_can_change():
    head = sign(KEYRING, Kind.HEAD, "platform", 7, bytes(range(32)), NOW)
    trusted = [public_key(KEYRING, key_id) for key_id in KEYS]
    assert parse_head(head.line()) == head
    check_head(head, trusted)
    for name, value in {"seq": 8, "hash": "00" * 32, "at": "2026-03-01T00:00:01+00:00", "chain": "x"}.items():
        with pytest.raises(HeadError):
            check_head(parse_head(json.dumps(json.loads(head.line()) | {name: value})), trusted)


def test_a_head_is_no_anchor():
    """Else whoever holds an exported head could drop everything before it."""
    head = sign(KEYRING, Kind.HEAD, "platform", 7, bytes(32), NOW)
    assert is_signed(Kind.HEAD, head, head.public_key)
    assert not is_signed(Kind.ANCHOR, head, head.public_key)
