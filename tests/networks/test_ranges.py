"""Ranges over all clouds: what is free, what overlaps whom, what a cloud has against a proposal."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from skyclust.contract.specs import NetworkSpec
from skyclust.networks.cidrs import free_ranges
from skyclust.networks.ranges import MOST_TOLD, Range, kept_or_free, overlap_findings, propose, to_avoid
from skyclust.providers import aws, azure, gcp

TEN = IPv4Network("10.0.0.0/8")
blocks = some.builds(
    lambda address, prefix: IPv4Network((address, prefix), strict=False),
    some.integers(0x0A000000, 0x0A0FFFFF),
    some.integers(12, 26),
)
wholes = some.builds(lambda step: IPv4Network((0x0A000000 + (step << 12), 20)), some.integers(0, 255))


def taken_by(*texts, use="network", provider="aws", account="1", region="us-east-1"):
    return [Range(IPv4Network(text), use, f"n{i}", provider, account, region) for i, text in enumerate(texts)]


@given(wholes, some.lists(blocks, max_size=10), some.integers(20, 26))
def test_free_ranges_are_exactly_the_parts_that_overlap_nothing(within, taken, prefix):
    expected = [part for part in within.subnets(new_prefix=prefix) if not any(part.overlaps(b) for b in taken)]
    assert list(free_ranges(within, taken, prefix)) == expected


def test_a_range_larger_than_where_one_looks_is_nowhere_free():
    assert list(free_ranges(IPv4Network("10.0.0.0/24"), [], 16)) == []


@given(some.lists(blocks, max_size=10), blocks)
def test_what_is_kept_or_chosen_overlaps_nothing_while_there_is_room(taken, block):
    avoided = [str(other) for other in taken]
    settled = IPv4Network(kept_or_free(str(block), avoided))
    assert settled.prefixlen == block.prefixlen
    assert not any(settled.overlaps(other) for other in taken)
    if not any(block.overlaps(other) for other in taken):
        assert settled == block


def test_an_overlap_names_the_other_network_its_cloud_and_region_and_a_free_range():
    taken = [
        *taken_by("10.0.0.0/16", provider="gcp", region="europe-west1"),
        *taken_by("10.0.128.0/20", use="services", provider="azure", region="koreacentral"),
        *taken_by("10.9.0.0/16"),
    ]
    first, second = overlap_findings("10.0.0.0/16", taken, "/network")
    assert (first.severity, first.field, first.code) == ("warning", "/network/cidr_block", "overlap")
    for word in ("network 'n0'", "gcp", "europe-west1", "peered", "routed", "10.1.0.0/16"):
        assert word in first.message
    for word in ("cluster 'n0' (services)", "azure", "koreacentral"):
        assert word in second.message
    assert overlap_findings("10.2.0.0/16", taken) == ()
    assert {finding.severity for finding in overlap_findings("10.0.0.0/16", taken, refuse=True)} == {"error"}


def test_a_plan_tells_of_so_many_overlaps_and_counts_the_others():
    found = overlap_findings("10.0.0.0/16", taken_by(*[f"10.0.{i}.0/24" for i in range(MOST_TOLD + 3)]))
    assert len(found) == MOST_TOLD + 1
    assert "3 more" in found[-1].message


def test_what_is_in_ones_own_place_counts_alone_where_everything_is_taken():
    everything = taken_by(*[f"10.{i}.0.0/16" for i in range(256)], provider="gcp")
    here = taken_by("10.0.0.0/16")
    assert len(to_avoid([*everything[2:], *here], "aws", "1", "us-east-1")) == 255
    assert to_avoid([*everything, *here], "aws", "1", "us-east-1") == ["10.0.0.0/16"]


@pytest.mark.parametrize(
    ("provider", "region", "within", "prefix", "first"),
    [
        (aws, "us-east-1", "172.16.0.0/14", 16, ["172.16.0.0/16", "172.18.0.0/16", "172.19.0.0/16"]),
        (gcp, "europe-west1", "172.16.0.0/14", 16, ["172.16.0.0/16", "172.18.0.0/16", "172.19.0.0/16"]),
        (azure, "koreacentral", "172.28.0.0/14", 16, ["172.28.0.0/16", "172.29.0.0/16"]),
    ],
)
def test_ranges_that_a_cloud_objects_to_are_not_proposed(provider, region, within, prefix, first):
    found = propose(IPv4Network(within), prefix, [], 3, provider.provider({}), region)
    assert [str(block) for block in found.blocks] == first
    assert found.objection


def test_a_size_that_a_cloud_does_not_take_is_told_in_its_words():
    found = propose(TEN, 12, [], 3, aws.provider({}), "us-east-1")
    assert (found.blocks, "between /16 and /28" in found.objection) == ((), True)
    assert propose(TEN, 12, [], 2, None, "").blocks == (IPv4Network("10.0.0.0/12"), IPv4Network("10.16.0.0/12"))


@pytest.mark.parametrize(("provider", "region"), [(aws, "us-east-1"), (gcp, "europe-west1")])
def test_the_range_of_docker_is_a_warning_of_the_cloud(provider, region):
    found = provider.provider({}).validate_network(NetworkSpec("net", region, "172.17.0.0/16", carve=False))
    assert [(item.severity, item.code) for item in found] == [("warning", "docker")]
