"""A session: one credential in one region, and the only way a call reaches Google.

Called by drivers and by the provider's reads. Calls run in threads of the provider's pool, each with a connection of
its own. Invariant: a request is sent once (twice only if the first was answered 401, which is certainly not applied).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject
from skyclust.providers.gcp.apis import (
    AccessToken,
    Answer,
    Apis,
    LostError,
    NotSentError,
    OutgoingRequest,
)
from skyclust.providers.gcp.classifying import NotFound, classify, lost, not_sent
from skyclust.providers.gcp.credentials import Login
from skyclust.providers.gcp.sdk import ApiCatalog, send
from skyclust.providers.gcp.tokens import AccessTokens

T = TypeVar("T")

#: Makes a googleapiclient HttpRequest; runs in the worker thread.
MakeRequest = Callable[[Apis], Any]


class GcpSession:
    """Implements `contract.provider.Session`."""

    def __init__(self, login: Login, region: str, apis: ApiCatalog, tokens: AccessTokens, executor: Executor) -> None:
        """Cheap: nothing is built or called before the first request."""
        self.region = region
        self.project = login.project
        self.principal = login.principal
        #: Names of failed operations whose error has been told; see drivers/gke_operations.py.
        self.told_failures: set[str] = set()
        self._apis = apis
        self._tokens = tokens
        self._executor = executor

    def __repr__(self) -> str:
        return f"GcpSession(project={self.project!r}, region={self.region!r})"

    async def close(self) -> None:
        """Nothing is held open between calls."""

    async def read(self, make: MakeRequest) -> JsonObject:
        """The answer of a call that changes nothing. Raises NotFound for what does not exist."""
        return await self.in_thread(partial(self._execute, make, mutating=False))

    async def read_or_none(self, make: MakeRequest) -> JsonObject | None:
        """Likewise, None for what does not exist."""
        try:
            return await self.read(make)
        except NotFound:
            return None

    async def write(self, make: MakeRequest) -> JsonObject:
        """The answer of a mutation: sent once, Ambiguous when the answer is lost."""
        return await self.in_thread(partial(self._execute, make, mutating=True))

    async def pages(self, make: Callable[[Apis, str | None], Any]) -> list[JsonObject]:
        """Every page of a list. `make` gets the page token, None at first."""
        answers: list[JsonObject] = []
        token: str | None = None
        while True:
            answer = await self.read(partial(_with_token, make, token))
            answers.append(answer)
            token = answer.get("nextPageToken")
            if not token:
                return answers

    async def items(self, make: Callable[[Apis, str | None], Any], key: str = "items") -> list[JsonObject]:
        """Every item of a paged list."""
        return [item for page in await self.pages(make) for item in page.get(key, [])]

    async def aggregated(self, make: Callable[[Apis, str | None], Any], key: str) -> list[JsonObject]:
        """Every item of a paged aggregated list, whatever its zone or region."""
        pages = await self.pages(make)
        return [item for page in pages for scope in page.get("items", {}).values() for item in scope.get(key, [])]

    async def access_token(self) -> AccessToken:
        """The bearer token that the calls use."""
        return await self.in_thread(self._tokens.get)

    async def in_thread(self, call: Callable[[], T]) -> T:
        """What `call` returns, in a thread of the provider's pool."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def _execute(self, make: MakeRequest, *, mutating: bool) -> JsonObject:
        request = make(self._apis.get())
        operation: str = request.methodId
        token = self._tokens.get()
        answer = _send(request, token, operation, mutating=mutating)
        if answer.status == 401:
            self._tokens.forget(token)
            answer = _send(request, self._tokens.get(), operation, mutating=mutating)
        if answer.status >= 300:
            raise classify(
                answer.status, answer.content, operation=operation, mutating=mutating, headers=answer.headers
            )
        return _parsed(answer.content, operation, mutating=mutating)


def _with_token(make: Callable[[Apis, str | None], Any], token: str | None, apis: Apis) -> Any:
    return make(apis, token)


def _send(request: OutgoingRequest, token: AccessToken, operation: str, *, mutating: bool) -> Answer:
    try:
        return send(request, token)
    except NotSentError as error:
        raise not_sent(str(error), operation=operation, mutating=mutating) from None
    except LostError as error:
        raise lost(error.kind, operation=operation, mutating=mutating, timed_out=error.timed_out) from None


def _parsed(content: bytes, operation: str, *, mutating: bool) -> JsonObject:
    try:
        answer = json.loads(content) if content else {}
    except ValueError:
        raise lost("not JSON", operation=operation, mutating=mutating) from None
    return answer if isinstance(answer, dict) else {"items": answer}


def gcp_session(session: Session) -> GcpSession:
    """The session as this provider made it."""
    if not isinstance(session, GcpSession):
        raise TypeError(f"The gcp provider was given a session it did not make: {type(session).__name__}.")
    return session


async def gather(*calls: Awaitable[Any]) -> list[Any]:
    """All results, or the first error once every call has ended: none is left running behind an exception."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results
