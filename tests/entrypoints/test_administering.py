"""`skyclust admin`: keys are rotated under running servers, and unsafe settings are found."""

import asyncio
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from key_services import FakeVault
from skyclust.audit.queries.sinks import claim_sink, sink_failed
from skyclust.credentials import service as credentials
from skyclust.credentials.clouds import binding_of
from skyclust.credentials.keyring import Keyring, KeyringError
from skyclust.credentials.keyring_files import add_active_key, keyring_from_file, lock_keys, make_file
from skyclust.credentials.keyring_opening import FileKeyring, finder
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.sealing import Binding, Sealed, seal, unseal
from skyclust.entrypoints.administering import NotHereError, rotate_keys
from skyclust.entrypoints.doctoring import check_heads, examine
from skyclust.identity import second_factors
from skyclust.identity.models import SecondFactorRow, UserRow
from skyclust.kit.clock import SystemClock
from skyclust.kit.db import EVERYTHING
from skyclust.kit.settings import Settings
from skyclust.workspaces.models import WorkspaceRow

NOW = SystemClock().now()


#: Nothing to be found about how it is reached.
BEHIND_A_PROXY = {"public_url": "https://clouds.example.com", "trusted_proxies": "10.0.0.7"}


def settings_of(postgres, folder, **more):
    folder.mkdir(exist_ok=True)
    return Settings(data_dir=folder, database_url=SecretStr(postgres.app_url), **more)


async def fill(database, keys, count):
    """A workspace with `count` credentials, and a user with a second factor."""
    place, user = uuid4(), uuid4()
    async with database.session(visible=EVERYTHING) as session:
        session.add(WorkspaceRow(id=place, name="w", created_at=NOW, suspended_reason=""))
        session.add(
            UserRow(
                id=user, email="a@b.cc", display_name="a", password_hash="x", is_platform_admin=True, created_at=NOW
            )
        )
        await session.flush()
        sealed = second_factors.seal(keys, user, b"shared")
        session.add(
            SecondFactorRow(
                user_id=user, key_id=sealed.key_id, sealed_secret=sealed.ciphertext, created_at=NOW, confirmed_at=NOW
            )
        )
        for number in range(count):
            row = CredentialRow(
                id=uuid4(), workspace_id=place, name=f"c{number}", provider="p", version=1, state="valid", account="a",
                principal="p", missing_permissions=[], verified_at=NOW, created_at=NOW, updated_at=NOW,
            )  # fmt: skip
            envelope = seal(keys, Binding(place, row.id, 1), f"secret {number}".encode())
            row.key_id, row.wrapped_key, row.sealed = envelope.key_id, envelope.wrapped_key, envelope.ciphertext
            session.add(row)
    return user


async def opened(database, keys, user):
    """Everything, opened with these keys alone."""
    async with database.session(visible=EVERYTHING) as session:
        rows = list(await session.scalars(select(CredentialRow).order_by(CredentialRow.name)))
        factor = await session.get(SecondFactorRow, user)
    texts = [unseal(keys, binding_of(row), Sealed(row.key_id, row.wrapped_key, row.sealed)) for row in rows]
    return texts, second_factors.unseal(keys, user, second_factors.SealedSecret(factor.key_id, factor.sealed_secret))


def test_a_rotation_seals_everything_anew_while_a_server_goes_on(postgres, tmp_path):
    async def story():
        settings, database = settings_of(postgres, tmp_path / "data"), postgres.open()
        running = FileKeyring(settings.data_dir / "keyring.json")  # as a server that started before
        user = await fill(database, running, 5)
        first = running.active_id
        told = []
        done = await rotate_keys(settings, (), new_key=True, tell=told.append)
        again = await rotate_keys(settings, (), new_key=False, tell=told.append)
        only_new = Keyring(
            done.key_id, {done.key_id: keyring_from_file(settings.data_dir / "keyring.json").keys[done.key_id]}
        )
        texts = await opened(database, only_new, user)
        await database.close()
        return first, running.active_id, done, again, texts, told

    first, active, done, again, (texts, factor), told = asyncio.run(story())
    assert active == done.key_id != first
    assert (done.credentials, done.factors, again.credentials, again.factors) == (5, 1, 0, 0)
    assert texts == [f"secret {number}".encode() for number in range(5)]
    assert factor == b"shared"
    assert told == ["5 credentials", "1 second factors"]


