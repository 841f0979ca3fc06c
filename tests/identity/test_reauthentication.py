"""A fresh proof for dangerous acts: what asks for it, what counts as one, and what programs need instead."""

import asyncio
from datetime import timedelta

import pytest

from building import PATH, on_site
from skyclust.clusters import service as clusters
from skyclust.identity.freshness import Act, Policy, Proof, policy_of
from skyclust.identity.passwords import hash_password
from skyclust.kit.problems import Problem
from skyclust.kit.settings import Settings
from skyclust.operations.router import router as operations_router
from tenancy import RIGHT_KEY, HandClock, problem_kind, through_the_door

PASSWORD = "some unrelated words"
STEP_UP = "insufficient-user-authentication"
ANY = "00000000-0000-0000-0000-000000000000"
#: Acts of a platform administrator and of an account that stand on no cloud; each with a stale session, as themselves.
ACTS = [
    ("PATCH", f"/users/{ANY}", {"disabled": True}, Act.PLATFORM),
    ("POST", "/users", {"email": "n@example.com", "password": PASSWORD}, Act.PLATFORM),
    ("DELETE", f"/users/{ANY}/second-factor", None, Act.PLATFORM),
    ("DELETE", f"/users/{ANY}/sessions", None, Act.PLATFORM),
    ("DELETE", f"/users/{ANY}/sessions/{ANY}", None, Act.PLATFORM),
    ("PUT", "/workspaces/{w}/quotas", {}, Act.PLATFORM),
    ("POST", "/workspaces/{w}:suspend", {"reason": "x"}, Act.PLATFORM),
    ("POST", "/workspaces/{w}:resume", None, Act.PLATFORM),
    ("DELETE", "/workspaces/{w}", None, Act.WORKSPACE_DELETE),
    ("POST", "/tokens", {"name": "t", "scopes": ["clusters.read"]}, Act.TOKEN_CREATE),
    ("POST", "/auth/password", {"current_password": PASSWORD, "new_password": "other words here"}, Act.PASSWORD_CHANGE),
    ("PATCH", "/credentials/{c}", {"data": {"secret_key": RIGHT_KEY}}, Act.CREDENTIAL_REPLACE),
    ("DELETE", "/credentials/{c}", None, Act.CREDENTIAL_DELETE),
]


async def signed_in(house, email="ann@example.com", **given):
    """A session as signing in makes it, so that it can be proven again."""
    await house.person(email, password_hash=await hash_password(PASSWORD), **given)
    answer = await house.anonymous.post("/auth/login", json={"email": email, "password": PASSWORD})
    return house.client(answer.json()["access_token"])


async def prove(house, client, **more):
    answer = await client.post("/auth/reauthenticate", json={"password": PASSWORD} | more)
    assert answer.status_code == 200, answer.text
    return house.client(answer.json()["access_token"])


def age(house, **amount):
    """What every session's proof is old, while its tokens still work."""
    return house.execute("UPDATE sessions SET authenticated_at = :at", at=house.clock.now() - timedelta(**amount))


