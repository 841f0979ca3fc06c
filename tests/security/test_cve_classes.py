"""What has hurt others, tried here: one test per class of advisory (Rancher, Argo CD, Argo Workflows) with a counterpart.

Classes that tests elsewhere hold are in `HELD`, which is checked. Without a counterpart, since SkyClust runs no git, no
shell and no foreign code and takes no kubeconfig: CVE-2022-43758, CVE-2024-22036, CVE-2022-24904.
"""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from skyclust.entrypoints.wiring import installed_providers
from skyclust.kit.settings import Settings
from whole_app import kind_of, served, spoken, status_of, whole

TESTS = "\n".join(file.read_text() for file in Path(__file__).parents[1].glob("**/test_*.py"))
HELD = {
    "CVE-2021-25320 a credential is used by who may not": (
        "test_a_credential_of_another_workspace_is_never_used",
        "test_a_foreign_workspace_in_the_body_is_404_and_no_cloud_is_asked",
    ),
    "CVE-2022-31247, CVE-2021-36784, CVE-2019-14436 rights are granted that one does not hold": (
        "test_one_may_grant_only_what_one_holds",
        "test_nobody_makes_gives_or_changes_a_role_that_holds_more_than_they_do",
    ),
    "CVE-2021-25318 a permission for one kind opens another": (
        "test_a_role_of_its_own_gives_exactly_its_permissions_and_changes_with_the_next_request",
    ),
    "CVE-2021-36775 a removed role leaves its bindings": (
        "test_a_role_somebody_has_or_is_invited_to_is_not_deleted",
        "test_losing_a_role_takes_it_from_the_tokens_too",
    ),
    "CVE-2021-36782, CVE-2022-43757, CVE-2022-45157, CVE-2024-22032, CVE-2025-55190 secrets on objects": (
        "test_no_answer_has_a_place_for_a_secret",
        "test_a_secret_shows_in_no_answer_log_repr_audit_entry_or_table",
    ),
    "CVE-2023-22649 secrets in the audit log": ("test_a_secret_shows_in_no_answer_log_repr_audit_entry_or_table",),
    "CVE-2023-25163, CVE-2025-23216, GHSA-wm2r secrets in errors and logs": (
        "test_no_class_of_sdk_error_carries_a_secret_into_answer_log_or_table",
        "test_no_step_message_event_or_row_of_an_operation_holds_a_secret",
    ),
    "CVE-2023-22650, CVE-2023-22648 who left the identity provider keeps rights": (
        "test_groups_give_roles_and_take_back_only_what_they_gave",
    ),
    "CVE-2019-14435 an address inside is reached": (
        "test_no_spelling_of_an_inner_address_gets_through",
        "test_a_name_is_asked_for_once_and_what_was_checked_is_reached",
    ),
    "CVE-2021-36778 credentials follow a redirect": ("test_a_redirect_is_not_followed",),
    "CVE-2019-12303 what a user writes becomes another line": (
        "test_no_log_line_holds_a_secret_whoever_writes_it_and_each_is_one_line",
    ),
    "CVE-2021-25313, CVE-2022-43760, CVE-2023-32192, CVE-2025-47933 markup of a user runs": (
        "test_the_documentation_escapes_everything",
        "test_pages_have_no_script_and_no_style_of_their_own",
    ),
    "CVE-2023-22651 a check that fails lets everything through": (
        "test_when_the_entry_cannot_be_written_the_act_does_not_happen",
    ),
    "CVE-2021-26921 a token never expires": ("test_a_token_expires", "test_an_ended_token_is_refused_at_once"),
    "CVE-2022-29165, CVE-2023-22482 a forged token, or one for somebody else": (
        "test_every_forged_token_is_401_at_the_door",
        "test_a_wrong_claim_lets_nobody_in",
    ),
    "CVE-2024-21662 guesses from many addresses": (
        "test_a_hundred_wrong_passwords_from_fifty_forwarded_addresses_still_lock",
        "test_ten_wrong_passwords_lock_the_account_for_a_while_whatever_the_address",
    ),
}


@pytest.mark.parametrize("names", HELD.values(), ids=HELD)
def test_what_is_held_elsewhere_is_held(names):
    assert [name for name in names if f"def {name}(" not in TESTS] == []


