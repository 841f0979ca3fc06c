"""Reads around a plan: verification, pre-flight, completion, inventory, access. Each against a real sandbox."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from skyclust.contract.errors import AuthenticationFailed, PermissionDenied
from skyclust.contract.resources import Origin
from skyclust.contract.specs import AutoScaling, NetworkSpec, NodePoolSpec
from skyclust.providers.gcp import completing
from skyclust.providers.gcp.lifetimes import Lifetime, parse_lifetime
from skyclust.providers.gcp.preflights import check_headroom
from skyclust.providers.gcp.provider import GcpProvider

REGION = "asia-northeast3"
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")


@pytest.fixture
def gcp(sandbox):
    return sandbox.provider.connect(sandbox.credential, REGION)


def errors(findings) -> dict[str, str]:
    return {finding.field: finding.message for finding in findings if finding.severity == "error"}


# ---- verification ----
def test_missing_permissions_are_listed(sandbox):
    sandbox.act("deny_permissions", permissions=["container.clusters.create", "compute.networks.create"])
    identity = asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert identity.account == sandbox.project
    assert identity.principal == sandbox.credential["client_email"]
    assert identity.missing_permissions == ("compute.networks.create", "container.clusters.create")


def test_when_a_key_was_made_and_ends_is_told_where_it_may_be_read(sandbox):
    told = asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert told.issued_at is not None
    assert told.expires_at is None  # Google writes the year 9999
    assert sandbox.calls("iam.projects.serviceAccounts.keys.get")
    sandbox.act("deny_permissions", permissions=["iam.serviceAccountKeys.get"])
    silent = asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert (silent.account, silent.issued_at) == (told.account, None)


def test_the_end_of_a_key_is_read_as_google_writes_it():
    times = {"validAfterTime": "2026-01-02T03:04:05Z", "validBeforeTime": "2026-04-02T03:04:05Z"}
    assert parse_lifetime(times) == Lifetime(
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 4, 2, 3, 4, 5, tzinfo=UTC)
    )
    assert parse_lifetime({"validBeforeTime": "9999-12-31T23:59:59Z"}) == Lifetime()
    assert parse_lifetime({"validBeforeTime": "soon"}) == Lifetime()


def test_a_key_file_cannot_lead_the_question_about_its_end_elsewhere(sandbox):
    before = len(sandbox.calls("iam.projects.serviceAccounts.keys.get"))
    poisoned = {**sandbox.credential, "private_key_id": "../../../other/keys/x"}
    asyncio.run(sandbox.provider.verify(poisoned))
    assert len(sandbox.calls("iam.projects.serviceAccounts.keys.get")) == before


def test_a_revoked_key_is_refused_by_the_token_endpoint(sandbox):
    sandbox.fault("revoked", "oauth2.token")
    with pytest.raises(AuthenticationFailed) as refused:
        asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert refused.value.operation == "oauth2.token"
    assert sandbox.credential["client_email"] in refused.value.message


def test_an_api_that_is_off_is_named(sandbox, gcp):
    disable(gcp, "container.googleapis.com")
    with pytest.raises(PermissionDenied) as refused:
        asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert "container.googleapis.com" in refused.value.message


def disable(gcp, name: str) -> None:
    path = f"projects/{gcp.project}/services/{name}"
    asyncio.run(gcp.write(lambda apis: apis.services.services().disable(name=path, body={})))


@pytest.mark.parametrize("field", ["private_key", "client_email", "project_id"])
def test_an_incomplete_key_is_refused_without_a_call(pure, sandbox, field):
    with pytest.raises(AuthenticationFailed, match=field):
        pure.connect({key: value for key, value in sandbox.credential.items() if key != field}, REGION)


def test_a_key_that_is_no_key_is_refused_without_showing_it(sandbox):
    wrong = {
        **sandbox.credential,
        "private_key": "-----BEGIN PRIVATE KEY-----\nsecret-canary\n-----END PRIVATE KEY-----\n",
    }
    with pytest.raises(AuthenticationFailed) as refused:
        asyncio.run(sandbox.provider.verify(wrong))
    assert "secret-canary" not in refused.value.message


def test_the_addresses_in_the_key_file_are_never_asked(sandbox):
    """Whoever writes the key file would otherwise receive a signed assertion."""
    poisoned = {**sandbox.credential, "token_uri": "http://127.0.0.1:9/steal", "auth_uri": "http://127.0.0.1:9/steal"}
    assert asyncio.run(sandbox.provider.verify(poisoned)).account == sandbox.project


def test_one_token_serves_many_calls(sandbox, gcp):
    async def story():
        await asyncio.gather(*(gcp.access_token() for _ in range(20)))
        await sandbox.provider.connect(sandbox.credential, "us-central1").access_token()

    asyncio.run(story())
    assert len(sandbox.calls("oauth2.token")) <= 1


def test_a_token_that_is_refused_early_is_replaced_once(sandbox, gcp):
    asyncio.run(gcp.access_token())
    before = len(sandbox.calls("oauth2.token"))
    sandbox.fault("revoked", "compute.networks.list")

    async def story():
        return await gcp.read(lambda apis: apis.compute.networks().list(project=gcp.project))

    assert "items" not in asyncio.run(story())
    assert len(sandbox.calls("oauth2.token")) == before + 1


# ---- pre-flight ----
def preflight(sandbox, gcp, spec):
    return asyncio.run(sandbox.provider.preflight_cluster(gcp, spec))


def test_a_quota_that_will_not_suffice_is_found(sandbox, gcp, make_cluster):
    sandbox.act("set_quota", metric="CPUS", region=REGION, limit=7)
    found = errors(preflight(sandbox, gcp, make_cluster()))
    assert "8 more are needed, 0 of 7 are in use" in found["/node_pools/0/node_count"]
    sandbox.act("set_quota", metric="NETWORKS", limit=0)
    found = errors(preflight(sandbox, gcp, make_cluster()))
    assert "NETWORKS" in found["/network"]


def test_missing_permissions_and_apis_stop_a_plan(sandbox, gcp, make_cluster):
    sandbox.act("deny_permissions", permissions=["compute.routers.create"])
    assert "compute.routers.create" in errors(preflight(sandbox, gcp, make_cluster()))[""]
    existing = make_cluster(network=None, vpc_id="shared")
    assert "" not in errors(preflight(sandbox, gcp, existing))  # an existing network needs no router of ours
    sandbox.act("deny_permissions", permissions=[])
    disable(gcp, "container.googleapis.com")
    assert "container.googleapis.com" in errors(preflight(sandbox, gcp, make_cluster()))[""]


def test_a_name_that_is_taken_is_found(sandbox, gcp):
    sandbox.act("plant_decoy")
    found = asyncio.run(sandbox.provider.preflight_network(gcp, replace(NETWORK, name="decoy-0")))
    assert "Choose another name" in errors(found)["/name"]


def test_a_version_its_channel_does_not_offer_is_found(sandbox, gcp, make_cluster):
    found = errors(preflight(sandbox, gcp, make_cluster(version="1.31")))
    assert "1.32" in found["/version"]
    assert not errors(preflight(sandbox, gcp, make_cluster(version="1.31", options={"release_channel": "none"})))


def test_a_machine_type_that_is_not_in_the_zones_is_found(sandbox, gcp, make_cluster):
    pools = (NodePoolSpec("default", "e2-standard-2", 3), NodePoolSpec("arm", "t2a-standard-4", 3))
    found = errors(preflight(sandbox, gcp, make_cluster(node_pools=pools)))
    assert "t2a-standard-4" in found["/node_pools/1/machine_type"]


def test_an_existing_network_must_exist_and_reach_the_region(sandbox, gcp, make_cluster):
    missing = make_cluster(network=None, vpc_id="nowhere")
    completed = asyncio.run(sandbox.provider.complete_cluster(gcp, missing))
    assert "no VPC network nowhere" in errors(preflight(sandbox, gcp, completed))["/network/vpc_id"]
    sandbox.act("plant_decoy")
    bare = make_cluster(network=None, vpc_id="decoy-0")
    completed = asyncio.run(sandbox.provider.complete_cluster(gcp, bare))
    assert "no subnetwork in" in errors(preflight(sandbox, gcp, completed))["/network/vpc_id"]


def test_a_preflight_changes_nothing(sandbox, gcp, make_cluster):
    assert not errors(preflight(sandbox, gcp, make_cluster()))
    assert sandbox.resources() == []
    assert not [call for call in sandbox.calls() if call.endswith((".insert", ".create", ".delete", "setIamPolicy"))]


# ---- completion ----
def subnet(name: str, block: str, **ranges: str) -> dict:
    secondary = [{"rangeName": key, "ipCidrRange": value} for key, value in ranges.items()]
    link = f"https://compute.googleapis.com/compute/v1/projects/p/regions/{REGION}/subnetworks/{name}"
    return {"name": name, "ipCidrRange": block, "secondaryIpRanges": secondary, "selfLink": link}


def test_the_subnetwork_with_ranges_and_most_room_is_chosen():
    small = subnet("small", "10.0.0.0/24", pods="10.4.0.0/14", services="10.8.0.0/20")
    large = subnet("large", "10.1.0.0/20", pods="10.12.0.0/14", services="10.16.0.0/20")
    bare = subnet("bare", "10.2.0.0/16")
    assert completing.choose_subnetwork([bare, small, large], []) == large
    path = f"projects/p/regions/{REGION}/subnetworks/small"
    assert completing.choose_subnetwork([large, small], [path]) == small
    assert completing.choose_subnetwork([], []) is None


def test_ranges_in_use_or_too_small_are_not_chosen():
    own = {completing.PODS_RANGE: None, completing.SERVICES_RANGE: None}
    good = subnet("good", "10.0.0.0/24", alpha="10.8.0.0/20", beta="10.4.0.0/14")
    assert completing.choose_ranges(good, frozenset()) == {
        completing.PODS_RANGE: "beta",
        completing.SERVICES_RANGE: "alpha",
    }
    assert completing.choose_ranges(good, frozenset({"beta"})) == own
    tiny = subnet("tiny", "10.0.0.0/24", pods="10.4.0.0/26", services="10.8.0.0/20")
    assert completing.choose_ranges(tiny, frozenset()) == own


# ---- inventory and access ----
def test_an_inventory_tells_whose_everything_is(fast, stack, make_cluster):
    async def story():
        await stack.apply(stack.provider.cluster_blueprint(make_cluster()))
        fast.act("leave_leftovers", cluster=stack.row("cluster").outputs["id"])
        fast.act("plant_decoy", network=stack.row("network").external_id)
        network = stack.row("network").external_id
        marks = {str(row.id) for row in stack.rows()}
        return await stack.provider.inventory(stack.gcp, network, frozenset({"shop"})), marks

    items, marks = asyncio.run(story())
    by_origin = {origin: {item.kind for item in items if item.origin is origin} for origin in Origin}
    assert by_origin[Origin.OURS] == {"cluster", "subnetwork", "router", "firewall rule"}
    assert by_origin[Origin.KUBERNETES] == {
        "forwarding rule", "target pool", "firewall rule", "network endpoint group", "disk",
    }  # fmt: skip
    assert by_origin[Origin.FOREIGN] == {"instance", "firewall rule"}
    assert by_origin[Origin.CLOUD] == {"route", "instance"}
    assert all(item.resource_id in marks for item in items if item.origin is Origin.OURS)
    assert all(item.why for item in items)


def test_a_cluster_is_reached_with_a_token_or_googles_own_plug_in(pure):
    outputs = {"name": "shop", "endpoint": "127.0.0.1:6443/clusters/gcp-1", "ca_data": "Q0E="}
    access = pure.cluster_access(outputs)
    assert access.endpoint == "https://127.0.0.1:6443/clusters/gcp-1"
    assert access.user_exec["command"] == "gke-gcloud-auth-plugin"


@pytest.mark.parametrize(
    ("day", "codes"),
    [(date(2026, 4, 1), []), (date(2026, 6, 1), ["support_ends_soon"]), (date(2026, 9, 1), ["extended_support"])],
)
def test_plans_tell_when_standard_support_ends_and_what_comes_then(sandbox, gcp, make_cluster, day, codes):
    cloud = GcpProvider(sandbox.environ, today=lambda: day)
    new = asyncio.run(cloud.preflight_cluster(gcp, make_cluster(version="1.33")))
    upgrade = asyncio.run(cloud.preflight_upgrade(gcp, make_cluster(version="1.32"), ("1.33",), {}))
    for found in (new, upgrade):
        assert [finding.code for finding in found if finding.field == "/version"] == codes
        assert all("0.60 USD" in finding.message for finding in found if finding.code in codes)


def test_ranges_of_an_existing_subnetwork_must_hold_nodes_and_their_pods(make_cluster):
    subnet = {
        "name": "s", "selfLink": "https://x/compute/v1/projects/p/regions/r/subnetworks/s", "ipCidrRange": "10.0.0.0/28",
        "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.4.0.0/21"}],
    }  # fmt: skip

    def told(nodes, most=None):
        pool = NodePoolSpec("default", "e2-standard-2", nodes, AutoScaling(1, most) if most else None)
        spec = make_cluster(
            network=None, vpc_id="v", subnet_ids=("projects/p/regions/r/subnetworks/s",), node_pools=(pool,),
            options={"_pods_range": "pods", "_services_range": "services"},
        )  # fmt: skip
        return [(item.severity, item.code, item.message) for item in check_headroom(spec, [subnet])]

    assert told(7) == []
    ((severity, code, message),) = told(7, most=8)
    assert (severity, code) == ("warning", "few_addresses")
    assert "10.4.0.0/21 for Pods" in message
    assert [item[:2] for item in told(13)] == [("error", "too_small"), ("error", "too_small")]
    assert "room for 12 nodes" in told(13)[0][2]
