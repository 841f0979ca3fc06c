"""A workspace whose Azure subscription needs no secret, through the whole application: entered, used, keys rotated.

The sandbox fetches the issuer's keys from the served application, as Entra ID does.
"""

import asyncio
import json
import os
import re

import httpx
from pydantic import SecretStr

from canaries import remember
from federating import is_key_set
from key_services import FakeVault
from public_sites import public, rechecked, worked, written
from skyclust.credentials.keyring_files import make_file
from skyclust.credentials.keyring_opening import FileKeyring, finder
from skyclust.entrypoints.administering import rotate_keys
from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.commands import credentials
from skyclust.entrypoints.cli.context import load_context
from skyclust.kit.settings import Settings
from whole_app import whole


def with_keyring(site, keys):
    """The whole application works with these keys."""
    parts = site.parts
    site.app.state.keyring = parts.keyring = parts.clouds.keyring = parts.clouds.rsa_keys.keys = keys


def as_in_the_guide(text, told):
    """What the guide gives `credentials add` to read, with the shell's variables filled in."""
    document = text.partition("--provider azure <<END\n")[2].partition("END")[0]
    for name, value in (("SUBSCRIPTION", "subscription_id"), ("TENANT", "tenant_id"), ("CLIENT", "client_id")):
        document = document.replace(f"${name}", told[value])
    return document


def not_to_be_found(site, folder):
    """The private keys that sign now, looked for in the database's files when all tests have ended."""
    pem = site.parts.clouds.rsa_keys.signer().as_pem(private=True).decode()
    remember(pem.splitlines()[5:7], folder)
    return pem.splitlines()[5]


async def rsa_keys_at(url):
    async with httpx.AsyncClient() as stranger:
        answer = await stranger.get(f"{url}/.well-known/jwks.json")
    assert is_key_set(answer.json())
    return answer.text, [key["kid"] for key in answer.json()["keys"] if key["alg"] == "RS256"]


def test_a_subscription_without_a_secret_is_entered_used_and_survives_a_rotation(
    postgres, fast, tmp_path, monkeypatch, capsys
):
    folder, secrets = tmp_path / "data", []
    folder.mkdir()

    async def rotated():
        settings = Settings(data_dir=folder, database_url=SecretStr(postgres.app_url))
        return (await rotate_keys(settings, (), new_key=True, tell=lambda _: None)).key_id

    async def act(action, **body):
        await asyncio.to_thread(fast.act, action, **body)

    async def scenario(site):
        with_keyring(site, FileKeyring(folder / "keyring.json"))
        first = site.parts.keyring.active_id
        async with public(site, fast) as url:
            ada, eve = await site.person("ada@example.com"), await site.person("eve@example.com")
            workspace = await site.workspace(admin=ada)
            await site.workspace("other", admin=eve)
            told = (await ada.client.get(f"/workspaces/{workspace}/identity")).json()
            (guide,) = told["guides"]
            assert f'"issuer": "{url}"' in guide["text"]
            assert f'"subject": "skyclust-{workspace}"' in guide["text"]
            assert (await rsa_keys_at(url))[1] == []  # who looks makes none
            await act("trust_issuer", issuer=told["issuer"], subject=told["subject"])
            data = {name: value for name, value in fast.credential.items() if name != "client_secret"}
            body = {"name": "keyless", "provider": "azure", "data": data}

            stranger = await eve.client.post("/credentials", json=body)
            assert (stranger.status_code, stranger.json()["refused_call"]) == (422, "oauth2.token"), stranger.text
            assert "AADSTS700213" in stranger.text
            monkeypatch.setenv("SKYCLUST_URL", url)
            monkeypatch.setenv("SKYCLUST_TOKEN", ada.client.headers["authorization"].removeprefix("Bearer "))
            terminal = Api(load_context(os.environ))
            monkeypatch.setattr(Api, "from_environment", lambda: terminal)
            await asyncio.to_thread(credentials.identity, provider="azure")
            (tmp_path / "azure.json").write_text(as_in_the_guide(capsys.readouterr().out, fast.credential))
            await asyncio.to_thread(
                credentials.add, "keyless", provider="azure", data_file=tmp_path / "azure.json", output="json"
            )
            terminal.close()
            entered = json.loads(capsys.readouterr().out)
            assert (entered["account"], entered["principal"]) == (fast.subscription, data["client_id"])
            secrets.append(not_to_be_found(site, postgres.folder))
            network = {"credential_id": entered["id"], "name": "net", "region": "koreacentral",
                       "cidr_block": "10.0.0.0/16"}  # fmt: skip
            made = await ada.client.post("/azure/network/vpcs", json=network)
            assert made.status_code == 202, made.text
            assert (await worked(site, made.json())).state == "succeeded"
            assert await asyncio.to_thread(fast.resources, "network")

            second = await rotated()
            checked = await ada.client.post(f"/credentials/{entered['id']}:verify")
            assert (checked.status_code, checked.json()["state"]) == (200, "valid"), checked.text
            secrets.append(not_to_be_found(site, postgres.folder))
            published, kids = await rsa_keys_at(url)
            assert kids == sorted([f"{first}.rsa", f"{second}.rsa"])

            await act("trust_issuer", issuer=told["issuer"], subject=told["subject"], lift=True)
            await rechecked(site)
            shown = await ada.client.get(f"/credentials/{entered['id']}")
            assert shown.json()["state"] == "invalid"
            assert "AADSTS70025" in shown.json()["reason"]
        answers = [answer.text for answer in (stranger, made, checked, shown)]
        return [*await written(site), *answers, published, json.dumps(entered)]

    texts = whole(postgres, scenario)
    assert len(set(secrets)) == 2
    for text in texts:
        assert not re.search(r"eyJ[\w-]+\.eyJ|PRIVATE KEY", text)
        assert not any(secret in text or secret.encode().hex() in text for secret in secrets)


def test_a_sealed_server_vouches_for_nobody_and_publishes_nothing(postgres, sandbox, tmp_path):
    """Rather than an empty key set, which clouds would keep for minutes."""
    vault, path = FakeVault(), tmp_path / "keyring.json"

    async def scenario(site):
        async with public(site, sandbox) as url:
            ada = await site.person("ada@example.com")
            workspace = await site.workspace(admin=ada)
            make_file(path, vault.key_service("vault/one"))
            vault.away = True
            with_keyring(
                site, FileKeyring(path, vault.key_service("vault/one"), finder([vault]), beside=lambda _: None)
            )
            data = {name: value for name, value in sandbox.credential.items() if name != "client_secret"}
            body = {"name": "keyless", "provider": "azure", "data": data, "workspace_id": str(workspace)}
            published = await site.anonymous.get(f"{url}/.well-known/jwks.json")
            return published, await ada.client.post("/credentials", json=body)

    for answer in whole(postgres, scenario):
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "sealed"), answer.text
