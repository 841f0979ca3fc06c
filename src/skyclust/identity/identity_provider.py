"""The identity provider over HTTP: its discovery document, its keys, the exchange of a code. One per process.

Called by the service of single sign-on. Invariant: what it says is remembered for a while and asked for anew when a
token names a key that is not known, but not more often than every half minute, whatever tokens come.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import SecretStr

from skyclust.identity.oidc import Metadata, Refused, parse_metadata
from skyclust.kit.egress import FOR_OPERATORS, EgressError, Reply, request

REMEMBER_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 30.0


class Send(Protocol):
    """`egress.request` with its policy settled; a parameter for tests."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> Awaitable[Reply]: ...


async def _send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
) -> Reply:
    return await request(method, url, policy=FOR_OPERATORS, headers=headers, form=form)


@dataclass
class IdentityProvider:
    """What the settings name. Refused when it does not answer as it must."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    monotonic: Callable[[], float]
    send: Send = _send
    _metadata: tuple[float, Metadata] | None = None
    _keys: tuple[float, KeySet] | None = field(default=None, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def metadata(self) -> Metadata:
        """The endpoints."""
        async with self._turn:
            if self._metadata is None or self.monotonic() - self._metadata[0] > REMEMBER_SECONDS:
                url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                self._metadata = (self.monotonic(), parse_metadata(await self._json("GET", url), self.issuer))
            return self._metadata[1]

    async def keys(self, key_id: str | None) -> KeySet:
        """The provider's keys; asked for again when `key_id` is not among them."""
        metadata = await self.metadata()
        async with self._turn:
            age = self.monotonic() - self._keys[0] if self._keys is not None else None
            known = self._keys is not None and any(key.kid == key_id for key in self._keys[1].keys)
            if age is None or age > REMEMBER_SECONDS or (not known and age > ASK_AGAIN_SECONDS):
                document = await self._json("GET", metadata.jwks_uri)
                try:
                    self._keys = (self.monotonic(), KeySet.import_key_set({"keys": _asymmetric(document)}))
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise Refused("The identity provider's keys cannot be read.") from error
            assert self._keys is not None
            return self._keys[1]

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        """The ID token for a code. The client proves itself with its secret (client_secret_basic)."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._json("POST", metadata.token_endpoint, form=form, headers={"authorization": self._basic()})
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Refused("The identity provider answered without an ID token.")
        return token

    def _basic(self) -> str:

        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret.get_secret_value(), safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    async def _json(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            reply = await self.send(method, url, **given)
        except EgressError as error:
            raise Refused(f"The identity provider does not answer: {error}") from error
        if reply.status != 200:
            raise Refused(f"The identity provider refused ({_why(reply)}).")
        try:
            found = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Refused("The identity provider answered something that is no JSON object.")
        return found


def _asymmetric(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Keys for signatures only; a symmetric one in a public document could sign anything."""
    keys = document.get("keys")
    found = keys if isinstance(keys, list) else []
    return [
        {name: value for name, value in key.items() if name not in ("x5c", "x5u", "x5t", "x5t#S256")}
        for key in found
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
    ]


def _why(reply: Reply) -> str:
    """The error code of RFC 6749, if it is one; never the description, which may repeat what was sent."""
    try:
        code = orjson.loads(reply.body).get("error")
    except (orjson.JSONDecodeError, AttributeError):
        code = None
    known = isinstance(code, str) and len(code) < 64 and code.replace("_", "").isalnum()
    return f"{reply.status} {code}" if known else str(reply.status)
