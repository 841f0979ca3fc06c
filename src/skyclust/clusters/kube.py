"""A cluster's own Kubernetes API over HTTPS: one request at a time, bounded in time, size and number per cluster.

Called with no database session open. The endpoint and its CA come from the cloud, not from a user; TLS is verified
against that CA only, redirects are not followed, proxies of the environment are not used. What the API answers is
untrusted: `inside.py` takes from it what is shown.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from skyclust.clusters.kube_errors import KubeError, Trouble
from skyclust.contract.provider import ClusterAccess, KubeToken

Document = dict[str, Any]

#: Objects per request: nodes and pods of ten to thirty kilobytes each then make an answer of a few megabytes.
PAGE = 200
MAX_BYTES = 16 * 1024 * 1024
#: Requests to one cluster at the same time from this process, and how many may wait for their turn.
LANES = 8
MAX_WAITING = 64
#: How long one waits for its turn.
TURN_SECONDS = 10.0
#: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
#: For one request with its whole answer, however slowly that comes.
CALL_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its JSON document; an empty one when the body was no JSON object."""

    status: int
    document: Document

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """What the API says about its refusal."""
        return str(self.document.get("message") or "no explanation")[:1000]


class KubeApi:
    """One cluster's API, open. Every method raises KubeError and nothing else."""

    def __init__(self, client: httpx.AsyncClient, access: ClusterAccess) -> None:
        """`client` knows the endpoint, the CA and the token."""
        self._client = client
        self._endpoint = access.endpoint

    async def get(self, path: str, **query: str) -> Document:
        """One object; `Trouble.NOT_FOUND` when there is none."""
        return _document(await self.send("GET", path, params=query))

    async def page(self, path: str, limit: int, following: str = "", **query: str) -> tuple[list[Document], str]:
        """Up to `limit` objects in the API's own order, and the token of the page after; "" on the last one."""
        return await self._page(path, limit, following, query, {})

    async def all(self, path: str, most: int, **query: str) -> list[Document]:
        """Every object; `Trouble.TOO_MUCH` when there are more than `most`."""
        return await self._all(path, most, query, {})

    async def all_metadata(self, path: str, most: int, **query: str) -> list[Document]:
        """The metadata of every object, which is a fraction of the whole; else like `all`."""
        return await self._all(path, most, query, {"accept": _METADATA_ONLY})

    async def _all(self, path: str, most: int, query: dict[str, str], headers: dict[str, str]) -> list[Document]:
        found, following = await self._page(path, PAGE, "", query, headers)
        while following:
            if len(found) > most:
                raise KubeError(Trouble.TOO_MUCH, f"There are more than {most} objects at {path}.")
            more, following = await self._page(path, PAGE, following, query, headers)
            found += more
        return found

    async def _page(
        self, path: str, limit: int, following: str, query: dict[str, str], headers: dict[str, str]
    ) -> tuple[list[Document], str]:
        asked = {"limit": str(min(limit, PAGE)), **query} | ({"continue": following} if following else {})
        listed = _document(await self.send("GET", path, params=asked, headers=headers))
        items, metadata = listed.get("items"), listed.get("metadata")
        found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        token = metadata.get("continue") if isinstance(metadata, dict) else None
        return found, token if isinstance(token, str) else ""

    async def merge(self, path: str, change: Document, *, dry_run: bool = False) -> Document:
        """Change an object by a merge patch; on a dry run the API checks it and keeps nothing."""
        headers = {"content-type": "application/merge-patch+json"}
        query = {"dryRun": "All"} if dry_run else {}
        return _document(await self.send("PATCH", path, params=query, json=change, headers=headers))

    async def send(self, method: str, path: str, **request: Any) -> Reply:
        """Any request with a JSON answer, whatever its status."""
        status, body, whole = await self._exchange(method, path, MAX_BYTES, **request)
        if not whole:
            raise KubeError(Trouble.TOO_MUCH, f"The answer to {path} is larger than {MAX_BYTES // 1024**2} MiB.")
        return Reply(status, await _parsed(body))

    async def text(self, path: str, most_bytes: int, **query: str) -> tuple[str, bool]:
        """A text and whether it is whole: of a longer one the beginning."""
        status, body, whole = await self._exchange("GET", path, most_bytes, params=query)
        if not 200 <= status < 300:
            _document(Reply(status, await _parsed(body)))
        return body.decode("utf-8", "replace"), whole

    async def _exchange(self, method: str, path: str, most: int, **request: Any) -> tuple[int, bytes, bool]:
        try:
            async with (
                _lane(self._endpoint),
                asyncio.timeout(CALL_SECONDS),
                self._client.stream(method, path, **request) as response,
            ):
                body = bytearray()
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > most:
                        return response.status_code, bytes(body[:most]), False
                return response.status_code, bytes(body), True
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise await _unreached(error, self._endpoint) from error


