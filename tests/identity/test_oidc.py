"""OpenID Connect, the pure part: what an ID token must be before anybody is let in."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from skyclust.identity.oidc import (
    GroupRule,
    Refused,
    challenge_of,
    granted,
    may_return_to,
    parse_metadata,
    read_id_token,
)

ISSUER, CLIENT, NONCE = "https://idp.example", "skyclust", "n-1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False)), ECKey.import_key(CURVE.as_dict(private=False))])
GOOD = {
    "iss": ISSUER, "aud": CLIENT, "sub": "ann", "nonce": NONCE, "iat": SECONDS, "exp": SECONDS + 300,
    "email": "Ann@Example.com", "email_verified": True, "name": "Ann", "groups": ["ops", "dev"],
}  # fmt: skip


def token(claims=GOOD, *, key=KEY, alg="RS256", **header):
    return jwt.encode({"alg": alg, "kid": "one"} | header, claims, key, algorithms=[alg])


def read(text):
    return read_id_token(
        text, KEYS, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, groups_claim="groups", now=NOW
    )  # fmt: skip


def test_a_good_token_says_who_somebody_is():
    claims = read(token())
    assert (claims.subject, claims.email, claims.groups) == ("ann", "Ann@Example.com", {"ops", "dev"})
    assert read(token(key=CURVE, alg="ES256", kid="two")).subject == "ann"
    assert read(token(GOOD | {"aud": [CLIENT, "other"], "azp": CLIENT})).subject == "ann"


WITHOUT = ["iss", "aud", "sub", "nonce", "iat", "exp", "email", "email_verified"]


@pytest.mark.parametrize("name", WITHOUT)
def test_every_claim_is_needed(name):
    with pytest.raises(Refused):
        read(token({key: value for key, value in GOOD.items() if key != name}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"}, {"aud": "other"}, {"aud": ["other", "another"]}, {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"}, {"nonce": "n-2"}, {"nonce": ""}, {"exp": SECONDS - 60},
        {"iat": SECONDS + 600}, {"email_verified": False}, {"email_verified": "true"}, {"email": 5},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_claim_lets_nobody_in(wrong):
    with pytest.raises(Refused):
        read(token(GOOD | wrong))


def _parts():
    return token().split(".")


def _signed_by_hand(secret: bytes) -> str:
    """HS256 as an attacker would do it; the library refuses to."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    text = f"{head}.{_parts()[1]}"
    seal = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).decode().rstrip("=")
    return f"{text}.{seal}"


FORGED = {
    "another key of that id": lambda: token(key=OTHER),
    "no signature": lambda: ".".join(_parts()[:2]) + ".",
    "cut": lambda: ".".join(_parts()[:2]),
    "alg none": lambda: "eyJhbGciOiJub25lIn0." + _parts()[1] + ".",
    "the public key as a secret": lambda: _signed_by_hand(KEY.as_pem(private=False)),
    "unknown key": lambda: token(kid="three"),
    "its own key inside": lambda: token(key=OTHER, jwk=OTHER.as_dict(private=False)),
    "another payload": lambda: ".".join([_parts()[0], token(GOOD | {"sub": "root"}).split(".")[1], _parts()[2]]),
    "empty": lambda: "",
    "nonsense": lambda: "a.b.c",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_lets_nobody_in(how):
    with pytest.raises(Refused):
        read(FORGED[how]())


def test_a_discovery_document_of_another_issuer_is_a_mix_up():
    document = {
        "issuer": ISSUER, "authorization_endpoint": "https://idp.example/a", "token_endpoint": "https://idp.example/t",
        "jwks_uri": "https://idp.example/k",
    }  # fmt: skip
    assert parse_metadata(document, ISSUER + "/").token_endpoint == "https://idp.example/t"
    for bad in (document | {"issuer": "https://evil.example"}, {"issuer": ISSUER}):
        with pytest.raises(Refused):
            parse_metadata(bad, ISSUER)


def test_the_challenge_is_that_of_the_rfc():
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_groups_give_what_the_earlier_rule_says():
    place = UUID(int=1)
    rules = (
        GroupRule("ops", place, "admin"), GroupRule("dev", place, "viewer"), GroupRule("root", platform_admin=True)
    )  # fmt: skip
    assert granted(rules, frozenset({"dev", "ops"})) == ({place: "admin"}, False)
    assert granted(rules, frozenset({"root"})) == ({}, True)
    assert granted(rules, frozenset()) == ({}, False)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://clouds.example/login", True), ("http://127.0.0.1:4321/", True), ("http://localhost:1/x", True),
        ("http://[::1]:1/x", True), ("https://evil.example/", False), ("https://clouds.example.evil/", False),
        ("http://clouds.example/", False), ("https://user@clouds.example/", False), ("//evil.example", False),
        ("javascript:alert(1)", False), ("http://127.0.0.1.evil.example/", False), ("https://127.0.0.1/", False),
        ("https://clouds.example\\@evil.example/", False), ("https://clouds.example/#x", False), ("/login", False),
    ],
)  # fmt: skip
def test_grants_go_back_to_our_own_pages_or_this_machine_only(url, allowed):
    assert may_return_to(url, "https://clouds.example") is allowed
