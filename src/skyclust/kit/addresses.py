"""Whose request it is when proxies stand in front. Called by the guard in http.py, before limits and audit see it.

Pure. Invariant: a forwarded address counts only as far as every hop after it is a proxy the operator named; so nobody
can choose the address under which they are limited, locked out or written down.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and CIDR blocks; ValueError names the one that is neither."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts if text.strip())


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is no trusted proxy. `forwarded` is X-Forwarded-For; its end was written last."""
    current = peer
    for hop in reversed(forwarded.split(",")):
        if not is_in(current, trusted) or not _is_address(hop.strip()):
            break
        current = hop.strip()
    return current


def is_in(address: str, among: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks; IPv4 written as IPv6 counts as IPv4."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in among)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
