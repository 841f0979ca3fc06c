"""CIDR blocks: what is refused, what is offered instead."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from skyclust.contract.specs import NetworkSpec, SubnetSpec
from skyclust.networks.cidrs import free_block, free_subnet, network_cidr_errors, overlapping, parse_cidr

blocks = some.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    some.integers(0x0A000000, 0x0AFFFFFF),
    some.integers(12, 28),
)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("10.0.0.0", "10.0.0.0/32"),
        ("10.0.0.0/99", "Write it like"),
        ("10.0.0.7/16", "10.0.0.0/16"),
        ("300.0.0.0/16", "Write it like"),
        ("fd00::/64", "IPv4"),
        ("ten", "Write it like"),
    ],
)
def test_what_is_no_block_gets_a_hint(text, hint):
    told = parse_cidr(text)
    assert isinstance(told, str)
    assert hint in told


@given(some.lists(blocks, max_size=12), some.integers(16, 26))
def test_a_free_block_overlaps_nothing(taken, prefix):
    found = IPv4Network(free_block([str(block) for block in taken], prefix))
    assert found.prefixlen == prefix
    if free_subnet(IPv4Network("10.0.0.0/8"), taken, prefix) is not None:
        assert not overlapping(found, {str(block): str(block) for block in taken})


@given(blocks, some.lists(blocks, max_size=8), some.integers(12, 30))
def test_a_free_subnet_is_inside_apart_and_found_whenever_there_is_one(block, taken, prefix):
    found = free_subnet(block, taken, prefix)
    if found is not None:
        assert found.subnet_of(block)
        assert not any(found.overlaps(other) for other in taken)
    elif prefix >= block.prefixlen and prefix - block.prefixlen <= 8:
        assert all(any(part.overlaps(other) for other in taken) for part in block.subnets(new_prefix=prefix))


def test_errors_name_the_field_and_a_free_block():
    spec = NetworkSpec(
        "n", "r", "10.0.0.0/16",
        subnets=(SubnetSpec("a", "10.0.0.0/24"), SubnetSpec("b", "10.0.0.128/25"), SubnetSpec("c", "10.1.0.0/24")),
    )  # fmt: skip
    errors = {error.pointer: error.detail for error in network_cidr_errors(spec, {"old": "10.0.128.0/17"}, "/network")}
    assert set(errors) == {
        "/network/cidr_block",
        "/network/subnets/1/cidr_block",
        "/network/subnets/2/cidr_block",
    }
    assert "10.1.0.0/16" in errors["/network/cidr_block"]
    assert "10.0.1.0/25" in errors["/network/subnets/1/cidr_block"]
