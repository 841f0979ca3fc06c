"""What every answer has and every request must keep to: trace id, security headers, body limit, access log.

One pure ASGI middleware, so that streams pass through unbuffered. Called by entrypoints/api.py.
Invariant: no request body, query value, header or token reaches the log.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_048_576
_TRACE_ID = re.compile(r"^[0-9a-f]{16,64}$")

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

log = structlog.get_logger("skyclust.access")


class Guard:
    """The outermost layer of the API."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP through, guarded; anything else as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = _trace_id(scope)
        scope.setdefault("state", {})["trace_id"] = trace_id
        started = time.perf_counter()
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message.get("headers", ())}
                extra = [header for header in SECURITY_HEADERS if header[0] not in present]
                message["headers"] = [*message.get("headers", ()), *extra, (b"x-trace-id", trace_id.encode())]
            await send(message)

        if _declared_length(scope) > MAX_BODY_BYTES:
            await _too_large(send_guarded, trace_id)
        else:
            await self.app(scope, _limited(receive), send_guarded)
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            trace_id=trace_id,
        )


def _trace_id(scope: Scope) -> str:
    """W3C traceparent's or X-Request-Id's when it is a plain hex id; else a new one."""
    headers = dict(scope["headers"])
    parent = headers.get(b"traceparent", b"").decode("latin-1").split("-")
    wanted = parent[1] if len(parent) == 4 else headers.get(b"x-request-id", b"").decode("latin-1")
    return wanted if _TRACE_ID.match(wanted) else secrets.token_hex(16)


def _declared_length(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """A body without Content-Length is counted while it arrives; past the limit the client is seen as gone."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= MAX_BODY_BYTES else {"type": "http.disconnect"}

    return counted


async def _too_large(send: Any, trace_id: str) -> None:
    body = orjson.dumps(
        {
            "type": "https://skyclust.dev/problems/too-large",
            "title": "The request body is too large",
            "status": 413,
            "detail": f"A body may have at most {MAX_BODY_BYTES} bytes. Send less in one request.",
            "trace_id": trace_id,
        }
    )
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
