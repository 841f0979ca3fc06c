"""CIDR arithmetic for GKE: ranges for nodes, pods and services out of one block. Pure.

Rules: https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips (a node takes a /24 of pods with the default
of 110 pods) and https://cloud.google.com/vpc/docs/subnets#valid-ranges.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Block = ipaddress.IPv4Network

PODS_PER_NODE_PREFIX = 24
#: Google keeps four addresses of a primary range.
RESERVED_ADDRESSES = 4
SMALLEST_SERVICES_PREFIX = 27
SMALLEST_SUBNET_PREFIX = 29
LARGEST_CLUSTER_PREFIX = 8
#: https://cloud.google.com/vpc/docs/subnets#additional-ipv4-considerations
DOCKER = ipaddress.IPv4Network("172.17.0.0/16")
_PROHIBITED = tuple(
    ipaddress.IPv4Network(text)
    for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "199.36.153.4/30", "199.36.153.8/30")
)


@dataclass(frozen=True, slots=True)
class ClusterRanges:
    """Where nodes, pods and services of a cluster live inside the network's block."""

    nodes: Block
    pods: Block
    services: Block

    def max_nodes(self) -> int:
        """How many nodes fit: each takes an address of `nodes` and a /24 of `pods`."""
        return min(room_of_pods(str(self.pods)), room_of_nodes(str(self.nodes)))


def room_of_nodes(block: str) -> int:
    """How many nodes have an address in a primary range."""
    parsed = parse_block(block)
    return max(parsed.num_addresses - RESERVED_ADDRESSES, 0) if parsed is not None else 0


def room_of_pods(block: str) -> int:
    """How many nodes find a /24 for their Pods in a secondary range."""
    parsed = parse_block(block)
    if parsed is None or parsed.prefixlen > PODS_PER_NODE_PREFIX:
        return 0
    return int(2 ** (PODS_PER_NODE_PREFIX - parsed.prefixlen))


def parse_block(text: str) -> Block | None:
    """The IPv4 block, None when it is malformed or has host bits."""
    try:
        return ipaddress.IPv4Network(text, strict=True)
    except ValueError:
        return None


def prohibited(block: Block) -> Block | None:
    """The range of https://cloud.google.com/vpc/docs/subnets#prohibited-ranges that `block` overlaps."""
    return next((bad for bad in _PROHIBITED if block.overlaps(bad)), None)


def carve(block: Block) -> ClusterRanges | None:
    """Upper half for pods, first sixteenth for nodes, the next (at most a /20) for services; the rest stays free.

    None when the block is too small for even one node.
    """
    nodes_prefix = block.prefixlen + 4
    services_prefix = max(nodes_prefix, 20)
    pods_prefix = block.prefixlen + 1
    if services_prefix > SMALLEST_SERVICES_PREFIX or pods_prefix > PODS_PER_NODE_PREFIX:
        return None
    base = int(block.network_address)
    nodes = ipaddress.IPv4Network((base, nodes_prefix))
    services = ipaddress.IPv4Network((base + nodes.num_addresses, services_prefix))
    pods = ipaddress.IPv4Network((base + block.num_addresses // 2, pods_prefix))
    return ClusterRanges(nodes, pods, services)


def largest_prefix_for(nodes: int) -> int:
    """The smallest block (as a prefix length) that `carve` makes room for `nodes` in."""
    for prefix in range(23, LARGEST_CLUSTER_PREFIX - 1, -1):
        ranges = carve(ipaddress.IPv4Network((0, prefix)))
        if ranges is not None and ranges.max_nodes() >= nodes:
            return prefix
    return LARGEST_CLUSTER_PREFIX
