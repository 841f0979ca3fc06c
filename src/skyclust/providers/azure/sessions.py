"""A session: one credential in one region, and the only way a call reaches Azure Resource Manager.

Called by drivers and by the provider's reads. A resource's id is its path, so that four verbs are enough. Long-running
operations are never waited for: Azure goes on by itself and a resource's provisioningState tells where it stands.
Invariant: a request is sent once (twice only if the first was answered 401, which is certainly not applied).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import urlencode

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.apis import (
    API_VERSIONS,
    AccessToken,
    Answer,
    LostError,
    NotSentError,
    OutgoingRequest,
    Places,
)
from skyclust.providers.azure.classifying import NotFound, classify, lost, not_sent
from skyclust.providers.azure.credentials import ServicePrincipal
from skyclust.providers.azure.federation import refuse_open_trust
from skyclust.providers.azure.naming import kind_of
from skyclust.providers.azure.sdk import Wire, parse_json
from skyclust.providers.azure.tokens import AccessTokens

_VERBS = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


class AzureSession:
    """Implements `contract.provider.Session`."""

    def __init__(self, principal: ServicePrincipal, region: str, places: Places, tokens: AccessTokens) -> None:
        """Cheap: nothing is imported or called before the first request."""
        self.region = region
        self.subscription = principal.subscription
        self.principal = principal.client
        #: Failures of long operations that have been told; see drivers/failures.py.
        self.told_failures: set[str] = set()
        self._places = places
        self._tokens = tokens
        self._wire = Wire(places)

    def __repr__(self) -> str:
        return f"AzureSession(subscription={self.subscription!r}, region={self.region!r})"

    async def close(self) -> None:
        """Idempotent."""
        await self._wire.close()

    async def get(self, path: str, **query: str) -> JsonObject:
        """A resource. Raises NotFound for what does not exist."""
        return await self._call("GET", path, query=query)

    async def get_or_none(self, path: str, **query: str) -> JsonObject | None:
        """Likewise, None for what does not exist."""
        try:
            return await self.get(path, **query)
        except NotFound:
            return None

    async def items(self, path: str, **query: str) -> list[JsonObject]:
        """Every item of every page of a list."""
        answer = await self._call("GET", path, query=query)
        found: list[JsonObject] = list(answer.get("value", []))
        while link := answer.get("nextLink"):
            answer = await self._follow(str(link), path)
            found.extend(answer.get("value", []))
        return found

    async def put(self, path: str, body: JsonObject, headers: Mapping[str, str] | None = None) -> JsonObject:
        """Create or replace: sent once, Ambiguous when the answer is lost."""
        return await self._call("PUT", path, body=body, headers=headers)

    async def patch(self, path: str, body: JsonObject, headers: Mapping[str, str] | None = None) -> JsonObject:
        """Change in place, likewise."""
        return await self._call("PATCH", path, body=body, headers=headers)

    async def delete(self, path: str) -> None:
        """Ask for deletion, likewise; silent when absent."""
        try:
            await self._call("DELETE", path)
        except NotFound:
            return

    async def post(self, path: str, action: str, body: JsonObject | None = None, **query: str) -> JsonObject:
        """An action of a resource."""
        return await self._call("POST", f"{path}/{action}", body=body, query=query)

    async def access_token(self, scope: str | None = None) -> AccessToken:
        """The bearer token that the calls use, or one for another service."""
        return await self._tokens.get(self._wire, scope or self._places.arm_scope)

    async def refuse_open_trust(self, principal: ServicePrincipal) -> None:
        """See federation.py."""
        await refuse_open_trust(self._wire, principal, self._places.arm_scope)

    def within(self, provider: str) -> str:
        """The path of a list over the whole subscription ("Microsoft.Network/natGateways")."""
        return f"/subscriptions/{self.subscription}/providers/{provider}"

    @property
    def groups(self) -> str:
        """The path of the list of resource groups."""
        return f"/subscriptions/{self.subscription}/resourcegroups"

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        parameters = urlencode({**(query or {}), "api-version": api_version(path)})
        url = f"{self._places.arm}{path}?{parameters}"
        return await self._sent(OutgoingRequest(method, url, operation_of(method, path), body, headers or {}))

    async def _follow(self, link: str, path: str) -> JsonObject:
        """The next page. The token goes nowhere but to Resource Manager, whatever the link says."""
        operation = operation_of("GET", path)
        if not link.startswith(f"{self._places.arm}/"):
            raise lost("a link to the next page that leads elsewhere", operation=operation, mutating=False)
        return await self._sent(OutgoingRequest("GET", link, operation))

    async def _sent(self, request: OutgoingRequest) -> JsonObject:
        token = await self.access_token()
        answer = await self._send(request, token)
        if answer.status == 401:
            self._tokens.forget(token)
            answer = await self._send(request, await self.access_token())
        if answer.status >= 300:
            raise classify(
                answer.status, answer.content, operation=request.operation, mutating=request.mutating,
                headers=answer.headers,
            )  # fmt: skip
        try:
            value: Any = parse_json(answer.content)
        except ValueError:
            raise lost("not JSON", operation=request.operation, mutating=request.mutating) from None
        return value if isinstance(value, dict) else {"value": value or []}

    async def _send(self, request: OutgoingRequest, token: AccessToken) -> Answer:
        try:
            return await self._wire.send(request, token)
        except NotSentError as error:
            raise not_sent(str(error), operation=request.operation, mutating=request.mutating) from None
        except LostError as error:
            raise lost(
                error.kind, operation=request.operation, mutating=request.mutating, timed_out=error.timed_out
            ) from None


def api_version(path: str) -> str:
    """The version of the API that a path belongs to."""
    kind = kind_of(path).lower()
    if "/" not in kind:  # a resource provider itself
        return API_VERSIONS["microsoft.resources"]
    return API_VERSIONS.get(kind) or API_VERSIONS[kind.partition("/")[0]]


def operation_of(method: str, path: str) -> str:
    """How Azure calls the right to make a call: "Microsoft.Network/natGateways/write"."""
    kind = kind_of(path)
    if kind.startswith("Microsoft.Resources/subscriptions/resource"):
        kind = "Microsoft.Resources/subscriptions/resourceGroups"
    return f"{kind}/action" if method == "POST" else f"{kind}/{_VERBS[method]}"


def azure_session(session: Session) -> AzureSession:
    """The session as this provider made it."""
    if not isinstance(session, AzureSession):
        raise TypeError(f"The azure provider was given a session it did not make: {type(session).__name__}.")
    return session


async def gather(*calls: Awaitable[Any]) -> list[Any]:
    """All results, or the first error once every call has ended: none is left running behind an exception."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results
