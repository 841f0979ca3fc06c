"""The envelope opens only where it was sealed; keys change while everything stays readable."""

from dataclasses import replace
from uuid import UUID, uuid4

import orjson
import pytest
from pydantic import SecretStr

from skyclust.credentials import service
from skyclust.credentials.keyring import Keyring, KeyringError, keyring_from_text
from skyclust.credentials.keyring_files import add_active_key, keyring_from_file, make_file
from skyclust.credentials.sealing import Binding, Sealed, UnsealError, rewrap, seal, unseal
from tenancy import KEYS, RIGHT_KEY, through_the_door

OLD = Keyring("old", KEYS)
NEW = Keyring("new", KEYS)
HERE = Binding(UUID(int=1), UUID(int=2), 1)


def test_what_is_sealed_opens_in_its_place():
    assert unseal(OLD, HERE, seal(OLD, HERE, b"secret")) == b"secret"


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, workspace_id=uuid4()),
        replace(HERE, credential_id=uuid4()),
        replace(HERE, version=2),
        replace(HERE, field="other"),
    ],
)
def test_an_envelope_moved_elsewhere_does_not_open(elsewhere):
    with pytest.raises(UnsealError, match="does not belong"):
        unseal(OLD, elsewhere, seal(OLD, HERE, b"secret"))


def test_neither_layer_can_be_exchanged_or_changed():
    one, two = seal(OLD, HERE, b"one"), seal(OLD, HERE, b"two")
    flipped = bytes([one.ciphertext[20] ^ 1])
    for bad in (
        replace(one, ciphertext=two.ciphertext),
        replace(one, wrapped_key=two.wrapped_key),
        replace(one, ciphertext=one.ciphertext[:20] + flipped + one.ciphertext[21:]),
        replace(one, ciphertext=b""),
        replace(one, key_id="new"),
    ):
        with pytest.raises(UnsealError):
            unseal(OLD, HERE, bad)


def test_the_same_secret_is_never_sealed_alike():
    assert seal(OLD, HERE, b"secret").ciphertext != seal(OLD, HERE, b"secret").ciphertext


def test_rewrapping_moves_to_the_active_key_and_leaves_the_secret_alone():
    before = seal(OLD, HERE, b"secret")
    after = rewrap(NEW, HERE, before)
    assert (after.key_id, after.ciphertext) == ("new", before.ciphertext)
    assert unseal(Keyring("new", {"new": KEYS["new"]}), HERE, after) == b"secret"


def test_a_missing_key_is_named():
    with pytest.raises(UnsealError, match="key old is not in the keyring"):
        unseal(Keyring("new", {"new": KEYS["new"]}), HERE, seal(OLD, HERE, b"secret"))


def test_keys_are_separate_for_each_purpose_and_never_shown():
    assert len({OLD.derived(key, purpose) for key in KEYS for purpose in ("a", "b")}) == 4
    assert KEYS["old"].hex() not in repr(OLD)
    assert str(KEYS["old"]) not in repr(OLD) + repr(seal(OLD, HERE, b"secret"))


def test_the_file_is_made_once_private_and_the_same_for_everybody(tmp_path):
    path = tmp_path / "data" / "keyring.json"
    make_file(path, None)
    first = keyring_from_file(path)
    make_file(path, None)
    second = keyring_from_file(path)
    assert first.keys == second.keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["keyring.json"]


def test_a_new_active_key_keeps_the_old_ones(tmp_path):
    path = tmp_path / "keyring.json"
    make_file(path, None)
    before = keyring_from_file(path)
    after = add_active_key(path)
    assert after.active_id != before.active_id
    assert dict(before.keys).items() <= dict(keyring_from_file(path).keys).items()
    assert keyring_from_file(path).active_id == after.active_id


def test_a_keyring_that_others_can_read_or_that_is_damaged_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "keyring.json"
    make_file(path, None)
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        keyring_from_file(path)
    path.chmod(0o600)
    path.write_bytes(orjson.dumps({"active": "x", "keys": {}}))
    with pytest.raises(KeyringError, match="not in the keyring"):
        keyring_from_file(path)
    path.write_text("{")
    with pytest.raises(KeyringError, match="backup"):
        keyring_from_file(path)


def test_keys_from_the_environment():
    one, two = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    keyring = keyring_from_text(SecretStr(f"2026:{one},2025:{two}"))
    assert (keyring.active_id, sorted(keyring.keys)) == ("2026", ["2025", "2026"])
    assert keyring_from_text(SecretStr(one)).active_id == keyring_from_text(SecretStr(one)).active_id
    for bad in ("", "not base64!", "c2hvcnQ="):
        with pytest.raises(KeyringError, match="openssl rand"):
            keyring_from_text(SecretStr(bad))


def test_rotation_rewraps_every_row_and_then_the_old_key_may_go(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        for name in ("a", "b", "c"):
            body = {"name": name, "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
            created = (await person.client.post("/credentials", json=body)).json()
        counts = []
        for _ in range(3):
            async with house.database.session(visible="*") as session:
                counts.append(await service.rewrap_some(session, NEW, limit=2))
        house.app.state.clouds.keyring = Keyring("new", {"new": KEYS["new"]})
        opened = await house.app.state.clouds.session_for(workspace, UUID(created["id"]), "r")
        return counts, opened.region

    assert through_the_door(postgres, scenario) == ([2, 1, 0], "r")


def test_sealed_prints_neither_key_nor_text():
    assert "secret" not in repr(Sealed("k", b"secret", b"secret"))