def test_a_running_keyring_takes_a_new_key_and_survives_a_damaged_file(tmp_path):
    path = tmp_path / "keyring.json"
    running = FileKeyring(path)
    first = running.active_id
    added = add_active_key(path)
    assert running.active_id == added.active_id
    assert running.derived(first, "x") == added.derived(first, "x")
    path.write_text("{")
    assert running.active_id == added.active_id
    path.unlink()
    assert running.derived(first, "x") == added.derived(first, "x")
    with pytest.raises(KeyError):
        running.derived("nobody's", "x")
    path.write_text("{")
    with pytest.raises(KeyringError):
        FileKeyring(path)


def test_without_a_database_the_operator_is_told_where_to_look(tmp_path):
    with pytest.raises(NotHereError, match="--data-dir"):
        asyncio.run(rotate_keys(Settings(data_dir=tmp_path), (), new_key=True, tell=print))


def whats(findings, severity=None):
    return [item.what for item in findings if severity in (None, item.severity)]


def test_a_careful_installation_has_nothing_to_mend(postgres, tmp_path):
    settings = settings_of(
        postgres, tmp_path / "data", host="0.0.0.0", public_url="https://clouds.example.com", trusted_proxies="10.0.0.7"
    )
    FileKeyring(settings.data_dir / "keyring.json")
    assert asyncio.run(examine(settings, {})) == []


def test_each_unsafe_setting_is_found(postgres, tmp_path):
    settings = settings_of(
        postgres, tmp_path / "data", host="0.0.0.0", public_url="http://clouds.example.com", access_token_seconds=86_400,
        refresh_token_seconds=90 * 86_400, cloud_speed=60.0,
    )  # fmt: skip
    keyring = settings.data_dir / "keyring.json"
    FileKeyring(keyring)
    keyring.chmod(0o644)
    found = asyncio.run(examine(settings, {"SKYCLUST_AWS_ENDPOINT": "http://evil", "SKYCLUST_WITH_SIM": "1"}))
    errors, warnings = whats(found, "error"), whats(found, "warning")
    for part in ("without TLS", "http://", "SKYCLUST_AWS_ENDPOINT", "SKYCLUST_CLOUD_SPEED", "read by others"):
        assert any(part in what for what in errors), part
    for part in ("access tokens", "90 days", "SKYCLUST_WITH_SIM"):
        assert any(part in what for what in warnings), part
    assert all(item.why and item.remedy for item in found)


def test_each_unsafe_setting_of_the_http_surface_is_found(postgres, tmp_path):
    reachable = {"host": "0.0.0.0", "public_url": "https://clouds.example.com"}
    settings = settings_of(
        postgres, tmp_path / "data", trusted_proxies="10.0.0.7, 0.0.0.0/0", docs="open", metrics_token=SecretStr("short"),
        requests_per_minute=0, sign_ins_per_minute=0, costly_per_minute=0, worker_metrics_host="0.0.0.0", **reachable,
    )  # fmt: skip
    found = asyncio.run(examine(settings, {}))
    for part in ("TRUSTED_PROXIES", "SKYCLUST_DOCS", "METRICS_TOKEN"):
        assert any(part in what for what in whats(found, "error")), part
    for part in ("REQUESTS_PER_MINUTE", "SIGN_INS_PER_MINUTE", "COSTLY_PER_MINUTE", "workers show"):
        assert any(part in what for what in whats(found, "warning")), part
    alone = asyncio.run(examine(settings_of(postgres, tmp_path / "data", **reachable), {}))
    assert "no trusted proxy is named" in whats(alone, "warning")


def test_heads_beside_the_database_that_they_prove_are_found(tmp_path):
    def warned(**given):
        return [item.what for item in check_heads(Settings(data_dir=tmp_path / "data", **given))]

    beside = ["the audit log's signed heads lie in the data folder beside the database"]
    assert warned() == beside
    assert warned(audit_heads_file=tmp_path / "data" / ".." / "data" / "elsewhere.jsonl") == beside
    assert warned(audit_heads_file=tmp_path / "other" / "heads.jsonl") == []
    assert warned(audit_heads_webhook=SecretStr("https://heads.example.com")) == []
    assert warned(database_url=SecretStr("postgresql://db.example.com/skyclust")) == []
    assert set(beside) <= {item.what for item in asyncio.run(examine(Settings(data_dir=tmp_path / "data"), {}))}


