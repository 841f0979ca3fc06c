"""The one module that knows Azure's SDKs. It imports them on the first call, never with the provider.

Requests go through azure-core's pipeline and transport and tokens come from azure-identity, but not through the
generated clients (azure-mgmt-*): Resource Manager is one uniform API in which a resource's id is its path, and the
clients add retries and pollers that the engine must not have. Invariant: one request is sent once. Three things would
repeat one, and hide a lost reply from the engine, which alone may repeat: azure-core's RetryPolicy (500, 429 and broken
connections, whatever the method), its ServiceRequestError (which it also raises when the server hung up after it got
the request), and aiohttp itself, which sends PUT and DELETE again on a broken connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
from datetime import UTC, datetime
from functools import cache
from typing import Any

from skyclust.providers.azure.apis import (
    TIMEOUT_SECONDS,
    AccessToken,
    Answer,
    KeyRefusedError,
    LostError,
    NotSentError,
    OutgoingRequest,
    Places,
)
from skyclust.providers.azure.credentials import ServicePrincipal

_CODE = re.compile(r"AADSTS\d{3,8}")


@cache
def _load() -> None:
    """Import what the first call needs; half a second, so that it happens in a thread."""
    import azure.core.pipeline.transport  # noqa: PLC0415 - only once somebody talks to Azure
    import azure.identity.aio  # noqa: F401, PLC0415 - as above

    # It logs each refusal with the whole answer; what it means is told by our own errors.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """One for all connections: the transport would load the authorities for every request."""
    return ssl.create_default_context(cafile=ca_file)


class Wire:
    """Open connections of one session. Made and closed in one event loop."""

    def __init__(self, places: Places) -> None:
        """Nothing is imported or opened before the first request."""
        self._places = places
        self._transport: Any = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Idempotent."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.session.close()

    async def send(self, request: OutgoingRequest, token: AccessToken) -> Answer:
        """One HTTP exchange with the bearer token. NotSentError or LostError when there is no answer."""
        transport = await self._open()
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above
        from azure.core.pipeline import AsyncPipeline  # noqa: PLC0415 - as above
        from azure.core.pipeline.policies import UserAgentPolicy  # noqa: PLC0415 - as above
        from azure.core.rest import HttpRequest  # noqa: PLC0415 - as above

        headers = {**request.headers, "Authorization": f"Bearer {token.text}", "Accept": "application/json"}
        outgoing = HttpRequest(request.method, request.url, headers=headers, json=request.body)
        pipeline: Any = AsyncPipeline(transport, [UserAgentPolicy("skyclust")])
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = (await pipeline.run(outgoing, stream=False)).http_response
                content: bytes = answer.content
        except TimeoutError:
            raise LostError("no answer in time", timed_out=True) from None
        except (AzureError, RuntimeError) as error:  # aiohttp says RuntimeError of a session that its owner has closed
            raise _failure(error) from None
        return Answer(int(answer.status_code), {str(k).lower(): str(v) for k, v in answer.headers.items()}, content)

    async def exchange(self, principal: ServicePrincipal, scope: str, assertion: str = "") -> AccessToken:
        """An access token for the principal, by its secret or by an assertion. Errors say nothing of what was sent."""
        transport = await self._open()
        from azure.core.exceptions import AzureError, HttpResponseError  # noqa: PLC0415 - as above
        from azure.identity.aio import ClientAssertionCredential, ClientSecretCredential  # noqa: PLC0415 - as above

        kind: Any = ClientAssertionCredential if assertion else ClientSecretCredential
        credential = kind(
            principal.tenant, principal.client, (lambda: assertion) if assertion else principal.secret,
            authority=self._places.authority, disable_instance_discovery=True, transport=transport, retry_total=0,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                token = await credential.get_token(scope)
        except TimeoutError:
            raise LostError("no answer in time", timed_out=True) from None
        except HttpResponseError as error:
            raise _refusal(error) from None
        except (AzureError, ValueError) as error:
            raise LostError(type(error).__name__) from None
        return AccessToken(token.token, datetime.fromtimestamp(token.expires_on, UTC))

    async def _open(self) -> Any:
        async with self._opening:
            if self._transport is None:
                await asyncio.to_thread(_load)
                self._transport = _transport(_trust(self._places.ca_file))
            return self._transport


def _transport(trust: ssl.SSLContext) -> Any:
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector  # noqa: PLC0415 - as above
    from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415 - as above

    session = ClientSession(
        connector=TCPConnector(ssl=trust), cookie_jar=DummyCookieJar(), trust_env=True, auto_decompress=False
    )
    # aiohttp has no public switch for this; tests/providers/azure/test_sending.py notices when it goes.
    session._retry_connection = False  # noqa: SLF001 - see the module's docstring
    return AioHttpTransport(
        session=session, session_owner=False, connection_timeout=TIMEOUT_SECONDS / 2, read_timeout=TIMEOUT_SECONDS
    )


def _failure(error: Exception) -> NotSentError | LostError:
    """Only a connection that never stood proves that nothing was sent."""
    from aiohttp import ClientConnectorError, ConnectionTimeoutError  # noqa: PLC0415 - as above

    inner = getattr(error, "inner_exception", None)
    kind = type(inner or error).__name__
    if isinstance(inner, ClientConnectorError | ConnectionTimeoutError):
        return NotSentError(kind)
    return LostError(kind, timed_out=isinstance(inner, TimeoutError))


def _refusal(error: Any) -> KeyRefusedError:
    """Entra ID's code ("AADSTS7000215"); the rest of the text could quote what was sent."""
    found = _CODE.search(str(error.message))
    status = getattr(getattr(error, "response", None), "status_code", None) or 0
    return KeyRefusedError(found[0] if found else "", retryable=status >= 500 or status == 429)


def parse_json(content: bytes) -> Any:
    """The value of a body; None when there is none. ValueError when it is no JSON."""
    return json.loads(content) if content.strip() else None
