"""What every answer has and every request must keep to: trace id, security headers, limits, access log, last resort.

One pure ASGI middleware, so that streams pass through unbuffered. Called by entrypoints/api.py.
Invariant: no request body, query value, header or token reaches the log, and no exception's text a client.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from skyclust.kit import bodies
from skyclust.kit.addresses import Network, client_address, networks
from skyclust.kit.db import is_connection_lost
from skyclust.kit.origins import is_allowed, origin_of, origins
from skyclust.kit.problems import MEDIA_TYPE, Problem, internal, unavailable
from skyclust.kit.rates import NO_LIMIT, Ask, Buckets, Limiter, Rate, Standing, too_often
from skyclust.kit.settings import Settings

MAX_HEADER_BYTES = 32_768
#: One address may stand for a whole office: so many users may ask at full speed.
USERS_PER_ADDRESS = 4
_TRACE_ID = re.compile(r"^[0-9a-f]{16,64}$")
#: What a client might claim to be told by a proxy. Read here where the proxy is trusted, seen by nobody else.
_FORWARDED = frozenset({
    b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-forwarded-user",
    b"x-real-ip", b"forwarded",
})  # fmt: skip
NOWHERE = re.compile(r"(?!)")

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

log = structlog.get_logger("skyclust.access")


@dataclass(frozen=True, slots=True)
class Surface:
    """How the API meets the network.

    proxies  whose X-Forwarded-For is believed
    pages    origins of web pages, beside our own, that may ask
    own      our own origin; "" = whatever host was addressed
    entries  paths at which whoever asks is not known yet: limited by address, and more narrowly
    doors    how often one address may knock there
    each     how often one address may ask
    forms    paths whose body is an HTML form, not JSON
    """

    proxies: tuple[Network, ...] = ()
    pages: frozenset[str] = frozenset()
    own: str = ""
    entries: re.Pattern[str] = NOWHERE
    doors: Rate = NO_LIMIT
    each: Rate = NO_LIMIT
    forms: frozenset[str] = frozenset()

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Security headers of every answer."""
        return (*SECURITY_HEADERS, HSTS) if self.own.startswith("https://") else SECURITY_HEADERS


def surface_of(settings: Settings, entries: re.Pattern[str], forms: frozenset[str]) -> Surface:
    """As the operator has set it, for an application with these entries and forms."""
    return Surface(
        proxies=networks(settings.trusted_proxies.split(",")),
        pages=origins(settings.allowed_origins),
        own=origin_of(settings.public_url),
        entries=entries,
        doors=Rate("attempts to sign in", settings.sign_ins_per_minute),
        each=Rate("requests", settings.requests_per_minute * USERS_PER_ADDRESS),
        forms=forms,
    )


@dataclass(frozen=True, slots=True)
class Done:
    """One request, over. `route` is the template of its path, "" when no route was met."""

    method: str
    route: str
    status: int
    seconds: float


@dataclass
class _Exchange:
    """One request on its way through."""

    scope: Scope
    trace_id: str
    send: Send
    headers: tuple[tuple[bytes, bytes], ...]
    status: int = 0
    standing: Standing | None = None

    async def answer(self, message: Message) -> None:
        """Pass a message on, with what every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name for name, _ in message.get("headers", ())}
            extra = [header for header in self.headers if header[0] not in present]
            message["headers"] = [
                *message.get("headers", ()), *extra, *self._rates(present), (b"x-trace-id", self.trace_id.encode()),
            ]  # fmt: skip
        await self.send(message)

    def _rates(self, present: set[bytes]) -> list[tuple[bytes, bytes]]:
        standing: Standing | None = self.scope["state"].get("standing", self.standing)
        if standing is None or b"ratelimit-limit" in present:
            return []
        return [(name.encode(), value.encode()) for name, value in standing.headers().items()]

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem."""
        body = orjson.dumps(problem.document(self.trace_id))
        headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body))} | problem.headers
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self.answer({"type": "http.response.start", "status": problem.status, "headers": raw})
        await self.answer({"type": "http.response.body", "body": body})


