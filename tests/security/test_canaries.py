"""What is searched for when all tests have ended is found in every spelling, and a running product leaves none of it."""

import asyncio
import base64
import json
import signal
import urllib.parse
import uuid

import asyncpg
import pytest

from canaries import canary, search, spellings
from skyclust.kit.embedded_postgres import start_embedded
from soak.killing.product import Refused

SECRET = "Qw8Rt5Yu2Io9Pa3S"
#: No secret: it must be found, or the search looks in the wrong places.
CONTROL = "a-name-to-be-found-again"
SPELLED = {
    "as it is": SECRET,
    "backwards": SECRET[::-1],
    "hexadecimal": SECRET.encode().hex(),
    "upper-case hexadecimal": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 after one byte": base64.b64encode(b"{" + SECRET.encode() + b"}").decode(),
    "base64 after two bytes": base64.b64encode(b'{"' + SECRET.encode() + b'"}').decode(),
    "JSON": json.dumps({"a": f'"{SECRET}"'}),
    "JSON escapes": "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
    "URL": urllib.parse.quote(f"key={SECRET}&", safe=""),
    "percent": "".join(f"%{ord(letter):02X}" for letter in SECRET),
    "cut off at the end": SECRET[:-4],
    "cut off at the start": SECRET[4:],
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_secret_is_found_however_it_is_spelled(tmp_path, name):
    (tmp_path / "log").write_text(f"before {SPELLED[name]} after")
    assert list(search(tmp_path, SECRET))


def test_nothing_is_found_where_nothing_is(tmp_path):
    (tmp_path / "log").write_text("abcdefghijkl" * 100)
    (tmp_path / "empty").touch()
    (tmp_path / "spared").mkdir()
    (tmp_path / "spared" / "key").write_text(SECRET)
    assert not list(search(tmp_path, SECRET, spare=["*/spared/*"]))
    assert list(search(tmp_path, SECRET))


def test_no_spelling_is_so_short_that_it_would_be_found_by_chance():
    assert min(map(len, spellings(SECRET).values())) >= 12


class Recorder:
    """Everything the API answers goes to a file, which is searched like any other."""

    def __init__(self, up, file):
        self.up, self.file = up, file

    def ask(self, method, path, body=None, *, secret=False):
        """`secret`: this one answer is where a secret is handed over, once."""
        try:
            answer = self.up.call(method, path, body, headers={"idempotency-key": str(uuid.uuid4())})
        except Refused as refused:
            answer = refused.problem
        if not secret:
            with self.file.open("a") as file:
                file.write(json.dumps([method, path, answer]) + "\n")
        return answer


async def dump(owner_url, file):
    """Every row of every table as text: in the server's own files long values are compressed."""
    connection = await asyncpg.connect(owner_url)
    tables = await connection.fetch("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        for (row,) in await connection.fetch(f"SELECT t::text FROM {table} t"):
            file.write(row + "\n")
    await connection.close()


def test_a_running_product_leaves_no_secret_in_any_file_row_or_answer(start_up):
    """Keys of clouds, passwords right and wrong, tokens, codes: each handed in or over once, and found nowhere after."""
    up = start_up()
    home, secrets = up.data_dir.parent, {"an administrator's password": up.ready["admin"]["password"]}
    api = Recorder(up, home / "answers.jsonl")
    clouds = {provider: up.account(provider) for provider in ("aws", "azure", "gcp")}
    secrets["the AWS key"] = clouds["aws"]["secret_key"]
    secrets["the Google key"] = clouds["gcp"]["private_key"].splitlines()[5]
    secrets["the Azure secret"] = clouds["azure"]["client_secret"]
    secrets["a wrong AWS key"] = canary("aws")
    secrets["a wrong Azure secret"] = canary("azure")
    secrets["a mistyped field"] = canary("typo")
    secrets["a wrong password"] = canary("password")

    api.ask(
        "POST", "/credentials", {"name": "no", "provider": "aws", "data": clouds["aws"] | {"secret_key": canary("aws")}}
    )
    wrong = clouds["azure"] | {"client_secret": canary("azure")}
    api.ask("POST", "/credentials", {"name": "no", "provider": "azure", "data": wrong})
    api.ask("POST", "/credentials", {"name": "no", "provider": "aws", "data": {"secret_kye": canary("typo")}})
    api.ask("POST", "/auth/login", {"email": up.ready["admin"]["email"], "password": canary("password")})
    ids = {
        provider: api.ask(
            "POST", "/credentials", {"name": f"{provider}-{CONTROL}", "provider": provider, "data": data}
        )["id"]
        for provider, data in clouds.items()
    }
    token = api.ask("POST", "/tokens", {"name": "ci", "scopes": ["clusters.read"], "expires_in_days": 30}, secret=True)
    secrets["an API token"] = token["token"]
    invitation = api.ask("POST", _invitations(api), {"email": "new@example.com", "role": "viewer"}, secret=True)
    secrets["an invitation"] = invitation["token"]

    # clouds that stumble over the very request that carries the key
    up.control("POST", "faults", {"provider": "aws", "operation": "*", "mode": "error_after", "times": 2})
    vpc = {"name": "one", "region": "us-west-2", "cidr_block": "10.0.0.0/16", "credential_id": ids["aws"]}
    up.succeeded(api.ask("POST", "/aws/network/vpcs", vpc))
    up.control("POST", "faults", {"provider": "azure", "operation": "*/write", "mode": "error_after", "times": 2})
    vnet = {"name": "one", "region": "koreacentral", "cidr_block": "10.0.0.0/16", "credential_id": ids["azure"]}
    up.succeeded(api.ask("POST", "/azure/network/vpcs", vnet))
    cluster = {
        "name": "two", "region": "asia-northeast3", "credential_id": ids["gcp"],
        "network": {"cidr_block": "10.1.0.0/16"}, "node_pool": {"machine_type": "e2-standard-2", "node_count": 1},
    }  # fmt: skip
    up.succeeded(api.ask("POST", "/gcp/kubernetes/clusters", cluster))
    for path in ("/clusters", "/networks", "/credentials", "/operations", "/audit-logs", "/tokens", "/auth/sessions",
                 "/auth/me", "/drift", "/orphans", "/gcp/kubernetes/clusters/two/kubeconfig"):  # fmt: skip
        api.ask("GET", path)
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(timeout=60) == 0

    server = start_embedded(up.data_dir / "postgres")
    try:
        with (home / "rows.txt").open("w") as rows:
            asyncio.run(dump(server.owner_url, rows))
    finally:
        server.stop()
    seen = "\n".join(search(home, CONTROL))
    assert all(place in seen for place in ("answers.jsonl", "rows.txt", "/base/", "/pg_wal/")), seen
    spare = ("*/sandbox/*", "*/sandbox/*/*", "*/sandbox/*/*/*", "*/admin.password")
    found = {name: list(search(home, secret, spare=spare)) for name, secret in secrets.items()}
    assert not {name: where for name, where in found.items() if where}


def _invitations(api):
    workspace = api.ask("GET", "/workspaces")["items"][0]["id"]
    return f"/workspaces/{workspace}/invitations"
