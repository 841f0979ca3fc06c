"""The public keys of an OpenID Connect issuer, fetched as clouds fetch them. For clouds that trust issuers."""

import json
import urllib.request
from typing import Any
from urllib.parse import urlsplit

#: Where an issuer may speak HTTP: here the installation under test is one.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
FETCH_SECONDS = 4
_MAX_BYTES = 65536


def may_be_an_issuer(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def published_keys(issuer: str) -> Any:
    """The key set that the issuer's configuration names, empty when it is another's; OSError when nothing comes."""
    told = _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    return _fetch(told["jwks_uri"]) if told.get("issuer") == issuer else {}


def _fetch(url: str) -> Any:
    if not may_be_an_issuer(url):
        raise OSError("not https")
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - the scheme was looked at  # nosec B310
        return json.loads(answer.read(_MAX_BYTES))