async def with_things(house):
    """A platform administrator with a workspace and a credential."""
    clusters.install()  # who measures what a workspace has
    client = await signed_in(house, admin=True)
    place = (await client.post("/workspaces", json={"name": "w"})).json()["id"]
    body = {"workspace_id": place, "name": "c", "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
    credential = (await client.post("/credentials", json=body)).json()["id"]
    return client, {"w": place, "c": credential}


@pytest.mark.parametrize(("method", "path", "body", "act"), ACTS, ids=[f"{m} {p}" for m, p, _, _ in ACTS])
def test_a_stale_session_is_told_how_to_prove_itself_and_a_fresh_one_goes_on(postgres, method, path, body, act):
    async def scenario(house):
        client, ids = await with_things(house)
        await age(house, minutes=31)
        stale = await client.request(method, path.format(**ids), json=body)
        fresh = await prove(house, client)
        return stale, await fresh.request(method, path.format(**ids), json=body)

    stale, fresh = through_the_door(postgres, scenario)
    assert (stale.status_code, problem_kind(stale)) == (401, STEP_UP)
    challenge = stale.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'max_age="1800"' in challenge
    assert (stale.json()["act"], stale.json()["max_age_seconds"], stale.json()["by"]) == (act, 1800, "password")
    assert "/auth/reauthenticate" in stale.json()["detail"]
    assert fresh.status_code in (200, 201, 204, 404), fresh.text


def test_clusters_networks_and_tokens_in_kubeconfigs_ask_and_plans_do_not(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        made = await site.create()
        await site.succeeded(made)
        net = await site.create_network()
        await site.succeeded(net)
        await age(site.house, minutes=31)
        ada, networks = site.ada.client, "/sim/network/vpcs"
        asked = {
            ("DELETE", f"{PATH}/one"): Act.CLUSTER_DELETE,
            ("DELETE", f"{networks}/net"): Act.NETWORK_DELETE,
            ("GET", f"{PATH}/one/kubeconfig?auth=token"): Act.KUBECONFIG_TOKEN,
            ("POST", f"/operations/{made['id']}:rollback"): Act.CLUSTER_DELETE,
            ("POST", f"/operations/{net['id']}:rollback"): Act.NETWORK_DELETE,
        }
        for (method, path), act in asked.items():
            answer = await ada.request(method, path)
            assert (answer.status_code, problem_kind(answer), answer.json()["act"]) == (401, STEP_UP, act), path
        free = [
            ("GET", f"{PATH}/one"),
            ("GET", f"{PATH}/one/kubeconfig"),
            ("DELETE", f"{PATH}/one?dry_run=true"),
            ("DELETE", f"{networks}/net?dry_run=true"),
            ("POST", f"/operations/{made['id']}:rollback?dry_run=true"),
        ]
        for method, path in free:
            assert (await ada.request(method, path)).status_code == 200, path
        others = [(await site.vic.client.delete(f"{PATH}/one")), (await site.eve.client.delete(f"{PATH}/one"))]
        assert [answer.status_code for answer in others] == [403, 404], "who may not is not asked for a proof"
        assert await site.house.scalar("SELECT count(*) FROM operations WHERE kind LIKE '%.delete'") == 0
        await age(site.house, minutes=29)
        await site.succeeded((await ada.delete(f"{PATH}/one")).json())

    on_site(postgres, scenario)


def test_a_proof_gives_new_tokens_in_place_of_the_old_ones_and_is_told(postgres):
    async def scenario(house):
        client = await signed_in(house)
        fresh = await prove(house, client)
        old = (await client.get("/auth/me")).status_code
        reasons = "SELECT string_agg(coalesce(end_reason, 'lives'), ',' ORDER BY id) FROM sessions WHERE address <> ''"
        told = await house.scalar("SELECT count(*) FROM audit_entries WHERE action = 'user.reauthenticated'")
        return old, (await fresh.get("/auth/me")).status_code, await house.scalar(reasons), told

    assert through_the_door(postgres, scenario) == (401, 200, "reauthenticated,lives", 1)


def test_a_wrong_proof_changes_nothing_and_counts_as_a_wrong_password(postgres):
    async def scenario(house):
        client = await signed_in(house)
        house.clock.pass_(seconds=1)  # failures count that are later than the last success
        await age(house, minutes=31)
        guesses = [await client.post("/auth/reauthenticate", json={"password": f"guess {n}"}) for n in range(11)]
        asked = await client.post("/tokens", json={"name": "t", "scopes": ["clusters.read"]})
        return [answer.status_code for answer in guesses], asked.status_code, (await client.get("/auth/me")).status_code

    assert through_the_door(postgres, scenario) == ([401] * 10 + [429], 401, 200)


def test_of_two_proofs_of_one_session_at_once_one_takes_its_place(postgres):
    async def scenario(house):
        client = await signed_in(house)
        body = {"password": PASSWORD}
        answers = await asyncio.gather(*(client.post("/auth/reauthenticate", json=body) for _ in range(2)))
        live = await house.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL AND address <> ''")
        return sorted(answer.status_code for answer in answers), live

    assert through_the_door(postgres, scenario) == ([200, 401], 1)


def test_refreshing_makes_no_session_fresher(postgres):
    async def scenario(house):
        await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
        body = {"email": "ann@example.com", "password": PASSWORD}
        tokens = (await house.anonymous.post("/auth/login", json=body)).json()
        house.clock.pass_(minutes=31)
        tokens = (await house.anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
        client = house.client(tokens["access_token"])
        return await client.post("/tokens", json={"name": "t", "scopes": ["clusters.read"]})

    assert problem_kind(through_the_door(postgres, scenario)) == STEP_UP


def test_a_program_needs_a_scope_that_was_given_for_it(postgres):
    async def scenario(site):
        await site.create("one")
        scopes = ["clusters.read", "clusters.delete"]
        made = [
            (await site.ada.client.post("/tokens", json={"name": "ci", "scopes": given})).json()
            for given in (scopes, [*scopes, "acts.unattended"], ["clusters.read", "acts.unattended"])
        ]
        plain, unattended, powerless = [site.house.client(item["token"]) for item in made]
        refused = await plain.delete(f"{PATH}/one")
        assert (refused.status_code, refused.json()["missing_permission"]) == (403, "acts.unattended")
        assert (await plain.delete(f"{PATH}/one?dry_run=true")).status_code == 200
        lacking = await powerless.delete(f"{PATH}/one")
        assert lacking.json()["missing_permission"] == "clusters.delete", "the scope gives nothing by itself"
        proof = await unattended.post("/auth/reauthenticate", json={"password": PASSWORD})
        assert (proof.status_code, problem_kind(proof)) == (403, "session-required")
        assert (await unattended.delete(f"{PATH}/one")).status_code in (202, 409)

    on_site(postgres, scenario)


def test_an_account_without_a_password_is_sent_to_its_identity_provider(postgres):
    async def scenario(house):
        person = await house.person()
        await age(house, minutes=31)
        return await person.client.post("/tokens", json={"name": "t", "scopes": ["clusters.read"]})

    answer = through_the_door(postgres, scenario)
    assert (problem_kind(answer), answer.json()["by"]) == (STEP_UP, "single-sign-on")
    assert "fresh=true" in answer.json()["detail"]


def test_the_settings_say_how_fresh_and_for_what():
    now = HandClock().now()

    def asks(act, **given):
        proof = Proof(policy_of(Settings(**given)), now, now - timedelta(minutes=31))
        try:
            proof.require(act)
        except Problem as problem:
            return problem.status
        return None

    assert asks(Act.CLUSTER_DELETE) == 401
    assert asks(Act.CLUSTER_DELETE, reauthentication_minutes=32) is None
    assert asks(Act.CLUSTER_DELETE, reauthentication_minutes=0) is None
    only = {"reauthentication_acts": ["platform.manage"]}
    assert (asks(Act.CLUSTER_DELETE, **only), asks(Act.PLATFORM, **only)) == (None, 401)
    assert policy_of(Settings()).acts == frozenset(Act)
    with pytest.raises(ValueError, match=r"cluster\.destroy"):
        policy_of(Settings(reauthentication_acts=["cluster.destroy"]))


def test_a_proof_is_fresh_until_its_age_is_reached_and_no_longer():
    now = HandClock().now()
    policy = Policy(timedelta(minutes=30), frozenset(Act))
    Proof(policy, now, now - timedelta(minutes=30) + timedelta(seconds=1)).require(Act.PLATFORM)
    with pytest.raises(Problem):
        Proof(policy, now, now - timedelta(minutes=30)).require(Act.PLATFORM)
