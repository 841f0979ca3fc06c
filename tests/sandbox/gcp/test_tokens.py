"""Who gets a token, whose token opens what."""

import json
import stat
import time
import urllib.error
import urllib.request
from pathlib import Path

import httplib2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.crypt import RSASigner
from google.auth.exceptions import RefreshError
from google_auth_httplib2 import Request

from skyclust.sandbox.gcp.identities import GRANT, Identities, InvalidGrantError
from skyclust.sandbox.kernel import Store


def other_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def refresh(credentials) -> None:
    http = httplib2.Http(timeout=10)
    try:
        credentials.refresh(Request(http))
    finally:
        http.close()


def get(url: str, token: str | None = None) -> tuple[int, dict]:
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["error"]


@pytest.fixture
def networks(sandbox) -> str:
    return f"{sandbox.gcp['endpoint']}/compute/v1/projects/{sandbox.project}/global/networks"


def test_the_account_file_buys_a_token_that_opens_the_apis(sandbox, networks):
    credentials = sandbox.credentials()
    refresh(credentials)
    assert credentials.token.startswith("ya29.")
    assert get(networks, credentials.token)[0] == 200


def test_only_the_owner_can_read_the_account_file(sandbox):
    assert stat.S_IMODE(Path(sandbox.gcp["service_account_file"]).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"private_key": other_key()}, "Invalid JWT Signature"),
        ({"client_email": "nobody@elsewhere.iam.gserviceaccount.com"}, "account not found"),
    ],
)
def test_a_wrong_key_or_account_buys_nothing(sandbox, change, words):
    with pytest.raises(RefreshError, match=words) as refused:
        refresh(sandbox.credentials(**change))
    assert refused.value.args[1]["error"] == "invalid_grant"


def test_a_revoked_account_is_refused_everywhere(sandbox, networks):
    credentials = sandbox.credentials()
    refresh(credentials)
    sandbox.fault(mode="revoked")
    assert get(networks, credentials.token)[0] == 401
    with pytest.raises(RefreshError, match="deleted or disabled"):
        refresh(sandbox.credentials())


def self_signed(sandbox, **claims) -> str:
    document = json.loads(Path(sandbox.gcp["service_account_file"]).read_text())
    signer = RSASigner.from_string(document["private_key"], document["private_key_id"])
    now = int(time.time())
    email = document["client_email"]
    payload = {"iss": email, "sub": email, "aud": "https://compute.googleapis.com/", "iat": now, "exp": now + 3600}
    return jwt.encode(signer, {**payload, **claims}).decode()


def test_a_self_signed_jwt_opens_the_apis(sandbox, networks):
    assert get(networks, self_signed(sandbox))[0] == 200


@pytest.mark.parametrize(
    "claims", [{"exp": 1_700_000_000, "iat": 1_699_999_000}, {"iss": "other@x.iam.gserviceaccount.com"}]
)
def test_a_stale_or_foreign_jwt_opens_nothing(sandbox, networks, claims):
    assert get(networks, self_signed(sandbox, **claims))[0] == 401


@pytest.mark.parametrize("token", [None, "nonsense", "ya29.nonsense", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_gets_googles_401(networks, token):
    status, error = get(networks, token)
    assert (status, error["status"]) == (401, "UNAUTHENTICATED")
    assert "authentication credential" in error["message"]


def test_a_token_expires(tmp_path):
    now = [1_800_000_000.0]
    identities = Identities(Store(), tmp_path, "project", lambda: now[0])
    identities.write_file("http://sandbox")
    document = json.loads(identities.file.read_text())
    signer = RSASigner.from_string(document["private_key"], document["private_key_id"])
    claims = {"iss": identities.email, "scope": "x", "aud": "http://sandbox/token", "iat": now[0], "exp": now[0] + 3600}
    form = {"grant_type": GRANT, "assertion": jwt.encode(signer, claims).decode()}
    token = identities.exchange(form)["access_token"]
    assert identities.caller(token) == identities.email
    now[0] += 3601
    assert identities.caller(token) is None
    now[0] += 100
    with pytest.raises(InvalidGrantError, match="short-lived"):
        identities.exchange(form)


def test_only_the_jwt_grant_is_known(tmp_path):
    with pytest.raises(InvalidGrantError, match="grant type"):
        Identities(Store(), tmp_path, "project").exchange({"grant_type": "password"})
