"""Access tokens: only ours, only unexpired, only of the one kind, and only while their session lives."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from skyclust.credentials.keyring import Keyring
from skyclust.identity.tokens import PURPOSE, AccessClaims, InvalidToken, issue_access_token, read_access_token
from tenancy import KEYS, through_the_door

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYRING = Keyring("old", KEYS)
CLAIMS = AccessClaims(uuid4(), uuid4())
PAIR = RSAKey.generate_key(2048)


def issue(keyring=KEYRING, now=NOW, lifetime_seconds=900):
    return issue_access_token(keyring, CLAIMS, token_id=uuid4(), now=now, lifetime_seconds=lifetime_seconds)


def encode(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def parts():
    header, payload, signature = issue().split(".")
    pad = lambda text: json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))  # noqa: E731 - two uses
    return pad(header), pad(payload), signature


def signed(claims=None, header=None, without=(), key=None):
    base_header, payload, _ = parts()
    payload = {name: value for name, value in (payload | (claims or {})).items() if name not in without}
    header = base_header | (header or {})
    of_its_kind = RSAKey if header["alg"] == "RS256" else OctKey
    key = of_its_kind.import_key(key or KEYRING.derived("old", PURPOSE))
    return jwt.encode(header, payload, key, algorithms=[header["alg"]])


def unsigned(alg):
    header, payload, _ = parts()
    return f"{encode(header | {'alg': alg})}.{encode(payload)}."


def with_header(**changes):
    header, payload, signature = parts()
    return f"{encode(header | changes)}.{encode(payload)}.{signature}"


def spelled(header="", payload="", signature=None):
    """The good token with more text at the end of its JSON objects: a name that is there twice."""
    base_header, base_payload, good = parts()
    texts = (json.dumps(base_header)[:-1] + header + "}", json.dumps(base_payload)[:-1] + payload + "}")
    first, second = (base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in texts)
    return f"{first}.{second}.{good if signature is None else signature}"


def signed_with_a_public_key():
    """By hand: no library signs so any more."""
    header, payload, _ = issue().split(".")
    signature = hmac.digest(PAIR.as_pem(private=False), f"{header}.{payload}".encode(), "sha256")
    return f"{header}.{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def tampered():
    header, _payload, signature = issue().split(".")
    _, claims, _ = parts()
    return f"{header}.{encode(claims | {'sub': str(uuid4())})}.{signature}"


FORGED = {
    "nothing": "",
    "noise": "abc",
    "dots": "..",
    "none": unsigned("none"),
    "None in another spelling": unsigned("nOnE"),
    "no algorithm": unsigned(""),
    "signature cut off": issue().rpartition(".")[0] + ".",
    "another user": tampered(),
    "signed with another key": signed(key=b"x" * 32),
    "signed with the key of another purpose": signed(key=KEYRING.derived("old", "credentials")),
    "signed with the raw key": signed(key=KEYS["old"]),
    "another algorithm of the family": signed(header={"alg": "HS512"}),
    "an asymmetric algorithm": with_header(alg="RS256"),
    "really signed, with a private key of its own": signed(header={"alg": "RS256"}, key=PAIR.as_pem(private=True)),
    "signed with a public key as if it were a secret": signed_with_a_public_key(),
    "an algorithm named twice": spelled(header=', "alg": "none"', signature=""),
    "a subject named twice": spelled(payload=f', "sub": "{uuid4()}"'),
    "an expiry named twice": spelled(payload=', "exp": 9999999999'),
    "a header of more names": signed(header={"cty": "JWT"}),
    "encrypted instead of signed": ".".join(
        [encode({"alg": "dir", "enc": "A256GCM", "kid": "old"}), "", "x", "x", "x"]
    ),
    "a claim that is not JSON": spelled(payload=", x"),
    "unknown key id": with_header(kid="other"),
    "key id that is a path": with_header(kid="../../etc/passwd"),
    "key id that is SQL": with_header(kid="' OR 1=1 --"),
    "key id that is a number": with_header(kid=1),
    "no key id": with_header(kid=None),
    "key of its own": signed(header={"jwk": {"kty": "oct", "k": "eA"}}),
    "place of keys of its own": signed(header={"jku": "https://example.com/keys"}),
    "certificate of its own": signed(header={"x5u": "https://example.com/cert"}),
    "another type": signed(header={"typ": "JWT"}),
    "type of a refresh token": signed(header={"typ": "rt+jwt"}),
    "expired": issue(now=NOW - timedelta(hours=1)),
    "expired since a moment": issue(now=NOW - timedelta(seconds=906)),
    "from the future": issue(now=NOW + timedelta(hours=1)),
    "not yet valid": signed({"nbf": int(NOW.timestamp()) + 3600}),
    "another audience": signed({"aud": "other"}),
    "another issuer": signed({"iss": "other"}),
    "subject that is no id": signed({"sub": "1"}),
    "expiry that is text": signed({"exp": "never"}),
    "too long": issue() + "x" * 5000,
} | {f"without {name}": signed(without=[name]) for name in ("exp", "iat", "jti", "sub", "sid", "aud", "iss")}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(name):
    with pytest.raises(InvalidToken):
        read_access_token(KEYRING, FORGED[name], now=NOW)


def test_our_own_token_is_read_until_it_expires():
    assert read_access_token(KEYRING, issue(), now=NOW + timedelta(seconds=899)) == CLAIMS


def test_a_token_of_the_key_before_is_read_as_long_as_the_key_is_kept():
    rotated = Keyring("new", KEYS)
    assert read_access_token(rotated, issue(), now=NOW) == CLAIMS
    with pytest.raises(InvalidToken):
        read_access_token(Keyring("new", {"new": KEYS["new"]}), issue(), now=NOW)


def test_every_forged_token_is_401_at_the_door(postgres):
    async def scenario(house):
        await house.person(claims=CLAIMS)  # a living session: it is for the forgery alone that they are refused
        codes = {}
        for name, token in {"ours": issue(), **FORGED}.items():
            codes[name] = (await house.client(token or "-").get("/auth/me")).status_code
        return codes

    codes = through_the_door(postgres, scenario)
    assert codes.pop("ours") == 200
    assert set(codes.values()) == {401}, codes
    assert len(set(FORGED.values())) == len(FORGED) >= 25


def test_a_good_token_without_a_session_row_or_for_another_user_is_401(postgres):
    async def scenario(house):
        person, other = await house.person(), await house.person()
        tokens = [AccessClaims(person.id, uuid4()), AccessClaims(other.id, person.session_id)]
        codes = []
        for claims in tokens:
            token = issue_access_token(
                house.keyring, claims, token_id=uuid4(), now=house.clock.now(), lifetime_seconds=900
            )
            codes.append((await house.client(token).get("/auth/me")).status_code)
        return codes

    assert through_the_door(postgres, scenario) == [401, 401]


def test_a_refresh_token_is_no_access_token(postgres):
    async def scenario(house):
        body = {"email": "a@example.com", "password": "some unrelated words"}
        tokens = (await house.anonymous.post("/auth/register", json=body)).json()
        return (await house.client(tokens["refresh_token"]).get("/auth/me")).status_code

    assert through_the_door(postgres, scenario) == 401
