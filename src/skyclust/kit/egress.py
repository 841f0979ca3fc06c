"""The one way out: every HTTP request to an address that a person gave leaves through here.

Called by slices that follow a user's or an operator's URL (webhooks, identity providers); clouds are reached by their
SDKs. Invariant: the name is resolved once, every address it has is checked, and the connection goes to the address that
was checked; so neither odd spellings nor a name that changes its answer lead inside. Redirects are never followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

#: Networks that only look public: addresses that a gateway translates into private ones.
_TRANSLATED = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
_CARRIER_GRADE = ipaddress.ip_network("100.64.0.0/10")


class EgressError(Exception):
    """The request was not made, or its answer not read. The text says why, and may be shown."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How far a request may reach.

    inside     also private and loopback addresses, and plain HTTP there: for what the operator configured, not a user
    ports      allowed ports; None = any
    seconds    for the whole exchange
    max_bytes  of the answer
    """

    inside: bool = False
    ports: frozenset[int] | None = frozenset({443})
    seconds: float = 5.0
    max_bytes: int = 1_048_576


FOR_USERS = Policy()
FOR_OPERATORS = Policy(inside=True, ports=None)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the URL as given, and the address that was checked."""

    url: httpx.URL
    address: str


async def resolve_name(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def aim(url: str, policy: Policy, resolve: Resolve = resolve_name) -> Target:
    """Check the URL and every address of its host; EgressError says what is wrong."""
    parsed = _parsed(url, policy)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    if policy.ports is not None and port not in policy.ports:
        raise EgressError(f"Port {port} is not allowed; use {', '.join(map(str, sorted(policy.ports)))}.")
    try:
        addresses = await resolve(parsed.host, port)
    except (OSError, UnicodeError):
        raise EgressError(f"The name {parsed.host} does not resolve.") from None
    if not addresses:
        raise EgressError(f"The name {parsed.host} does not resolve.")
    if not policy.inside:
        for text in addresses:
            if not is_public(text):
                raise EgressError(f"{parsed.host} is an address inside; only public addresses are allowed.")
    return Target(parsed, addresses[0])


def is_public(text: str) -> bool:
    """True for addresses of the open internet, whatever notation or translation hides an inner one."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in _TRANSLATED):
            return False
    elif address in _CARRIER_GRADE:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def request(
    method: str,
    url: str,
    *,
    policy: Policy = FOR_USERS,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    resolve: Resolve = resolve_name,
    verify: ssl.SSLContext | None = None,
) -> Reply:
    """One request, no redirects, an answer of limited size in limited time. EgressError otherwise."""
    try:
        async with asyncio.timeout(policy.seconds):
            target = await aim(url, policy, resolve)
            return await _send(method, target, policy, dict(headers or {}), form, content, verify)
    except TimeoutError:
        raise EgressError(f"No answer within {policy.seconds:g} s.") from None


async def _send(
    method: str,
    target: Target,
    policy: Policy,
    headers: dict[str, str],
    form: Mapping[str, str] | None,
    content: bytes | None,
    verify: ssl.SSLContext | None,
) -> Reply:
    """To the address that was checked; certificate and Host header are those of the name."""
    host = target.url.netloc.decode("ascii")
    pinned = target.url.copy_with(host=target.address)
    trusted = verify if verify is not None else ssl.create_default_context()
    client = httpx.AsyncClient(verify=trusted, follow_redirects=False, trust_env=False, timeout=policy.seconds)
    sent = {**headers, "host": host, "accept-encoding": "identity"}  # a small answer cannot swell
    try:
        async with (
            client,
            client.stream(
                method, pinned, headers=sent, data=form, content=content,
                extensions={"sni_hostname": target.url.host},
            ) as answer,
        ):  # fmt: skip
            if answer.is_redirect:
                raise EgressError("The address answers with a redirect; give the final address.")
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > policy.max_bytes:
                    raise EgressError(f"The answer is larger than {policy.max_bytes} bytes.")
            return Reply(answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, body)
    except httpx.HTTPError as error:
        raise EgressError(f"{target.url.host} could not be reached ({type(error).__name__}).") from error


def _parsed(url: str, policy: Policy) -> httpx.URL:
    if len(url) > 2048 or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url) or "\\" in url:
        raise EgressError("This is not a URL.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise EgressError("This is not a URL.") from None
    allowed = ("https", "http") if policy.inside else ("https",)
    if parsed.scheme not in allowed:
        raise EgressError(f"The URL must begin with {' or '.join(f'{scheme}://' for scheme in allowed)}.")
    if not parsed.host:
        raise EgressError("The URL names no host.")
    if parsed.userinfo:
        raise EgressError("The URL must not hold a user name or password.")
    return parsed