def paths_of(site):
    for template, methods in site.app.openapi()["paths"].items():
        for method, operation in methods.items():
            path = re.sub(r"\{provider\}", site.cloud.name, template.removeprefix("/api/v1"))
            yield method.upper(), re.sub(r"\{[a-z_]+\}", str(uuid4()), path), operation


@pytest.mark.parametrize(
    "bearer", ["Bearer nothing", "Bearer ", "Bearer null", "Bearer undefined", "Basic bm86bm8=", "nothing"]
)
def test_a_bearer_that_is_nothing_opens_nothing(postgres, bearer):
    """CVE-2026-28229: some endpoints asked only whether there was a token."""

    async def story(site):
        opened = {}
        for method, path, operation in paths_of(site):
            if "security" in operation:
                status = (await site.anonymous.request(method, path, headers={"authorization": bearer})).status_code
                if status != 401:
                    opened[f"{method} {path}"] = status
        return opened

    assert whole(postgres, story) == {}


def test_headers_that_name_another_user_do_nothing(postgres):
    """CVE-2021-36776, CVE-2021-31999: impersonation headers, and Connection to strip what forbids them."""

    async def story(site):
        admin, user = await site.person(admin=True), await site.person()
        names = (
            "Impersonate-User",
            "Impersonate-Group",
            "X-Forwarded-User",
            "X-Remote-User",
            "Remote-User",
            "X-Original-User",
        )
        claims = dict.fromkeys(names, admin.email)
        claims |= {"Connection": ", ".join([*names, "Authorization"]), "X-Original-URL": "/api/v1/users"}
        me = await user.client.get("/auth/me", headers=claims)
        users = await user.client.get("/users", headers=claims)
        nobody = await site.anonymous.get("/users", headers=claims)
        return me.json()["email"] == user.email, users.status_code, nobody.status_code

    assert whole(postgres, story) == (True, 403, 401)


def test_a_permission_is_a_word_and_never_a_pattern(postgres):
    """CVE-2023-32194, CVE-2023-22647: a wildcard granted more than it said."""

    async def story(site):
        ada = await site.person()
        workspace = await site.workspace(admin=ada)
        answers = {}
        for wanted in ("*", "clusters.*", "clusters", "clusters.rea", "clusters.read*", ".*", "CLUSTERS.READ", ""):
            role = {"name": "role", "permissions": [wanted]}
            token = {"name": "t", "scopes": [wanted]}
            answers[wanted] = (
                (await ada.client.post(f"/workspaces/{workspace}/roles", json=role)).status_code,
                (await ada.client.post("/tokens", json=token)).status_code,
            )
        return answers

    assert {wanted: found for wanted, found in whole(postgres, story).items() if found != (422, 422)} == {}


def test_nothing_is_moved_into_another_workspace_by_naming_it(postgres):
    """CVE-2020-10676: an object was moved where its mover had no access."""

    async def story(site):
        allowed = []
        for method, path, operation in paths_of(site):
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            schema = site.app.openapi()["components"]["schemas"].get(reference, {})
            if method in ("PATCH", "PUT") and {"workspace_id", "user_id", "owner", "id"} & set(
                schema.get("properties", {})
            ):
                allowed.append(f"{method} {path}")
        return allowed

    assert whole(postgres, story) == []


def test_a_new_token_is_never_an_old_one_and_an_ended_user_has_none(postgres):
    """CVE-2022-43755: a renewed token had the old value. GHSA-c45c: disabled users' tokens went on."""

    async def story(site):
        boss, ada = await site.person(admin=True), await site.person()
        await site.workspace(admin=ada)
        made = [
            (await ada.client.post("/tokens", json={"name": f"t{number}", "scopes": ["clusters.read"]})).json()["token"]
            for number in range(20)
        ]
        program = site.client(made[0])
        before = (await program.get("/auth/me")).status_code
        await boss.client.patch(f"/users/{ada.id}", json={"disabled": True})
        after = (await program.get("/auth/me")).status_code
        stored = await site.scalar("SELECT string_agg(t::text, ' ') FROM api_tokens t")
        return len(set(made)), before, after, any(text in stored for text in made)

    assert whole(postgres, story) == (20, 200, 401, False)


