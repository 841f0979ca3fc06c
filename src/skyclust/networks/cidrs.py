"""CIDR blocks: well formed, inside one another, apart from each other. Pure; called while parsing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, ip_network

from skyclust.contract.specs import NetworkSpec
from skyclust.kit.problems import FieldError

#: Where networks that nobody gave a block are put, first free one first.
PRIVATE = IPv4Network("10.0.0.0/8")


def parse_cidr(text: str) -> IPv4Network | str:
    """The block, or what is wrong with it and what to write instead."""
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        return f"{text!r} is no CIDR block. Write it like 10.0.0.0/16."
    if not isinstance(loose, IPv4Network):
        return "Only IPv4 blocks are possible here. Write it like 10.0.0.0/16."
    if str(loose) != text:
        return f"{text} has bits set right of its prefix. Did you mean {loose}?"
    return loose


def network_cidr_errors(spec: NetworkSpec, taken: Mapping[str, str], at: str = "") -> Iterator[FieldError]:
    """What is wrong with the blocks of a network and its subnets. `taken` are blocks of other networks by name."""
    block = parse_cidr(spec.cidr_block)
    if isinstance(block, str):
        yield FieldError(f"{at}/cidr_block", block)
        return
    for name, other in overlapping(block, taken):
        free = free_block(taken.values(), block.prefixlen)
        yield FieldError(
            f"{at}/cidr_block",
            f"{block} overlaps {other} of your network {name!r} in the same region. Use another block, such as {free}.",
        )
    yield from subnet_cidr_errors(block, [(s.name, s.cidr_block) for s in spec.subnets], at)


def subnet_cidr_errors(
    block: IPv4Network, subnets: Sequence[tuple[str, str]], at: str = "", first: int = 0
) -> Iterator[FieldError]:
    """What is wrong with subnets, those before `first` being right already. Pointers are /subnets/<index>."""
    seen: list[tuple[str, IPv4Network]] = []
    for index, (name, text) in enumerate(subnets):
        pointer = f"{at}/subnets/{index}/cidr_block"
        subnet = parse_cidr(text)
        if isinstance(subnet, str):
            if index >= first:
                yield FieldError(pointer, subnet)
            continue
        if index >= first:
            if not subnet.subnet_of(block):
                yield FieldError(pointer, f"{subnet} is not inside the network's {block}. Choose a part of it.")
            for other_name, other in seen:
                if subnet.overlaps(other):
                    free = free_subnet(block, [item for _, item in seen], subnet.prefixlen)
                    remedy = f" Free: {free}." if free else " No block of this size is free in the network."
                    yield FieldError(pointer, f"{subnet} overlaps {other} of the subnet {other_name!r}.{remedy}")
        seen.append((name, subnet))


def overlapping(block: IPv4Network, taken: Mapping[str, str]) -> list[tuple[str, IPv4Network]]:
    """Networks by name whose block overlaps."""
    others = [(name, parse_cidr(text)) for name, text in taken.items()]
    return [(name, other) for name, other in others if isinstance(other, IPv4Network) and block.overlaps(other)]


def free_block(taken: Iterable[str], prefix: int = 16) -> str:
    """The first block of 10.0.0.0/8 with this prefix that overlaps none of `taken`; the first of all when all are."""
    others = [block for block in map(parse_cidr, taken) if isinstance(block, IPv4Network)]
    size = max(prefix, PRIVATE.prefixlen)
    found = free_subnet(PRIVATE, others, size)
    return str(found or next(PRIVATE.subnets(new_prefix=size)))


def free_ranges(within: IPv4Network, taken: Iterable[IPv4Network], prefix: int) -> Iterator[IPv4Network]:
    """Every part of `within` with this prefix that overlaps none of `taken`, lowest first; made as it is asked for."""
    if prefix < within.prefixlen:
        return
    step = 1 << (32 - prefix)
    address, end = int(within.network_address), int(within.broadcast_address)
    for other in [*sorted(taken, key=lambda block: block.network_address), None]:
        until = min(int(other.network_address), end + 1) if other is not None else end + 1
        while address + step <= until:
            yield IPv4Network((address, prefix))
            address += step
        if other is not None:
            address = max(address, -(-(int(other.broadcast_address) + 1) // step) * step)


def free_subnet(block: IPv4Network, taken: Sequence[IPv4Network], prefix: int) -> IPv4Network | None:
    """The first part of `block` with this prefix that overlaps none of `taken`."""
    return next(free_ranges(block, taken, prefix), None)
