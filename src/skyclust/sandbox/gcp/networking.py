"""Address-range rules of VPC networks: parsing, overlap, sizes. Pure; used wherever ranges are given.

Rules: https://cloud.google.com/vpc/docs/subnets#valid-ranges (primary /8../29, secondary /4../32 within usable space,
no overlap inside one network or its peers).
"""

import ipaddress
from collections.abc import Iterable

from skyclust.sandbox.gcp.errors import GoogleError, invalid, invalid_field

Range = ipaddress.IPv4Network
_PROHIBITED = [
    ipaddress.IPv4Network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
                 "199.36.153.4/30", "199.36.153.8/30")
]  # fmt: skip


def parse_range(field: str, text: object) -> Range:
    """An IPv4 range whose host bits are zero, or Google's refusal."""
    try:
        return ipaddress.IPv4Network(str(text), strict=True)
    except ValueError:
        raise invalid_field(field, text, "Must be a valid CIDR IPv4 address range with the host bits zero.") from None


def parse_any_range(field: str, text: object) -> None:
    """A firewall's source or destination: an IPv4 or IPv6 address or range."""
    try:
        ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        raise invalid_field(field, text, "Must be a valid CIDR address range.") from None


def check_primary(field: str, found: Range) -> None:
    if not 4 <= found.prefixlen <= 29:
        raise invalid_field(field, found, "The prefix length must be between 4 and 29.")
    _check_allowed(field, found)


def check_secondary(field: str, found: Range) -> None:
    if not 4 <= found.prefixlen <= 32:
        raise invalid_field(field, found, "The prefix length must be between 4 and 32.")
    _check_allowed(field, found)


def _check_allowed(field: str, found: Range) -> None:
    for prohibited in _PROHIBITED:
        if found.overlaps(prohibited):
            raise invalid_field(field, found, f"The range overlaps the prohibited range {prohibited}.")


def check_no_overlap(found: Range, others: Iterable[tuple[str, str]], *, network: str) -> None:
    """Refuse a range that overlaps any (range, owner's path) of the same network."""
    for text, owner in others:
        if found.overlaps(ipaddress.IPv4Network(text)):
            raise invalid(
                f"Invalid IPCidrRange: {found} conflicts with existing subnetwork '{owner}' in network '{network}'."
            )


def check_disjoint(ranges: list[Range]) -> None:
    for index, first in enumerate(ranges):
        for second in ranges[index + 1 :]:
            if first.overlaps(second):
                raise invalid(f"Invalid IPCidrRange: {first} conflicts with {second} of the same subnetwork.")


def gateway_of(found: Range) -> str:
    return str(found.network_address + 1)


def carve(prefix: int, taken: Iterable[str], inside: str) -> str:
    """The first free block of `prefix` length in `inside`; GKE does this for ranges it picks itself."""
    used = [ipaddress.IPv4Network(text) for text in taken]
    for candidate in ipaddress.IPv4Network(inside).subnets(new_prefix=prefix):
        if not any(candidate.overlaps(other) for other in used):
            return str(candidate)
    raise GoogleError(400, "badRequest", f"There is no free /{prefix} range left in {inside}.")
