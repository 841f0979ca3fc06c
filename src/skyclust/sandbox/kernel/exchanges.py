"""One HTTP exchange on the ASGI side: the whole request in, the reply out, faults of the connection acted out.

Called by the fronts. Invariant: a connection that is to break breaks before one byte of a reply has left.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from skyclust.sandbox.kernel.connections import cut_connection
from skyclust.sandbox.kernel.faults import Fault, Mode

SLOW_SECONDS = 5.0


@dataclass(frozen=True)
class Received:
    """`path` is decoded, `raw_path` as sent; header names are lower case."""

    method: str
    path: str
    raw_path: str
    query: str
    headers: dict[str, str]
    body: bytes
    scheme: str


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def json_reply(status: int, document: Any, headers: Mapping[str, str]) -> Reply:
    """`headers` name the content type as the cloud does."""
    return Reply(status, headers, json.dumps(document, separators=(",", ":")).encode())


class Sendable(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


async def receive_request(scope: Any, receive: Any) -> Received | None:
    """None when it is no request, or when the client has gone before all of it was there."""
    if scope["type"] != "http":
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Received(scope["method"], scope["path"], raw, query, headers, bytes(body), scope.get("scheme", "http"))


async def send_reply(send: Any, reply: Sendable, fault: Fault | None) -> None:
    """The reply, late or never if the fault says so."""
    if fault is not None and fault.mode is Mode.SLOW:
        await asyncio.sleep(float(fault.params.get("seconds", SLOW_SECONDS)))
    if fault is not None and fault.mode in (Mode.LOST_REQUEST, Mode.LOST_REPLY):
        await cut_connection(send)
        return
    sent = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    sent.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": sent})
    await send({"type": "http.response.body", "body": reply.body})
