"""A keyring that a key service locks: the file alone opens nothing, the server seals and opens itself, keys rotate."""

from uuid import UUID

import orjson
import pytest
from pydantic import SecretStr

from key_services import FakeVault
from skyclust.credentials.keyring import KeyringError
from skyclust.credentials.keyring_files import add_active_key, keyring_from_file, lock_keys, make_file, read_file
from skyclust.credentials.keyring_opening import RETRY_SECONDS, FileKeyring, finder, open_keyring
from skyclust.entrypoints.administering import rotate_keys
from skyclust.entrypoints.api import health
from skyclust.kit.keys import KeysSealedError
from skyclust.kit.settings import Settings
from tenancy import RIGHT_KEY, HandClock, problem_kind, through_the_door


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keyring.json"


def opened(path, vault, clock=None, key="vault/one"):
    """As a server opens it; what it would do in the background it does at once."""
    clock = clock or HandClock()
    return FileKeyring(
        path, vault.key_service(key), finder([vault]), monotonic=clock.monotonic, beside=lambda work: work()
    )


def test_the_file_holds_no_key_that_opens_without_the_service(path):
    vault = FakeVault()
    keyring = opened(path, vault)
    document = path.read_bytes()
    assert read_file(path).clear == {}
    assert set(read_file(path).locked) == {keyring.active_id}
    assert b"vault/one" not in document
    assert b'"locked_by": "key-1"' in document
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyringError, match="SKYCLUST_KMS_KEY_ID"):
        keyring_from_file(path)
    again = opened(path, vault)
    assert again.derived(again.active_id, "x") == keyring.derived(keyring.active_id, "x")


def test_the_service_is_asked_once_and_not_for_each_use(path):
    vault = FakeVault()
    opened(path, vault)
    keyring, before = opened(path, vault), vault.calls
    for number in range(50):
        keyring.derived(keyring.active_id, f"purpose {number}")
    assert vault.calls == before
    vault.away = True
    assert keyring.derived(keyring.active_id, "another")
    assert keyring.sealed == ""


def test_a_locked_key_moved_to_another_id_does_not_open(path):
    vault = FakeVault()
    opened(path, vault)
    add_active_key(path, vault.key_service("vault/one"), finder([vault]))
    document = orjson.loads(path.read_bytes())
    one, two = document["keys"]
    document["keys"] = {one: document["keys"][two], two: document["keys"][one]}
    path.write_bytes(orjson.dumps(document))
    assert "does not open" in opened(path, vault).sealed


def test_a_server_whose_key_service_is_away_is_sealed_and_opens_itself(path):
    vault, clock = FakeVault(), HandClock()
    first = opened(path, vault)
    vault.away = True
    keyring = opened(path, vault, clock)
    assert keyring.ids == frozenset()
    assert "key-1" in keyring.sealed
    with pytest.raises(KeysSealedError):
        _ = keyring.active_id
    asked = vault.calls
    for _ in range(20):
        assert keyring.ids == frozenset()
    assert vault.calls == asked  # not with every look
    vault.away = False
    clock.pass_(seconds=RETRY_SECONDS)
    assert keyring.ids == first.ids
    assert keyring.sealed == ""
    assert keyring.active_id == first.active_id


def test_a_first_start_without_the_service_makes_no_key_until_it_answers(path):
    vault, clock = FakeVault(away=True), HandClock()
    keyring = opened(path, vault, clock)
    assert (keyring.sealed != "", path.exists()) == (True, False)
    vault.away = False
    clock.pass_(seconds=RETRY_SECONDS)
    assert keyring.sealed == ""
    assert set(read_file(path).locked) == keyring.ids


def test_moving_a_file_into_the_service_keeps_the_ids_and_leaves_nothing_in_the_clear(path):
    vault = FakeVault()
    make_file(path, None)
    before = keyring_from_file(path)
    running = opened(path, vault)  # started with the setting, before anybody rotated
    assert running.active_id == before.active_id
    after = add_active_key(path, vault.key_service("vault/one"), finder([vault]))
    assert read_file(path).clear == {}
    assert set(read_file(path).locked) == {before.active_id, after.active_id}
    assert running.active_id == after.active_id  # seen without a restart
    assert running.derived(before.active_id, "x") == before.derived(before.active_id, "x")


def test_after_moving_between_two_keys_of_the_service_the_old_one_may_be_destroyed(path):
    vault = FakeVault()
    first = opened(path, vault)
    lock_keys(path, vault.key_service("vault/two"), finder([vault]))
    del vault.keys["vault/one"]
    later = opened(path, vault, key="vault/two")
    assert {locked.locked_by for locked in read_file(path).locked.values()} == {"key-2"}
    assert later.derived(first.active_id, "x") == first.derived(first.active_id, "x")


