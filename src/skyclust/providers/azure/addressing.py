"""CIDR arithmetic for virtual networks and AKS: one block for nodes, ranges for pods and services elsewhere. Pure.

With Azure CNI Overlay only nodes take addresses of the network; pods and services live in ranges of their own, which
overlap neither the network nor what it is connected to:
https://learn.microsoft.com/azure/aks/azure-cni-overlay#ip-address-planning
"""

from __future__ import annotations

import ipaddress

Block = ipaddress.IPv4Network

#: Azure keeps five addresses of a subnet: https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
RESERVED_ADDRESSES = 5
SMALLEST_SUBNET_PREFIX = 29
LARGEST_NETWORK_PREFIX = 8
#: Ranges that AKS and Azure keep for themselves: https://learn.microsoft.com/azure/aks/configure-azure-cni
_PROHIBITED = tuple(
    ipaddress.IPv4Network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.30.0.0/15", "192.0.2.0/24", "224.0.0.0/3",
                 "168.63.129.16/32")
)  # fmt: skip
#: A node takes a /24 of the pods' range.
_POD_RANGES = tuple(ipaddress.IPv4Network(text) for text in ("10.244.0.0/16", "172.20.0.0/16", "192.168.0.0/16"))
_SERVICE_RANGES = tuple(ipaddress.IPv4Network(text) for text in ("10.255.0.0/20", "172.29.0.0/20", "100.64.0.0/20"))


def parse_block(text: str) -> Block | None:
    """The IPv4 block, None when it is malformed or has host bits."""
    try:
        return ipaddress.IPv4Network(text, strict=True)
    except ValueError:
        return None


def prohibited(block: Block) -> Block | None:
    """The range that Azure does not allow and that `block` overlaps."""
    return next((bad for bad in _PROHIBITED if block.overlaps(bad)), None)


def carve(block: Block) -> Block | None:
    """The first half of a network for the nodes; the rest stays free. None when it is too small for two nodes."""
    prefix = block.prefixlen + 1
    return next(block.subnets(new_prefix=prefix)) if prefix <= SMALLEST_SUBNET_PREFIX else None


def room(block: Block) -> int:
    """How many nodes a subnet has addresses for."""
    return max(block.num_addresses - RESERVED_ADDRESSES, 0)


def largest_prefix_for(nodes: int) -> int:
    """The smallest network (as a prefix length) that `carve` makes room for `nodes` in."""
    for prefix in range(SMALLEST_SUBNET_PREFIX - 1, LARGEST_NETWORK_PREFIX - 1, -1):
        nodes_block = carve(ipaddress.IPv4Network((0, prefix)))
        if nodes_block is not None and room(nodes_block) >= nodes:
            return prefix
    return LARGEST_NETWORK_PREFIX


def pods_range(taken: Block | None) -> str:
    """The usual range for pods that does not overlap the network's."""
    return _free(_POD_RANGES, taken)


def services_range(taken: Block | None) -> str:
    """Likewise for services."""
    return _free(_SERVICE_RANGES, taken)


def dns_address(services: str) -> str:
    """The tenth address of the services' range, as AKS has it by default; "" when the range is none."""
    block = parse_block(services)
    return str(block[10]) if block is not None and block.num_addresses > 10 else ""


def _free(candidates: tuple[Block, ...], taken: Block | None) -> str:
    return str(next((block for block in candidates if taken is None or not block.overlaps(taken)), candidates[0]))
