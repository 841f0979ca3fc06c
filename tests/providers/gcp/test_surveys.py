"""Surveys of Google Cloud: what lists cannot show is left open, and what is not of the region is left out."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from skyclust.contract.resources import Mark
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, NodePoolSpec, SecurityGroupSpec
from skyclust.contract.surveys import Known
from skyclust.providers.gcp.surveys import pool_owner

REGION = "asia-northeast3"
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")


def surveyed(sandbox, known=None, region=REGION):
    session = sandbox.provider.connect(sandbox.credential, region)
    return asyncio.run(sandbox.provider.survey(session, known or {}))


def create(sandbox, kind, spec, mark=MARK, region=REGION):
    session = sandbox.provider.connect(sandbox.credential, region)
    made = asyncio.run(sandbox.provider.driver(kind).create(session, mark, spec))
    sandbox.control("POST", "clock", {"advance_seconds": 600})
    return made


def make_network(sandbox):
    return create(sandbox, "gcp.compute.network", {"name": "net", "routing_mode": "REGIONAL", "mtu": 1460})


def test_a_network_is_seen_from_every_region(sandbox):
    made = make_network(sandbox)
    for region in (REGION, "us-central1"):
        sighted = surveyed(sandbox, region=region).sightings
        assert [(item.external_id, item.owner.resource_id) for item in sighted] == [
            (made.external_id, MARK.resource_id)
        ]
        assert sighted[0].created_at is not None


def test_a_subnetwork_is_seen_from_its_region_and_where_it_is_known(sandbox):
    network = make_network(sandbox)
    spec = {
        "name": "nodes", "region": "us-central1", "network": network.external_id, "cidr_block": "10.0.0.0/24",
        "secondary_ranges": {}, "private_google_access": True,
    }  # fmt: skip
    mark = replace(MARK, resource_id=UUID(int=3))
    made = create(sandbox, "gcp.compute.subnetwork", spec, mark, region="us-central1")
    assert made.external_id not in {item.external_id for item in surveyed(sandbox).sightings}
    known = {"gcp.compute.subnetwork": (Known("gcp.compute.subnetwork", made.external_id, spec),)}
    assert made.external_id in {item.external_id for item in surveyed(sandbox, known).sightings}


def test_what_an_operation_is_deleting_is_left_out(sandbox):
    made = make_network(sandbox)
    session = sandbox.provider.connect(sandbox.credential, REGION)
    driver = sandbox.provider.driver("gcp.compute.network")
    asyncio.run(driver.delete(session, made.external_id, {"name": "net"}, MARK))
    assert surveyed(sandbox).sightings == ()


@pytest.mark.parametrize(
    ("permission", "kinds"),
    [
        ("compute.routers.list", {"gcp.compute.router"}),
        ("container.clusters.list", {"gcp.container.cluster", "gcp.container.node_pool"}),
        ("iam.serviceAccounts.list", {"gcp.iam.service_account"}),
    ],
)
def test_a_kind_that_may_not_be_listed_is_unread(sandbox, permission, kinds):
    made = make_network(sandbox)
    sandbox.control("POST", "actions/gcp/deny_permissions", {"permissions": [permission]})
    try:
        seen = surveyed(sandbox)
    finally:
        sandbox.control("POST", "actions/gcp/deny_permissions", {"permissions": []})
    assert set(seen.unread) == kinds
    assert all(permission in why for why in seen.unread.values())
    assert [item.external_id for item in seen.sightings] == [made.external_id]


def test_without_operations_marks_are_told_and_nothing_is_observed(sandbox):
    made = make_network(sandbox)
    sandbox.fault("error_before", "compute.globalOperations.aggregatedList")
    seen = surveyed(sandbox)
    assert [(item.external_id, item.observed) for item in seen.sightings] == [(made.external_id, None)]
    assert seen.unread == {}


def test_the_number_of_calls_does_not_depend_on_what_there_is(sandbox):
    before = len(sandbox.calls())
    surveyed(sandbox)
    empty = len(sandbox.calls()) - before
    make_network(sandbox)
    before = len(sandbox.calls())
    surveyed(sandbox)
    assert len(sandbox.calls()) - before == empty <= 8


def test_changes_by_hand_show_in_what_is_observed(stack, fast):
    rule = FirewallRuleSpec("ingress", "tcp", 443, 443, ("0.0.0.0/0",))
    group = SecurityGroupSpec("web", "from anywhere", (rule,))
    spec = NetworkSpec("net", REGION, "10.0.0.0/16", carve=False, security_groups=(group,))
    asyncio.run(stack.apply(fast.provider.network_blueprint(spec)))
    path = next(row["id"] for row in fast.resources() if row["kind"] == "firewall" and "192.0.2" not in str(row))
    fast.control("POST", "actions/gcp/change", {"id": path, "field": "sourceRanges", "value": ["198.51.100.0/24"]})
    sighted = {item.external_id: item for item in surveyed(fast).sightings}
    assert sighted[path].observed.fields["sources"] == ["198.51.100.0/24"]


def test_pools_of_a_busy_cluster_are_observed_only_where_the_wanted_version_is_known(stack, fast, make_cluster):
    pools = (NodePoolSpec("default", "e2-standard-2", 3),)
    asyncio.run(stack.apply(fast.provider.cluster_blueprint(make_cluster(node_pools=pools))))
    cluster = next(row["id"] for row in fast.resources() if row["kind"] == "cluster")
    fast.control("POST", "actions/gcp/change", {"id": cluster, "field": "status", "value": "RECONCILING"})
    pool = next(item for item in surveyed(fast).sightings if item.kind == "gcp.container.node_pool")
    assert pool.observed is None
    known = {pool.kind: (Known(pool.kind, pool.external_id, {"version": "1.33"}),)}
    assert next(item for item in surveyed(fast, known).sightings if item.kind == pool.kind).observed is not None


def test_a_pool_does_not_take_the_mark_of_its_cluster_for_its_own():
    own, handed_down = {"config": {"resourceLabels": MARK.labels()}}, {"resourceLabels": MARK.labels()}
    assert pool_owner({"resourceLabels": {}}, own).resource_id == MARK.resource_id
    assert pool_owner(handed_down, own) is None
