"""Signing in by a real identity provider: its pages are walked through, its keys rotate, its codes work once."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from oidc_fixtures import ANN, CLIENT_ID, CLIENT_SECRET, PUBLIC_URL, REDIRECT_URI
from skyclust.identity.identity_provider import ASK_AGAIN_SECONDS
from skyclust.identity.oidc import challenge_of
from skyclust.kit.clock import SystemClock
from skyclust.kit.settings import Settings
from skyclust.workspaces.service.single_sign_on import sign_on_of
from tenancy import problem_kind, through_the_door

VERIFIER = "v" * 43
BACK = "http://127.0.0.1:4321/"


def settings(issuer, *groups, **more):
    given = {
        "public_url": PUBLIC_URL, "oidc_issuer": issuer, "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET), "oidc_groups": list(groups),
    }  # fmt: skip
    return Settings(**given | more)


class Browser:
    """What goes to and fro between our routes and the provider's pages."""

    def __init__(self, house, provider, *groups):
        self.house, self.provider = house, provider
        house.clock.now = SystemClock().now  # the provider's tokens are of today
        house.app.state.settings = settings(provider.issuer, *groups)
        house.app.state.sign_on = sign_on_of(house.app.state.settings, house.clock.monotonic)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(house.app), base_url=f"{PUBLIC_URL}/api/v1", follow_redirects=False
        )
        house._clients.append(self.client)

    async def begin(self, return_to=BACK, verifier=VERIFIER, **more):
        return await self.client.get(
            "/auth/oidc/login", params={"return_to": return_to, "challenge": challenge_of(verifier)} | more
        )

    async def come_back(self, login="ann", **more):
        """Through the provider's pages; the address of our callback with its code and state."""
        begun = await self.begin(**more)
        assert begun.status_code == 302, begun.text
        return await self.provider.walk(begun.headers["location"], login)

    async def call_back(self, address):
        return await self.client.get(address)

    async def collect(self, answer, verifier=VERIFIER):
        grant = parse_qs(urlsplit(answer.headers["location"]).query)["grant"][0]
        return await self.client.post("/auth/oidc/tokens", json={"grant": grant, "verifier": verifier})

    async def sign_in(self, login="ann"):
        answer = await self.call_back(await self.come_back(login))
        assert answer.status_code == 302, answer.text
        collected = await self.collect(answer)
        assert collected.status_code == 200, collected.text
        return self.house.client(collected.json()["access_token"])


def play(postgres, provider, scenario, *groups):
    async def run(house):
        return await scenario(Browser(house, provider, *groups))

    return through_the_door(postgres, run)


def test_whoever_signs_in_at_the_provider_is_in_and_the_same_one_next_time(postgres, identity_provider):
    async def scenario(browser):
        first = (await (await browser.sign_in()).get("/auth/me")).json()
        second = (await (await browser.sign_in()).get("/auth/me")).json()
        told = await browser.house.scalar("SELECT string_agg(action, ' ' ORDER BY at, seq) FROM audit_entries")
        shown = (await browser.client.get("/auth/oidc")).json()
        return first, second, told, shown

    first, second, told, shown = play(postgres, identity_provider, scenario)
    assert (first["email"], first["memberships"], first["is_platform_admin"]) == (ANN["email"], [], False)
    assert second["id"] == first["id"]
    assert told.split()[:2] == ["user.created", "user.identity_linked"]
    assert shown == {"enabled": True, "issuer": identity_provider.issuer}


def test_an_account_with_that_email_is_linked_and_keeps_its_memberships(postgres, identity_provider):
    async def scenario(browser):
        known = await browser.house.person(ANN["email"])
        place = await browser.house.workspace(viewer=known)
        me = (await (await browser.sign_in()).get("/auth/me")).json()
        return me["id"] == str(known.id), [item["workspace_id"] for item in me["memberships"]] == [str(place)]

    assert play(postgres, identity_provider, scenario) == (True, True)