@dataclass
class Guard:
    """The outermost layer of the API. `told` hears of each request when it is over."""

    app: ASGIApp
    surface: Surface = field(default_factory=Surface)
    limiter: Limiter = field(default_factory=lambda: Limiter(Buckets(time.monotonic)))
    told: Callable[[Done], None] = lambda _done: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP through, guarded. There are no WebSockets here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        exchange = _Exchange(scope, _trace_id(headers), send, self.surface.headers)
        scope.setdefault("state", {})["trace_id"] = exchange.trace_id
        started = time.perf_counter()
        try:
            await self._pass(exchange, headers, receive)
        except Problem as refused:
            await exchange.refuse(refused)
        except Exception as error:  # noqa: BLE001 - the last resort
            problem = _last_resort(error, exchange.trace_id)
            if not exchange.status:
                await exchange.refuse(problem)
        seconds = time.perf_counter() - started
        self.told(Done(scope["method"], template_of(scope), exchange.status, seconds))
        log.info(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=exchange.status,
            milliseconds=round(seconds * 1000, 1),
            trace_id=exchange.trace_id,
        )
        if exchange.status != 429:  # what is refused costs nobody a question
            await self.limiter.settle(scope["state"].get("owed", ()))

    async def _pass(self, exchange: _Exchange, headers: MutableMapping[bytes, bytes], receive: Receive) -> None:
        """Everything that a request must keep to, cheapest first; then the application."""
        scope = exchange.scope
        _check_head(scope)
        address = scope["client"][0] if scope.get("client") else ""
        address = client_address(address, _all(scope, b"x-forwarded-for"), self.surface.proxies)
        scope["client"] = (address, 0)
        scope["headers"] = [item for item in scope["headers"] if item[0] not in _FORWARDED]
        exchange.standing = await self._admit(scope, address)
        self._check_origin(headers)
        checked = await self._checked_body(scope, headers, receive)
        if checked is not None:
            await self.app(scope, checked, exchange.answer)

    async def _admit(self, scope: Scope, address: str) -> Standing | None:
        """429 for an address that asks too often. All processes count; but for doors, together with the user."""
        each = Ask(self.surface.each, address)
        if self.surface.entries.fullmatch(scope["path"]):
            standing = await self.limiter.take(each, Ask(self.surface.doors, address))
        else:
            standing = self.limiter.take_here(each)
            scope["state"]["owed"] = [each]
        if standing is not None and standing.retry_after:
            raise too_often(standing)
        return standing

    def _check_origin(self, headers: MutableMapping[bytes, bytes]) -> None:
        """403 for a page of somebody else. Programs send no Origin; a browser cannot leave it out of what changes."""
        origin = headers.get(b"origin")
        if origin is None:
            return
        host = headers.get(b"host", b"").decode("latin-1")
        if not is_allowed(origin.decode("latin-1"), host, self.surface.pages, self.surface.own):
            detail = (
                "Pages of other origins may not use this API. The operator can allow one by SKYCLUST_ALLOWED_ORIGINS."
            )
            raise Problem(403, "foreign-origin", "This page may not ask here", detail)

    async def _checked_body(
        self, scope: Scope, headers: MutableMapping[bytes, bytes], receive: Receive
    ) -> Receive | None:
        """A `receive` whose body has been looked at; None when the client has gone meanwhile."""
        declared = headers.get(b"content-length", b"0")
        if b"transfer-encoding" not in headers and declared == b"0":
            return receive
        if not declared.isdigit() or int(declared) > bodies.MAX_BODY_BYTES:
            raise bodies.too_large()
        raw = await bodies.read(receive)
        if raw is None:
            return None
        if raw:
            form = scope["path"] in self.surface.forms
            bodies.check_type(headers, bodies.FORM if form else bodies.JSON)
            if not form:
                bodies.check_json(raw)
        return bodies.replayed(raw, receive)


def _last_resort(error: Exception, trace_id: str) -> Problem:
    """Log what nobody foresaw; the client is told where to look, and nothing else."""
    if is_connection_lost(error):
        log.warning("the database does not answer", trace_id=trace_id, error=type(error).__name__)
        return unavailable()
    log.error("unexpected error", trace_id=trace_id, exc_info=error)
    return internal()


def template_of(scope: Scope) -> str:
    """The path with names in place of values; "" when no route was met.

    A route knows the path within its own router only: what stands before it is taken from the request.
    """
    route = scope.get("route")
    if route is None:
        return ""
    within = [part for part in str(getattr(route, "path_format", route.path)).split("/") if part]
    before = scope["path"].split("/")[: -len(within) or None]
    for name, value in scope.get("path_params", {}).items():
        if str(value) in before and not any(f"{{{name}}}" in part for part in within):
            before[before.index(str(value))] = f"{{{name}}}"
    return "/".join([*before, *within])


def _check_head(scope: Scope) -> None:
    """431 for endless headers, 400 for what no text can hold."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        detail = f"Headers may have at most {MAX_HEADER_BYTES} bytes together."
        raise Problem(431, "headers-too-large", "The request's headers are too large", detail)
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        detail = "The address holds the character NUL (%00). Leave it out."
        raise Problem(400, "bad-address", "The address cannot be read", detail)


def _all(scope: Scope, name: bytes) -> str:
    """Every value of a header that may come several times, in order."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _trace_id(headers: MutableMapping[bytes, bytes]) -> str:
    """W3C traceparent's or X-Request-Id's when it is a plain hex id; else a new one."""
    parent = headers.get(b"traceparent", b"").decode("latin-1").split("-")
    wanted = parent[1] if len(parent) == 4 else headers.get(b"x-request-id", b"").decode("latin-1")
    return wanted if _TRACE_ID.match(wanted) else secrets.token_hex(16)
