"""Ask the seeded application as somebody, and hear the answer, streams included. Used by tests/security."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from documented import check
from tenancy import Person
from tenancy_requests import Route, documented_name, routes_of
from two_tenants import Street, Tenant

#: A Last-Event-ID before everything that happened.
BEGINNING = "0-0"
SILENCE_SECONDS = 0.3


@dataclass(frozen=True)
class Heard:
    """An answer. A stream is heard until it falls silent."""

    status: int
    text: str
    kind: str = ""
    missing: str = ""

    def blind(self, *values: str) -> "Heard":
        """Without what the request itself named, and without what differs from answer to answer."""
        text = re.sub(r'"(trace_id|token|expirationTimestamp)":"[^"]*"', "", self.text)
        for value in values:
            text = text.replace(value, "<it>")
        return Heard(self.status, text, self.kind, self.missing)

    def shows(self, tenant: Tenant) -> set[str]:
        return {mark for mark in tenant.marks() if mark in self.text}


async def ask(street: Street, person: Person | None, route: Route, things: Mapping[str, str], **more) -> Heard:
    client = person.client if person is not None else street.house.anonymous
    last = more.pop("last_event_id", None)
    asked = route.asked(things, **more)
    if route.streams:
        return await _overheard(street.house.app, client.build_request(**asked), last)
    response = await client.request(**asked)
    problem = response.json() if response.headers.get("content-type", "").startswith("application/problem") else {}
    kind = problem.get("type", "").rpartition("/")[2]
    return Heard(response.status_code, response.text, kind, problem.get("missing_permission", ""))


async def _overheard(app, request, last_event_id) -> Heard:
    """What a stream says until it has nothing to say for a moment; then its client goes away."""
    heard, gone = asyncio.Queue(), asyncio.Event()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive():
        for message in asked:
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    headers = [(name.lower(), value) for name, value in request.headers.raw]
    headers += [(b"last-event-id", last_event_id.encode())] if last_event_id else []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "http",
        "path": request.url.path, "raw_path": request.url.raw_path, "query_string": request.url.query,
        "root_path": "", "headers": headers, "server": ("skyclust", 80), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    running = asyncio.create_task(app(scope, receive, heard.put))
    started = await heard.get()
    kinds = [value.decode() for name, value in started["headers"] if name == b"content-type"]
    text = b""
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await heard.get()
            text += message.get("body", b"")
            if not message.get("more_body"):
                break
    except TimeoutError:
        pass
    gone.set()
    running.cancel()
    await asyncio.wait([running])
    check(scope, started["status"], kinds[0], text)
    found = re.search(rb'"type":"[^"]*/([a-z-]+)"', text)
    missing = re.search(rb'"missing_permission":"([a-z.]+)"', text)
    # an export is told to whoever asked for it, with the filters that they gave
    lines = [line for line in text.decode().split("\n") if '"audit.exported"' not in line]
    return Heard(
        started["status"], "\n".join(lines), found[1].decode() if found else "", missing[1].decode() if missing else ""
    )


@lru_cache(maxsize=1)
def _routes(app) -> dict[str, list[Route]]:
    found = defaultdict(list)
    for route in routes_of(app):
        found[f"{route.method} {documented_name(route.path)}"].append(route)
    return found


def named(street: Street, key: str) -> list[Route]:
    """The routes of an entry: one, or one for each of its words."""
    return _routes(street.house.app)[key]
