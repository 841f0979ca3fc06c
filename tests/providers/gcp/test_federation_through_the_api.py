"""A workspace whose Google Cloud account holds no key, through the whole application: entered, used, checked again.

The sandbox fetches the issuer's keys from the served application, as Google would.
"""

import asyncio
import re

import httpx

from federating import Trusting, is_key_set
from public_sites import public, rechecked, worked, written
from whole_app import served, whole


async def trusting_account(cloud, issuer, workspace):
    """What an owner of the account does: trust the issuer for one subject, let that subject act."""
    trusting = await asyncio.to_thread(Trusting(cloud).trust, issuer, workspace, upload=False)
    email = await asyncio.to_thread(trusting.grant, trusting.member(workspace))
    return trusting, trusting.data(service_account=email)


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
        return [*await written(site), stranger.text, refused.text, entered.text, made.text]

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
