"""What a request's body may be: how large, how slow, of which type and, for JSON, how deep and with which numbers.

Called by the guard in http.py before anything else sees the body. Pure but for `read`. Invariant: every check takes
time in proportion to the body, never more, so that no body of the allowed size can hold a process up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Message, Receive

from skyclust.kit.problems import FieldError, Problem, invalid

MAX_BODY_BYTES = 1_048_576
MAX_DEPTH = 64
#: Commas and opening brackets: a megabyte of nothing else takes a second to read, and no real body has so many.
MAX_SIGNS = 50_000
#: From the headers to the last byte of the body.
READ_SECONDS = 30.0
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

#: What a signed 64-bit column holds; floats have long lost their whole numbers there.
_NUMBER_LIMIT = 2**63


def check_type(headers: Mapping[bytes, bytes], accepted: str) -> None:
    """415 for a body of another type than `accepted`, or packed."""
    given = headers.get(b"content-type", b"").decode("latin-1")
    media_type, _, parameters = given.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    plain = headers.get(b"content-encoding", b"identity").lower() == b"identity"
    if media_type.strip().lower() != accepted or charset not in ("", "utf-8") or not plain:
        raise Problem(
            415, "unsupported-media-type", "The request body has a type that is not read here",
            f"Send it as {accepted} in UTF-8, not packed; it came as {given[:100] or 'nothing'}.",
        )  # fmt: skip


def too_large() -> Problem:
    """413."""
    detail = f"A body may have at most {MAX_BODY_BYTES} bytes. Send less in one request."
    return Problem(413, "too-large", "The request body is too large", detail)


async def read(receive: Receive, *, seconds: float = READ_SECONDS) -> bytes | None:
    """The whole body. None when the client has gone; 413 above the limit, 408 when it takes too long."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY_BYTES:
                    raise too_large()
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        detail = f"The body did not arrive within {seconds:g} s. Send it again."
        raise Problem(408, "too-slow", "The request body took too long", detail) from None


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body again, then goes on as before."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def check_json(raw: bytes) -> None:
    """422 for what is not JSON as RFC 8259 has it, nested too deeply, or with numbers that nothing here can hold."""
    fault = json_fault(raw)
    if fault:
        raise invalid([FieldError("", fault)])


def json_fault(raw: bytes) -> str:
    """What is wrong with the body as a whole; "" for nothing."""
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_SIGNS:
        return f"The JSON holds more than {MAX_SIGNS} values. Send less in one request."
    try:
        return document_fault(orjson.loads(raw))  # refuses NaN, Infinity, 1e400 and 1,024 levels by itself
    except orjson.JSONDecodeError as error:
        return f"This is not JSON that can be read: {error.msg} (line {error.lineno}, column {error.colno})."


def document_fault(document: object) -> str:
    """What is wrong with a document that could be read. Level by level, so that no depth is a recursion."""
    level: list[Any] = [document]
    for depth in range(MAX_DEPTH + 1):
        following: list[Any] = []
        for node in level:
            kind = type(node)
            if kind is dict or kind is list:
                if depth == MAX_DEPTH:
                    return f"The JSON is nested more than {MAX_DEPTH} levels deep."
                following.extend(node)
                if kind is dict:
                    following.extend(node.values())
            elif kind is str:
                if "\0" in node:
                    return "A text holds the character NUL (\\u0000), which cannot be stored. Leave it out."
            elif (kind is int or kind is float) and not -_NUMBER_LIMIT < node < _NUMBER_LIMIT:
                return "A number is too large: write numbers between -2^63 and 2^63."
        level = following
    return ""
