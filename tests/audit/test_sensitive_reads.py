"""Whatever hands out a secret, or all of something, writes an entry that names who got it. The table must be whole."""

import base64

from fastapi import FastAPI

from building import PATH, on_site
from skyclust.entrypoints.api import ROUTERS
from skyclust.identity import second_factors
from skyclust.identity.passwords import hash_password
from skyclust.workspaces import service as workspaces

PASSWORD = "some unrelated words"
CLUSTER = "/{provider}/kubernetes/clusters/{cluster}"

#: What each route that answers with a secret, or with anything but JSON, writes. None = no entry, for the reason beside.
TOLD = {
    "POST /auth/login": "user.signed_in",
    "POST /auth/refresh": None,  # goes on with a session whose beginning is an entry; a reused token is one
    "POST /auth/reauthenticate": "user.reauthenticated",
    "POST /auth/register": "user.created",
    "POST /auth/oidc/tokens": "user.signed_in",
    "POST /invitations:accept": "user.created",
    "POST /auth/second-factor": "user.second_factor_begun",
    "POST /auth/second-factor:confirm": "user.second_factor_enabled",
    "POST /tokens": "api_token.created",
    "POST /workspaces/{workspace_id}/invitations": "invitation.created",
    f"GET {CLUSTER}/kubeconfig": "cluster.kubeconfig_issued",
    "GET /clusters:kubeconfig": "cluster.kubeconfig_issued",
    f"POST {CLUSTER}/kube-token": "cluster.kube_token_issued",
    "POST /clusters/{cluster}/kube-token": "cluster.kube_token_issued",
    "GET /audit-logs:export": "audit.exported",
    "GET /events": None,  # an endless stream of what has happened, entries included; nothing of it is a secret
    "GET /operations/{operation_id}/events": None,  # likewise
}
SECRETS = {"access_token", "refresh_token", "token", "shared_secret", "recovery_codes", "password", "kubeconfig"}
#: Needs an identity provider: tests/identity/test_single_sign_on.py reads the entries of a whole sign-in.
WITH_A_PROVIDER = {"POST /auth/oidc/tokens"}


def fields(document, schema, seen):
    """Names of all fields of an answer, at any depth."""
    if isinstance(schema, dict):
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from fields(document, document["components"]["schemas"][name], seen)
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from fields(document, inner, seen)
    elif isinstance(schema, list):
        for inner in schema:
            yield from fields(document, inner, seen)


def is_sensitive(document, answer):
    content = answer.get("content", {})
    return set(content) != {"application/json"} or SECRETS & set(fields(document, content, set()))


def test_every_route_that_hands_out_a_secret_is_in_the_table():
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    document = app.openapi()
    found = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and status != "204" and is_sensitive(document, answer)
    }
    assert found == set(TOLD)


async def drive(site):
    """Each route of the table once, as (route, answer, who must be named)."""
    house, ada = site.house, site.ada
    await site.succeeded(await site.create())
    cluster = (await ada.client.get(f"{PATH}/one")).json()["id"]
    ann = await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
    begun = await ann.client.post("/auth/second-factor", json={"current_password": PASSWORD})
    yield "POST /auth/second-factor", begun, ann.email
    step = int(house.clock.now().timestamp()) // second_factors.STEP_SECONDS
    code = second_factors.code_at(base64.b32decode(begun.json()["shared_secret"]), step)
    confirmed = await ann.client.post("/auth/second-factor:confirm", json={"code": code})
    yield "POST /auth/second-factor:confirm", confirmed, ann.email
    bob = await house.person("bob@example.com", password_hash=await hash_password(PASSWORD))
    login = await house.anonymous.post("/auth/login", json={"email": bob.email, "password": PASSWORD})
    yield "POST /auth/login", login, bob.email
    again = house.client(login.json()["access_token"])
    yield "POST /auth/reauthenticate", await again.post("/auth/reauthenticate", json={"password": PASSWORD}), bob.email
    token = {"name": "t", "scopes": ["clusters.read"]}
    yield "POST /tokens", await ada.client.post("/tokens", json=token), ada.email
    invited = await ada.client.post(
        f"/workspaces/{site.workspace}/invitations", json={"email": "new@example.com", "role": "user"}
    )
    yield "POST /workspaces/{workspace_id}/invitations", invited, ada.email
    accepted = await house.anonymous.post(
        "/invitations:accept", json={"token": invited.json()["token"], "password": PASSWORD}
    )
    yield "POST /invitations:accept", accepted, "new@example.com"
    yield f"GET {CLUSTER}/kubeconfig", await ada.client.get(f"{PATH}/one/kubeconfig"), ada.email
    yield "GET /clusters:kubeconfig", await ada.client.get("/clusters:kubeconfig"), ada.email
    yield f"POST {CLUSTER}/kube-token", await ada.client.post(f"{PATH}/one/kube-token"), ada.email
    yield "POST /clusters/{cluster}/kube-token", await ada.client.post(f"/clusters/{cluster}/kube-token"), ada.email
    yield "GET /audit-logs:export", await ada.client.get("/audit-logs:export"), ada.email
    await house.execute("TRUNCATE users CASCADE")
    async with house.database.session() as session:
        link = await workspaces.create_bootstrap_token(session)
    body = {"email": "first@example.com", "password": PASSWORD, "token": link}
    yield "POST /auth/register", await house.anonymous.post("/auth/register", json=body), "first@example.com"


def test_each_of_them_writes_its_entry_with_who_got_it(postgres):
    async def scenario(site):
        counted = "SELECT count(*) FROM audit_entries WHERE action = :action AND actor_label = :who"
        driven, before = {}, {}
        async for route, answer, who in drive(site):
            assert answer.status_code in (200, 201), (route, answer.text)
            wanted = (TOLD[route], who)
            count = await site.house.scalar(counted, action=wanted[0], who=who)
            driven[route] = count - before.get(wanted, 0)
            before[wanted] = count
        return driven

    assert on_site(postgres, scenario) == dict.fromkeys(
        (route for route, told in TOLD.items() if told and route not in WITH_A_PROVIDER), 1
    )