def test_a_new_key_that_does_not_open_yet_leaves_new_work_under_the_old_one(path):
    vault, clock = FakeVault(), HandClock()
    running = opened(path, vault, clock)
    first = running.active_id
    added = add_active_key(path, vault.key_service("vault/one"), finder([vault]))
    vault.away = True
    assert running.active_id == first
    with pytest.raises(KeysSealedError):
        running.derived(added.active_id, "x")
    vault.away = False
    clock.pass_(seconds=RETRY_SECONDS)
    assert running.derived(added.active_id, "x") == added.derived(added.active_id, "x")
    assert running.active_id == added.active_id


def test_a_changed_file_never_makes_a_request_wait_for_the_service(path):
    vault, later = FakeVault(), []
    running = FileKeyring(path, vault.key_service("vault/one"), finder([vault]), beside=later.append)
    first = running.active_id
    added = add_active_key(path, vault.key_service("vault/one"), finder([vault]))
    asked = vault.calls
    assert running.active_id == first
    with pytest.raises(KeysSealedError, match="is being opened"):
        running.derived(added.active_id, "x")
    assert (vault.calls, len(later), running.sealed) == (asked, 1, "")
    later.pop()()
    assert running.active_id == added.active_id
    assert running.derived(added.active_id, "x") == added.derived(added.active_id, "x")


def test_a_shell_without_the_setting_does_not_write_the_keys_in_the_clear(path):
    vault = FakeVault()
    opened(path, vault)
    before = path.read_bytes()
    with pytest.raises(KeyringError, match="SKYCLUST_KMS_KEY_ID is not set here"):
        add_active_key(path, None, finder([vault]))
    assert path.read_bytes() == before


def test_settings_that_contradict_each_other_or_name_no_key_are_refused(tmp_path):
    key = SecretStr("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    with pytest.raises(KeyringError, match="both set"):
        open_keyring(Settings(data_dir=tmp_path, kms_key_id="vault/one", encryption_key=key), [FakeVault()])
    with pytest.raises(KeyringError, match="No installed cloud knows"):
        open_keyring(Settings(data_dir=tmp_path, kms_key_id="vault/three"), [FakeVault()])


def test_a_sealed_server_says_so_serves_nothing_and_recovers(postgres, tmp_path):
    vault, clock = FakeVault(), HandClock()

    async def scenario(house):
        house.app.include_router(health, prefix="/api/v1")
        person = await house.person()
        workspace = await house.workspace(admin=person)
        body = {"name": "main", "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
        credential = UUID((await person.client.post("/credentials", json=body)).json()["id"])
        opened(tmp_path / "keyring.json", vault)
        vault.away = True
        sealed = opened(tmp_path / "keyring.json", vault, clock)
        house.app.state.keyring = house.app.state.clouds.keyring = sealed
        ready, refused = await house.anonymous.get("/health/ready"), await person.client.get("/credentials")
        with pytest.raises(Exception, match="cannot open its keys now") as stopped:
            await house.app.state.clouds.session_for(workspace, credential, "r")
        vault.away = False
        clock.pass_(seconds=RETRY_SECONDS)
        later = await house.anonymous.get("/health/ready")
        return ready, refused, type(stopped.value).__name__, later.json()["checks"]["keys"]

    ready, refused, stopped, later = through_the_door(postgres, scenario)
    assert ready.status_code == 503
    assert ready.json()["checks"]["keys"].startswith("sealed: The vault did not answer for the key key-1.")
    assert (refused.status_code, problem_kind(refused), "retry-after" in refused.headers) == (503, "sealed", True)
    assert stopped == "Unavailable"  # operations wait; they are not told that the credential is wrong
    assert "lacks old" in later  # this vault's keyring is open, and not the one the credential was sealed with


def test_a_rotation_goes_from_the_file_to_the_service_and_between_its_keys_under_a_server(postgres, tmp_path):
    vault = FakeVault()
    common = {"data_dir": tmp_path, "database_url": SecretStr(postgres.app_url)}
    file_settings = Settings(**common)
    locked, moved = (Settings(**common, kms_key_id=name) for name in ("vault/one", "vault/two"))

    async def scenario(house):
        house.app.state.keyring = house.app.state.clouds.keyring = open_keyring(file_settings, [vault])
        person = await house.person()
        workspace = await house.workspace(admin=person)
        body = {"name": "main", "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
        credential = UUID((await person.client.post("/credentials", json=body)).json()["id"])
        ids = []
        for settings in (locked, moved):
            done = await rotate_keys(settings, [vault], new_key=True, tell=lambda _text: None)
            house.app.state.clouds.keyring = open_keyring(settings, [vault])
            session = await house.app.state.clouds.session_for(workspace, credential, done.key_id)
            ids.append((session.region, done.credentials))
        return ids, await house.scalar("SELECT string_agg(DISTINCT key_id, ',') FROM credentials")

    ids, used = through_the_door(postgres, scenario)
    assert [count for _, count in ids] == [1, 1]
    assert used == ids[-1][0]
    assert {item.locked_by for item in read_file(tmp_path / "keyring.json").locked.values()} == {"key-2"}