@asynccontextmanager
async def opened(
    access: ClusterAccess, token: KubeToken, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[KubeApi]:
    """The API of a cluster, reached with a short-lived token. `transport` is for a server in the same process."""
    _check_endpoint(access.endpoint)
    async with httpx.AsyncClient(
        base_url=access.endpoint,
        verify=True if transport is not None else _trusting(access.ca_data),
        headers={"authorization": f"Bearer {token.token}", "accept": "application/json"},
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    ) as client:
        yield KubeApi(client, access)


def _trusting(ca_data: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=base64.b64decode(ca_data).decode())
    except (ValueError, ssl.SSLError) as error:
        raise KubeError(Trouble.TLS, "The CA certificate that the cloud told of the cluster is none.") from error


def _check_endpoint(endpoint: str) -> None:
    """The cloud told it; a plain or a link-local one (a machine's metadata) is nobody's Kubernetes API all the same."""
    try:
        url = httpx.URL(endpoint)
        link_local = ipaddress.ip_address(url.host).is_link_local
    except httpx.InvalidURL as error:
        raise KubeError(Trouble.UNREACHABLE, "The cloud told no usable endpoint of the cluster.") from error
    except ValueError:  # a name
        link_local = False
    if url.scheme != "https" or not url.host or url.userinfo or link_local:
        raise KubeError(Trouble.UNREACHABLE, "The endpoint that the cloud told is not one of a Kubernetes API.")


def _document(reply: Reply) -> Document:
    if reply.ok:
        if not reply.document:
            raise KubeError(Trouble.GARBAGE, "It answered something that is no JSON object.", status=reply.status)
        return reply.document
    raise KubeError.refused(reply.status, reply.message)


async def _parsed(body: bytes) -> Document:
    """Parsed beside the event loop when it is large."""
    try:
        found = json.loads(body) if len(body) < 64 * 1024 else await asyncio.to_thread(json.loads, body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


async def _unreached(error: Exception, endpoint: str) -> KubeError:
    """Why no answer came: the name, the network, TLS, or time; and whether the endpoint is one inside a network."""
    host = httpx.URL(endpoint).host
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        trouble = Trouble.TIMED_OUT
    elif (fault := _cause(error, ssl.SSLError)) is not None:
        why = getattr(fault, "verify_message", "") or getattr(fault, "reason", "") or "the handshake failed"
        return KubeError(Trouble.TLS, str(why))
    else:
        trouble = Trouble.UNREACHABLE
    addresses = await _addresses(host)
    if addresses is None:
        return KubeError(Trouble.NO_ADDRESS, f"The name {host} has no address here.")
    private = any(address.is_private and not address.is_loopback for address in addresses)
    return KubeError(trouble, type(error).__name__, private=private)


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first of this kind among an error and what it came from."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


async def _addresses(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address] | None:
    """Where a name leads; None when nowhere."""
    try:
        async with asyncio.timeout(2):
            found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


@dataclass
class _Lane:
    """The turns of one cluster."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LANES))
    users: int = 0


#: By endpoint; only of clusters that somebody is speaking with now.
_lanes: dict[str, _Lane] = {}


@asynccontextmanager
async def _lane(endpoint: str) -> AsyncIterator[None]:
    """A turn with one cluster: a slow one keeps waiting whoever asks it, and nobody else."""
    lane = _lanes.setdefault(endpoint, _Lane())
    if lane.users >= LANES + MAX_WAITING:
        raise KubeError(Trouble.BUSY, f"{lane.users} requests wait for it already.")
    lane.users += 1
    try:
        await _turn(lane)
        try:
            yield
        finally:
            lane.turns.release()
    finally:
        lane.users -= 1
        if not lane.users:
            _lanes.pop(endpoint, None)


async def _turn(lane: _Lane) -> None:
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await lane.turns.acquire()
    except TimeoutError:
        raise KubeError(Trouble.BUSY, f"{lane.users} requests wait for it; none got a turn in time.") from None
