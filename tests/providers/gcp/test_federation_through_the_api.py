"""A workspace whose Google Cloud account holds no key, through the whole application: entered, used, checked again.

The sandbox fetches the issuer's keys from the served application, as Google would.
"""

import asyncio
import re
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import httpx

from building import QuickPace
from federating import Trusting, is_key_set
from skyclust.credentials.issuing import issuer_at
from skyclust.credentials.judging import Schedule
from skyclust.credentials.rechecking import Rechecker
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.operating import get_operation
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.postgres import PostgresStore
from whole_app import served, whole

SPEED = 600
TABLES = ("credentials", "outbox", "audit_entries", "stacks", "resources", "operations", "idempotency_keys")


@asynccontextmanager
async def public(site, cloud):
    """The application behind a socket whose address is its public one, in real time, with Google Cloud in it."""
    site.parts.providers["gcp"] = cloud.provider
    site.clock.time = datetime.now(UTC)
    async with served(site.app) as (host, port):
        url = f"http://{host}:{port}"
        site.app.state.settings = site.parts.settings.model_copy(update={"public_url": url})
        site.parts.clouds.issuer = issuer_at(site.parts.keyring, url, site.clock.now, site.parts.clouds.rsa_keys)
        yield url


async def trusting_account(cloud, issuer, workspace):
    """What an owner of the account does: trust the issuer for one subject, let that subject act."""
    trusting = await asyncio.to_thread(Trusting(cloud).trust, issuer, workspace, upload=False)
    email = await asyncio.to_thread(trusting.grant, trusting.member(workspace))
    return trusting, trusting.data(service_account=email)


async def worked(site, operation):
    """The operation once an engine has brought it to its end."""
    parts = site.parts
    engine = Engine(
        PostgresStore(parts.database), parts.clouds, "w", time.monotonic, Random(7), QuickPace(SPEED)
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop, sweep_seconds=0.05))
    try:
        async with asyncio.timeout(60):
            while True:
                async with parts.database.session(visible="*") as session:
                    view = await get_operation(session, UUID(operation["id"]))
                if not view.active:
                    return view
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await running


async def rechecked(site):
    """Every credential, asked about as the schedule does."""
    parts, troubles = site.parts, []
    await site.execute("UPDATE credentials SET check_due_at = clock_timestamp() - interval '1 day'")
    checker = Rechecker(
        parts.database, parts.keyring, parts.providers, Schedule(6 * 3600.0), site.clock.now, time.monotonic,
        lambda _credential: Budget(), issuer=parts.clouds.issuer, on_fault=lambda _row, error: troubles.append(error),
        on_outage=troubles.append,
    )  # fmt: skip
    assert await checker.check_due() == 1
    assert troubles == []


def test_an_account_without_a_key_is_entered_used_and_checked_again(postgres, fast):
    async def scenario(site):
        async with public(site, fast) as url:
            ada, eve = await site.person("ada@example.com"), await site.person("eve@example.com")
            workspace = await site.workspace(admin=ada)
            await site.workspace("other", admin=eve)
            told = (await ada.client.get(f"/workspaces/{workspace}/identity")).json()
            assert (told["issuer"], told["subject"]) == (url, f"skyclust-{workspace}")
            assert [told["subject"] in guide["text"] for guide in told["guides"]] == [True]
            trusting, data = await trusting_account(fast, site.parts.clouds.issuer, workspace)
            body = {"name": "keyless", "provider": "gcp", "data": data}

            stranger = await eve.client.post("/credentials", json=body)
            assert (stranger.status_code, stranger.json()["refused_call"]) == (422, "sts.token"), stranger.text
            poisoned = body | {"data": data | {"credential_source": {"file": "/etc/passwd"}}}
            refused = await ada.client.post("/credentials", json=poisoned)
            assert [error["pointer"] for error in refused.json()["errors"]] == ["/data/credential_source"]

            entered = await ada.client.post("/credentials", json=body)
            assert entered.status_code == 201, entered.text
            assert entered.json()["principal"] == data["service_account"]
            network = {"credential_id": entered.json()["id"], "name": "net", "region": "asia-northeast3",
                       "cidr_block": "10.0.0.0/16"}  # fmt: skip
            made = await ada.client.post("/gcp/network/vpcs", json=network)
            assert made.status_code == 202, made.text
            assert (await worked(site, made.json())).state == "succeeded"
            assert await asyncio.to_thread(fast.resources, "network")

            await rechecked(site)
            shown = (await ada.client.get(f"/credentials/{entered.json()['id']}")).json()
            assert (shown["state"], shown["expires_at"]) == ("valid", None)
            await asyncio.to_thread(trusting.change, "disabled", disabled=True)
            await rechecked(site)
            shown = (await ada.client.get(f"/credentials/{entered.json()['id']}")).json()
            assert shown["state"] == "invalid"
            assert trusting.audience in shown["reason"]
        rows = [await site.scalar(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t") for name in TABLES]
        return [*rows, stranger.text, refused.text, entered.text, made.text, site.logs.getvalue()]

    for text in whole(postgres, scenario):
        assert not re.search(r"eyJ[\w-]+\.eyJ|ya29\.", text)


def test_clouds_find_the_issuer_and_its_public_keys_and_nothing_else(postgres):
    async def scenario(site):
        none = await site.anonymous.get("http://skyclust/.well-known/openid-configuration")
        async with served(site.app) as (host, port), httpx.AsyncClient(base_url=f"http://{host}:{port}") as stranger:
            url = str(stranger.base_url).rstrip("/")
            site.app.state.settings = site.parts.settings.model_copy(update={"public_url": f"{url}/"})
            told = (await stranger.get("/.well-known/openid-configuration")).json()
            keys = await stranger.get(told["jwks_uri"])
            assert told["issuer"] == url
            assert told["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
            assert is_key_set(keys.json())
            assert {key["kid"] for key in keys.json()["keys"]} == site.parts.keyring.ids  # also the older ones
        return none

    none = whole(postgres, scenario)
    assert (none.status_code, none.json()["type"].rpartition("/")[2]) == (404, "no-issuer")