@pytest.mark.parametrize(
    "provider", installed_providers({"SKYCLUST_WITH_SIM": "1"}).values(), ids=lambda each: each.name
)
def test_no_credential_names_a_file_a_command_or_more_than_its_schema(provider):
    """CVE-2019-12274: an option of a driver read the server's files. Executable sources run what they name."""
    from skyclust.kit.json_schemas import schema_errors

    for odd in (
        {"credential_source": {"file": "/etc/passwd"}}, {"credential_source": {"executable": {"command": "id"}}},
        {"credential_process": "id"}, {"web_identity_token_file": "/etc/passwd"}, {"profile": "default"},
        {"key_file": "/etc/passwd"}, {"endpoint_url": "http://169.254.169.254"}, {"exec": {"command": "id"}},
    ):  # fmt: skip
        name = next(iter(odd))
        assert any(
            name in error.pointer or name in error.detail
            for error in schema_errors(provider.credential_schema, odd, "/data")
        ), name


def test_no_body_has_a_place_for_a_kubeconfig_a_file_or_a_command(postgres):
    """A kubeconfig from a user is code: its exec runs at load. There is no door for one, nor for paths of the server."""

    async def story(site):
        return site.app.openapi()["components"]["schemas"]

    words = {"kubeconfig", "file", "path", "command", "exec", "script", "endpoint", "url", "uri", "address"}
    taken = [
        f"{name}.{field}"
        for name, schema in whole(postgres, story).items()
        if name.endswith(("Body", "Patch"))
        for field in schema.get("properties", {})
        if words & set(field.split("_"))
    ]
    assert taken == []


def test_a_path_that_climbs_reaches_nothing_else(postgres):
    """CVE-2022-24348: a path with dots left its folder."""

    async def story(site):
        admin = await site.person(admin=True)
        await site.workspace(admin=admin)
        climbing = (
            "/workspaces/..%2fusers", "/credentials/..%2f..%2fusers", "/workspaces/%2e%2e/users", "//users",
            "/sim/kubernetes/clusters/..%2f..%2f..%2fusers", "/workspaces/..;/users", "/workspaces/..%5cusers", "/users/",
        )  # fmt: skip
        token = admin.client.headers["authorization"]
        async with served(site.app) as address:
            head = "GET /api/v1{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {}\r\n\r\n"
            return {path: await spoken(address, head.format(path, token).encode()) for path in climbing}

    for path, reply in whole(postgres, story).items():
        assert status_of(reply) in (307, 404, 422), path
        assert b'"email"' not in reply, path


def test_there_is_no_websocket_to_hijack(postgres):
    """CVE-2019-13209: a page of another site opened a WebSocket with the victim's cookie."""

    async def story(site):
        ask = (
            "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n"
        )
        async with served(site.app) as address:
            own = await spoken(address, ask.format("").encode())
            evil = await spoken(address, ask.format("Origin: https://evil.example\r\n").encode())
        return status_of(own), status_of(evil)

    assert whole(postgres, story) == (401, 403)


def test_a_restart_forgets_no_guess(postgres):
    """CVE-2024-21652: the counter of failed sign-ins was in memory, and a crash emptied it."""
    body = {"email": "ada@example.com", "password": "wrong password here"}

    async def guess(site):
        await site.person("ada@example.com")
        return [(await site.anonymous.post("/auth/login", json=body)).status_code for _ in range(10)]

    async def after_the_restart(site):
        return await site.anonymous.post("/auth/login", json=body)

    assert whole(postgres, guess) == [401] * 10
    answer = whole(postgres, after_the_restart)
    assert (answer.status_code, kind_of(answer)) == (429, "too-many-attempts")


def test_what_everybody_may_read_holds_no_setting(postgres):
    """CVE-2024-37152: the page of settings was open to all, secrets and all."""
    secrets = {"oidc_client_secret": "canary-oidc", "metrics_token": "canary-metrics-0123456789"}
    settings = secrets | {"oidc_issuer": "https://login.example.com", "oidc_client_id": "canary-client"}
    settings["public_url"] = "https://clouds.example.com"

    async def story(site):
        texts = []
        for method, path, operation in paths_of(site):
            if method == "GET" and "security" not in operation and not path.startswith("/auth/oidc/"):
                texts.append((await site.anonymous.get(path)).text)
        return texts, repr(site.parts.settings)

    texts, printed = whole(postgres, story, settings=settings)
    assert len(texts) >= 3
    assert "canary" not in "".join(texts)
    assert "canary-oidc" not in printed
    assert "canary-metrics" not in printed
    assert Settings(**settings).metrics_token.get_secret_value() == "canary-metrics-0123456789"