def test_groups_give_roles_and_take_back_only_what_they_gave(postgres, identity_provider):
    place, other = UUID(int=11), UUID(int=12)
    rules = (
        {"group": "dev", "workspace_id": str(place), "role": "user"},
        {"group": "ops", "workspace_id": str(other), "role": "admin"},
        {"group": "root", "platform_admin": True},
    )

    async def scenario(browser):
        boss = await browser.house.person(admin=True)
        for workspace_id in (place, other):
            await browser.house.workspace(workspace_id=workspace_id, admin=boss)
        seen = []
        for groups in (["dev"], ["ops", "root"], []):
            browser.provider.accounts["ann"] = ANN | {"groups": groups}
            browser.provider.start()
            browser.house.app.state.sign_on = sign_on_of(
                browser.house.app.state.settings, browser.house.clock.monotonic
            )
            me = (await (await browser.sign_in()).get("/auth/me")).json()
            seen.append(({item["workspace_id"]: item["role"] for item in me["memberships"]}, me["is_platform_admin"]))
        await boss.client.post(f"/workspaces/{place}/members", json={"email": ANN["email"], "role": "viewer"})
        me = (await (await browser.sign_in()).get("/auth/me")).json()
        return seen, [item["role"] for item in me["memberships"]]

    try:
        seen, by_hand = play(postgres, identity_provider, scenario, *rules)
    finally:
        identity_provider.accounts["ann"] = dict(ANN)
        identity_provider.start()
    assert seen == [({str(place): "user"}, False), ({str(other): "admin"}, True), ({}, False)]
    assert by_hand == ["viewer"]


def test_a_rotated_key_is_fetched_but_not_for_every_unknown_one(postgres, identity_provider):
    async def scenario(browser):
        await browser.sign_in()
        asked = []
        send = browser.house.app.state.sign_on.provider.send

        async def counting(method, url, **given):
            asked.append(url.rsplit("/", 1)[-1])
            return await send(method, url, **given)

        browser.house.app.state.sign_on.provider.send = counting
        identity_provider.start("second")
        clock = browser.house.clock
        soon = await browser.call_back(await browser.come_back())
        clock.pass_(seconds=ASK_AGAIN_SECONDS + 1)
        later = await browser.call_back(await browser.come_back())
        return soon, later, asked.count("jwks")

    try:
        soon, later, asked = play(postgres, identity_provider, scenario)
    finally:
        identity_provider.start()
    assert (soon.status_code, problem_kind(soon)) == (401, "sign-on-refused")
    assert (later.status_code, asked) == (302, 1)


def test_a_code_a_state_and_a_grant_work_once(postgres, identity_provider):
    async def scenario(browser):
        address = await browser.come_back()
        first = await browser.call_back(address)
        again = await browser.call_back(address)
        state = parse_qs(urlsplit(address).query)["state"][0]
        fresh = await browser.begin()
        new_state = parse_qs(urlsplit(fresh.headers["location"]).query)["state"][0]
        replayed = await browser.call_back(address.replace(state, new_state))
        return first, again, replayed, await browser.collect(first), await browser.collect(first)

    first, again, replayed, collected, twice = play(postgres, identity_provider, scenario)
    assert (first.status_code, collected.status_code) == (302, 200)
    assert [problem_kind(answer) for answer in (again, replayed, twice)] == ["sign-on-refused"] * 2 + ["grant-refused"]


def test_a_grant_is_worth_nothing_to_whoever_did_not_begin_and_is_used_up(postgres, identity_provider):
    async def scenario(browser):
        answer = await browser.call_back(await browser.come_back())
        return await browser.collect(answer, "w" * 43), await browser.collect(answer)

    stolen, mine = play(postgres, identity_provider, scenario)
    assert [(answer.status_code, problem_kind(answer)) for answer in (stolen, mine)] == [(401, "grant-refused")] * 2


def test_another_browser_cannot_finish_a_sign_in(postgres, identity_provider):
    async def scenario(browser):
        address = await browser.come_back()
        victim = Browser(browser.house, identity_provider)
        return await victim.call_back(address), (await browser.call_back(address)).status_code

    refused, own = play(postgres, identity_provider, scenario)
    assert (refused.status_code, problem_kind(refused), own) == (401, "sign-on-refused", 302)


