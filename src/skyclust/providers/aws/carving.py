"""Cut a network's range into subnets. Called by the blueprint and by validation. Pure.

Invariant: subnets of one network never overlap, and the same input always gives the same ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

#: "Subnet CIDR blocks", VPC user guide: /16 to /28, and AWS keeps five addresses of each.
LARGEST_PREFIX, SMALLEST_PREFIX, RESERVED_ADDRESSES = 16, 28, 5
#: Public subnets hold gateways and load balancers only, so they may be this many bits smaller.
PUBLIC_BITS = 2


@dataclass(frozen=True, slots=True)
class Carved:
    """Ranges by zone order. `private` is empty when nodes are to sit in public subnets."""

    public: tuple[IPv4Network, ...]
    private: tuple[IPv4Network, ...]


class TooSmallError(ValueError):
    """The range does not hold that many subnets."""


def carve(network: IPv4Network, zones: int, *, private: bool) -> Carved:
    """Machines get the lower half in equal parts; what faces the internet gets a corner of the upper half."""
    bits = (zones - 1).bit_length()
    large = network.prefixlen + 1 + bits
    if large > SMALLEST_PREFIX:
        raise TooSmallError(f"{network} is too small for subnets in {zones} zones")
    lower, upper = network.subnets(prefixlen_diff=1)
    machines = tuple(lower.subnets(new_prefix=large))[:zones]
    if not private:
        return Carved(machines, ())
    small = min(large + PUBLIC_BITS, SMALLEST_PREFIX)
    return Carved(tuple(upper.subnets(new_prefix=small))[:zones], machines)


def usable_addresses(network: IPv4Network) -> int:
    """Addresses AWS leaves for machines and pods."""
    return network.num_addresses - RESERVED_ADDRESSES