def test_the_owners_role_a_loose_table_and_a_changeable_audit_log_are_found(postgres, tmp_path):
    async def loosen(*statements):
        owner = settings_of(postgres, tmp_path / "data").model_copy(
            update={"database_url": SecretStr(postgres.owner_url)}
        )
        from skyclust.kit.db import Database

        database = Database(owner.database_url.get_secret_value(), pool_size=1)
        async with database.session(visible=EVERYTHING) as session:
            for statement in statements:
                await session.execute(text(statement))
        await database.close()
        return owner

    owner = asyncio.run(
        loosen("ALTER TABLE clusters NO FORCE ROW LEVEL SECURITY", "GRANT UPDATE ON audit_entries TO skyclust_app")
    )
    try:
        as_owner = whats(asyncio.run(examine(owner, {})), "error")
        as_app = whats(asyncio.run(examine(settings_of(postgres, tmp_path / "data"), {})), "error")
    finally:
        asyncio.run(
            loosen("ALTER TABLE clusters FORCE ROW LEVEL SECURITY", "REVOKE UPDATE ON audit_entries FROM skyclust_app")
        )
    assert any("owner or a superuser" in what for what in as_owner)
    assert "clusters is not held by row-level security" in as_app
    assert "the servers may change the audit log" in as_app


def test_missing_and_older_keys_and_administrators_without_a_second_factor_are_found(postgres, tmp_path):
    async def story():
        settings, database = settings_of(postgres, tmp_path / "data"), postgres.open()
        path = settings.data_dir / "keyring.json"
        user = await fill(database, FileKeyring(path), 2)
        add_active_key(path)
        older = await examine(settings, {})
        path.unlink()
        FileKeyring(path)
        async with database.session(visible=EVERYTHING) as session:
            await session.delete(await session.get(SecondFactorRow, user))
        missing = await examine(settings, {})
        await database.close()
        return whats(older), whats(missing, "error"), whats(missing, "warning")

    older, errors, warnings = asyncio.run(story())
    assert "3 secrets lie under an older key" in older
    assert any("is missing" in what for what in errors)
    assert any("password alone" in what for what in warnings)


async def waiting_for_a_lock(database):
    async with database.session() as session:
        return await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def test_a_rotation_leaves_out_no_credential_that_somebody_uses_or_changes_meanwhile(postgres, tmp_path):
    async def story():
        settings, database = settings_of(postgres, tmp_path / "data"), postgres.open()
        running = FileKeyring(settings.data_dir / "keyring.json")
        await fill(database, running, 4)
        told = []
        async with database.session(visible=EVERYTHING) as user, database.session(visible=EVERYTHING) as changer:
            one, two = (await user.scalars(select(CredentialRow.id).order_by(CredentialRow.name).limit(2))).all()
            await user.execute(
                select(CredentialRow.id).where(CredentialRow.id == one).with_for_update(read=True, key_share=True)
            )
            await changer.execute(select(CredentialRow.id).where(CredentialRow.id == two).with_for_update())
            rotating = asyncio.create_task(rotate_keys(settings, (), new_key=True, tell=told.append))
            while not rotating.done() and not await waiting_for_a_lock(database):  # noqa: ASYNC110 - nobody tells it
                await asyncio.sleep(0.02)
            await changer.commit()
            done = await rotating
        async with database.session(visible=EVERYTHING) as session:
            used = await credentials.keys_in_use(session)
        await database.close()
        return done, used, told

    done, used, told = asyncio.run(story())
    assert (done.credentials, used) == (4, {done.key_id: 4})
    assert told[:2] == ["3 credentials", "4 credentials"]


def test_with_a_key_service_keys_in_the_clear_and_a_service_that_does_not_answer_are_found(postgres, tmp_path):
    settings = settings_of(postgres, tmp_path / "data", **BEHIND_A_PROXY, kms_key_id="alias/skyclust")
    path = settings.data_dir / "keyring.json"
    make_file(path, None)
    assert whats(asyncio.run(examine(settings, {})), "warning") == [
        f"1 key(s) of {path} are not locked by the key service"
    ]
    vault = FakeVault()
    lock_keys(path, vault.key_service("vault/one"), finder([vault]))
    assert whats(asyncio.run(examine(settings, {}))) == ["the keyring cannot be opened"]


def test_a_sink_that_fails_is_told_by_the_doctor(postgres, tmp_path):
    settings = settings_of(postgres, tmp_path / "data", **BEHIND_A_PROXY)
    FileKeyring(settings.data_dir / "keyring.json")

    async def fail():
        database = postgres.open()
        async with database.session() as session:
            assert await claim_sink(session, "webhook", NOW, NOW) == 0
            await sink_failed(session, "webhook", NOW, NOW, "The webhook answered 500.")
        await database.close()

    asyncio.run(fail())
    found = asyncio.run(examine(settings, {}))
    assert [item.severity for item in found] == ["error"]
    assert "heads are not exported (webhook" in found[0].what
    assert "answered 500" in found[0].remedy