def test_a_token_for_another_audience_or_nonce_lets_nobody_in(postgres, identity_provider):
    async def scenario(browser):
        address = await browser.come_back()
        sign_on = browser.house.app.state.sign_on
        text = []

        class Recording(type(sign_on.provider)):
            async def exchange(self, code, **given):
                text.append(await super().exchange(code, **given))
                return text[0]

        sign_on.provider.__class__ = Recording
        first = await browser.call_back(address)

        async def replay(*_args, **_given):
            return text[0]

        sign_on.provider.__class__ = type(sign_on.provider).__mro__[1]
        sign_on.provider.exchange = replay
        other_nonce = await browser.call_back(await browser.come_back())
        return first.status_code, other_nonce

    first, other_nonce = play(postgres, identity_provider, scenario)
    assert (first, other_nonce.status_code, problem_kind(other_nonce)) == (302, 401, "sign-on-refused")


def test_a_disabled_user_and_another_account_with_the_same_email_are_refused(postgres, identity_provider):
    async def scenario(browser):
        root = await browser.house.person(admin=True)
        me = (await (await browser.sign_in()).get("/auth/me")).json()
        await root.client.patch(f"/users/{me['id']}", json={"disabled": True})
        disabled = await browser.call_back(await browser.come_back())
        await root.client.patch(f"/users/{me['id']}", json={"disabled": False})
        await browser.house.execute("UPDATE user_identities SET subject = 'somebody before'")
        namesake = await browser.call_back(await browser.come_back())
        return disabled, namesake

    disabled, namesake = play(postgres, identity_provider, scenario)
    assert [(answer.status_code, problem_kind(answer)) for answer in (disabled, namesake)] == [
        (401, "sign-on-refused")
    ] * 2


def test_without_a_provider_there_is_none_and_nonsense_is_told(postgres, identity_provider):
    async def scenario(browser):
        bad = [await browser.begin(url) for url in ("https://evil.example/", "javascript:alert(1)")]
        refused = await browser.call_back(f"{REDIRECT_URI}?error=access_denied&state=x")
        browser.house.app.state.sign_on = None
        none = await browser.begin()
        return bad, refused, none, (await browser.client.get("/auth/oidc")).json()

    bad, refused, none, shown = play(postgres, identity_provider, scenario)
    assert [answer.json()["errors"][0]["pointer"] for answer in bad] == ["?return_to"] * 2
    assert "access_denied" in refused.json()["detail"]
    assert (none.status_code, shown["enabled"]) == (404, False)


def test_settings_that_cannot_work_are_refused_at_the_start():
    assert sign_on_of(Settings(), lambda: 0.0) is None
    for wrong in (
        settings("https://idp.example", public_url=""),
        settings("https://idp.example", {"group": "x", "workspace_id": "not an id", "role": "user"}),
        settings("https://idp.example", {"role": "user"}),
    ):
        with pytest.raises(ValueError, match="SKYCLUST_"):
            sign_on_of(wrong, lambda: 0.0)


def test_a_sign_in_is_as_fresh_as_the_provider_says_and_asked_for_a_fresh_one_it_asks_the_person(
    postgres, identity_provider
):
    async def scenario(browser):
        house = browser.house
        asked = parse_qs(urlsplit((await browser.begin(fresh="true")).headers["location"]).query)
        collected = await browser.collect(await browser.call_back(await browser.come_back(fresh="true")))
        client = house.client(collected.json()["access_token"])
        shown = (await client.get("/auth/sessions")).json()["items"][0]
        proven = datetime.fromisoformat(shown["authenticated_at"])
        age = (house.clock.now() - proven).total_seconds()
        body = {"name": "t", "scopes": ["clusters.read"]}
        fresh = (await client.post("/tokens?dry_run=true", json=body)).status_code
        answer = await browser.call_back(await browser.come_back())
        await house.execute("UPDATE sign_on_grants SET authenticated_at = NULL")
        silent = house.client((await browser.collect(answer)).json()["access_token"])
        return asked, age, fresh, await silent.post("/tokens?dry_run=true", json=body)

    asked, age, fresh, silent = play(postgres, identity_provider, scenario)
    assert (asked["prompt"], "max_age" in asked) == (["login"], True)
    assert -1 <= age < 120
    assert fresh == 422, "fresh enough to be told that the scope is not theirs"
    assert problem_kind(silent) == "insufficient-user-authentication"
    assert silent.json()["by"] == "single-sign-on"
