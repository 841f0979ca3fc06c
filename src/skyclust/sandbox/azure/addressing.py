"""Address rules of virtual networks: notation, allowed ranges, sizes, overlap, usable addresses. Pure.

Rules: https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (subnets of /2 to /29, five addresses of
each reserved, ranges that cannot be used).
"""

import ipaddress
from collections.abc import Iterable
from typing import Any

from skyclust.sandbox.azure.errors import bad_request

Range = ipaddress.IPv4Network
RESERVED = 5  # the network's own, the gateway, two for DNS, the broadcast address
_PROHIBITED = [
    Range(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "224.0.0.0/4", "255.255.255.255/32")
]


def parse_prefix(text: Any, owner: str) -> Range:
    try:
        loose = ipaddress.IPv4Network(str(text), strict=False)
    except ValueError:
        raise bad_request(
            "InvalidAddressPrefixFormat",
            f"Address prefix {text} of resource {owner} is not formatted correctly. It should follow CIDR notation, "
            "for example 10.0.0.0/24.",
        ) from None
    if str(loose.network_address) != str(text).partition("/")[0]:
        raise bad_request(
            "InvalidCIDRNotation",
            f"The address prefix {text} in resource {owner} has an invalid CIDR notation. For the given prefix "
            f"length, the address prefix should be {loose}.",
        )
    for prohibited in _PROHIBITED:
        if loose.overlaps(prohibited):
            raise bad_request(
                "AddressPrefixNotAllowed",
                f"The address prefix {text} of resource {owner} overlaps the reserved range {prohibited}.",
            )
    return loose


def parse_space(texts: Iterable[Any], owner: str) -> list[Range]:
    """The address space of a virtual network."""
    found = [parse_prefix(text, owner) for text in texts]
    if not found:
        raise bad_request("InvalidVirtualNetworkAddressSpace", f"Virtual network {owner} must have an address space.")
    for index, one in enumerate(found):
        if not 2 <= one.prefixlen <= 29:
            raise bad_request(
                "InvalidVirtualNetworkAddressSpace", f"The address prefix {one} of {owner} must be /2 to /29."
            )
        if any(one.overlaps(other) for other in found[index + 1 :]):
            raise bad_request("AddressSpaceOverlap", f"The address prefixes of virtual network {owner} overlap: {one}.")
    return found


def check_subnet(
    name: str, network: str, ranges: list[Range], space: list[Range], others: dict[str, list[Range]]
) -> None:
    """A subnet lies inside the network's space, overlaps no other, and is large enough for the reserved addresses."""
    for one in ranges:
        if not any(one.subnet_of(prefix) for prefix in space):
            raise bad_request(
                "NetcfgInvalidSubnet",
                f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of "
                f"virtual network '{network}'.",
            )
        if one.prefixlen > 29:
            raise bad_request(
                "NetcfgInvalidSubnet",
                f"Subnet '{name}' is not valid in virtual network '{network}': the smallest subnet is /29.",
            )
        if any(one.overlaps(taken) for given in others.values() for taken in given):
            raise bad_request(
                "NetcfgSubnetRangesOverlap",
                f"Subnet '{name}' is not valid because its IP address range overlaps with that of an existing "
                f"subnet in virtual network '{network}'.",
            )


def usable(ranges: Iterable[Range]) -> int:
    return sum(one.num_addresses - RESERVED for one in ranges)


def address_at(one: Range, index: int) -> str:
    """The `index`-th address that may be given out, round and round."""
    return str(one[4 + index % max(one.num_addresses - RESERVED, 1)])


def overlapping(mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """The prefixes of the first that overlap any of the second."""
    others = [Range(text) for text in theirs]
    return [text for text in mine if any(Range(text).overlaps(other) for other in others)]
