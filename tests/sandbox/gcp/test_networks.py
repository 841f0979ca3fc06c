"""Networks, subnetworks and what hangs on them, through the real client."""

import uuid

import pytest


def test_an_operation_is_pending_then_running_then_done(cloud, sandbox):
    insert = cloud.compute.networks().insert(
        project=cloud.project, body={"name": "net", "autoCreateSubnetworks": False}
    )
    operation = insert.execute()
    assert (operation["status"], operation["operationType"]) == ("PENDING", "insert")
    operations = cloud.compute.globalOperations()
    sandbox.pass_time(2)
    assert operations.get(project=cloud.project, operation=operation["name"]).execute()["status"] == "RUNNING"
    sandbox.pass_time(60)
    done = operations.wait(project=cloud.project, operation=operation["name"]).execute()
    assert (done["status"], done["progress"]) == ("DONE", 100)
    assert done["targetLink"].endswith("/global/networks/net")


def test_a_repeated_request_id_has_one_effect(cloud, sandbox, refused):
    token = str(uuid.uuid4())
    body = {"name": "net", "autoCreateSubnetworks": False, "description": "skyclust:resource=r1 skyclust:stack=s1"}
    first = cloud.compute.networks().insert(project=cloud.project, body=body, requestId=token).execute()
    again = cloud.compute.networks().insert(project=cloud.project, body=body, requestId=token).execute()
    assert again["name"] == first["name"]
    with refused() as it:
        cloud.compute.networks().insert(project=cloud.project, body=body, requestId=str(uuid.uuid4())).execute()
    assert (it.status, it.reason) == (409, "alreadyExists")
    row = sandbox.resources("network")[0]
    assert row["tags"]["skyclust:resource"] == "r1"
    assert row["state"] == "PENDING"
    with refused() as it:
        cloud.compute.networks().insert(project=cloud.project, body=body, requestId="not-a-uuid").execute()
    assert it.status == 400


def test_descriptions_of_networks_and_subnetworks_are_fixed_at_creation(placed, refused):
    where = {"project": placed.project, "region": placed.region, "subnetwork": "sub"}
    fingerprint = placed.compute.subnetworks().get(**where).execute()["fingerprint"]
    new = {"description": "something else"}
    with refused() as it:
        placed.compute.networks().patch(project=placed.project, network="net", body=new).execute()
    assert it.status == 400
    with refused() as it:
        placed.compute.subnetworks().patch(**where, body=new | {"fingerprint": fingerprint}).execute()
    assert it.status == 400


def test_what_is_not_ready_cannot_be_used_yet(cloud, refused):
    cloud.compute.networks().insert(
        project=cloud.project, body={"name": "net", "autoCreateSubnetworks": False}
    ).execute()
    with refused() as it:
        cloud.compute.networks().delete(project=cloud.project, network="net").execute()
    assert it.reason == "resourceNotReady"


def test_a_subnetwork_shows_what_google_adds(placed):
    subnetwork = (
        placed.compute.subnetworks().get(project=placed.project, region=placed.region, subnetwork="sub").execute()
    )
    assert subnetwork["gatewayAddress"] == "10.0.0.1"
    assert subnetwork["privateIpGoogleAccess"] is True
    assert [row["rangeName"] for row in subnetwork["secondaryIpRanges"]] == ["pods", "services"]
    assert subnetwork["fingerprint"]
    network = placed.compute.networks().get(project=placed.project, network="net").execute()
    assert network["subnetworks"] == [subnetwork["selfLink"]]
    routes = placed.compute.routes().list(project=placed.project).execute()["items"]
    assert {row["destRange"] for row in routes} == {"0.0.0.0/0", "10.0.0.0/20"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ipCidrRange": "10.0.0.0/16"}, "conflicts with existing subnetwork"),
        ({"ipCidrRange": "10.4.1.0/24"}, "conflicts with existing subnetwork"),
        ({"ipCidrRange": "10.1.0.1/24"}, "host bits"),
        ({"ipCidrRange": "127.0.0.0/16"}, "prohibited"),
        ({"ipCidrRange": "10.1.0.0/30"}, "prefix length"),
        ({"ipCidrRange": None}, "Required field"),
        ({"network": None}, "Required field"),
        ({"network": "global/networks/none"}, "was not found"),
        ({"name": "Bad_Name"}, "regex"),
        ({"secondaryIpRanges": [{"rangeName": "x", "ipCidrRange": "10.1.0.128/25"}]}, "same subnetwork"),
        ({"colour": "blue"}, 'Unknown name "colour"'),
        ({"purpose": "FUN"}, "enum"),
        ({"privateIpGoogleAccess": "yes"}, "TYPE_BOOL"),
    ],
)
def test_a_wrong_subnetwork_is_refused_with_the_reason(placed, refused, change, words):
    body = {"name": "other", "network": "global/networks/net", "ipCidrRange": "10.1.0.0/24", **change}
    body = {key: value for key, value in body.items() if value is not None}
    with refused() as it:
        placed.compute.subnetworks().insert(project=placed.project, region=placed.region, body=body).execute()
    assert it.status in (400, 404)
    assert words in it.message


def test_a_subnetwork_is_patched_with_its_fingerprint_only(placed, refused, sandbox):
    subnetworks = placed.compute.subnetworks()
    where = {"project": placed.project, "region": placed.region, "subnetwork": "sub"}
    seen = subnetworks.get(**where).execute()
    more = [*seen["secondaryIpRanges"], {"rangeName": "extra", "ipCidrRange": "10.9.0.0/20"}]
    with refused() as it:
        subnetworks.patch(**where, body={"secondaryIpRanges": more, "fingerprint": "AAAAAAAAAAA="}).execute()
    assert it.status == 412
    subnetworks.patch(**where, body={"secondaryIpRanges": more, "fingerprint": seen["fingerprint"]}).execute()
    sandbox.pass_time(30)
    changed = subnetworks.get(**where).execute()
    assert len(changed["secondaryIpRanges"]) == 3
    assert changed["fingerprint"] != seen["fingerprint"]


def test_deletion_needs_the_right_order_and_names_the_user(placed, refused, sandbox):
    compute = placed.compute
    with refused() as it:
        compute.networks().delete(project=placed.project, network="net").execute()
    assert it.reason == "resourceInUseByAnotherResource"
    assert "subnetworks/sub" in it.message
    compute.subnetworks().delete(project=placed.project, region=placed.region, subnetwork="sub").execute()
    sandbox.pass_time(60)
    compute.networks().delete(project=placed.project, network="net").execute()
    sandbox.pass_time(60)
    with refused() as it:
        compute.networks().get(project=placed.project, network="net").execute()
    assert (it.status, it.reason) == (404, "notFound")
    assert sandbox.resources() == []


def test_a_router_carries_nat_and_blocks_its_network(placed, refused, sandbox):
    routers = placed.compute.routers()
    where = {"project": placed.project, "region": placed.region}
    routers.insert(**where, body={"name": "r", "network": "global/networks/net"}).execute()
    sandbox.pass_time(60)
    nat = {
        "name": "nat",
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
    }
    routers.patch(**where, router="r", body={"nats": [nat]}).execute()
    sandbox.pass_time(60)
    assert routers.get(**where, router="r").execute()["nats"][0]["name"] == "nat"
    status = routers.getRouterStatus(**where, router="r").execute()["result"]
    assert status["natStatus"][0]["autoAllocatedNatIps"]
    with refused() as it:
        routers.patch(**where, router="r", body={"nats": [{"name": "nat"}]}).execute()
    assert it.reason == "required"
    with refused() as it:
        routers.insert(**where, body={"name": "r2", "network": "global/networks/net", "nats": [nat]}).execute()
    assert "already translates" in it.message
    routers.delete(**where, router="r").execute()
    sandbox.pass_time(60)
    assert sandbox.resources("router") == []


def test_an_address_in_use_stays(placed, refused, sandbox):
    compute, where = placed.compute, {"project": placed.project, "region": placed.region}
    compute.addresses().insert(**where, body={"name": "out"}).execute()
    sandbox.pass_time(60)
    link = compute.addresses().get(**where, address="out").execute()["selfLink"]
    nat = {"name": "nat", "natIpAllocateOption": "MANUAL_ONLY", "natIps": [link],
           "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}  # fmt: skip
    compute.routers().insert(**where, body={"name": "r", "network": "global/networks/net", "nats": [nat]}).execute()
    sandbox.pass_time(60)
    assert compute.addresses().get(**where, address="out").execute()["status"] == "IN_USE"
    with refused() as it:
        compute.addresses().delete(**where, address="out").execute()
    assert "routers/r" in it.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"allowed": [{"IPProtocol": "tcp", "ports": ["99999"]}]}, "ports"),
        ({"allowed": [{"IPProtocol": "icmp", "ports": ["1"]}]}, "Ports apply"),
        ({"denied": [{"IPProtocol": "tcp"}]}, "exactly one"),
        ({"sourceRanges": ["10.0.0.300/8"]}, "CIDR"),
        ({"priority": 70000}, "between 0 and 65535"),
        ({"direction": "EGRESS", "sourceTags": ["a"]}, "INGRESS only"),
    ],
)
def test_a_wrong_firewall_rule_is_refused(placed, refused, change, words):
    body = {
        "name": "f",
        "network": "global/networks/net",
        "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}],
        **change,
    }
    with refused() as it:
        placed.compute.firewalls().insert(project=placed.project, body=body).execute()
    assert words in it.message


def test_lists_are_filtered_and_paged(cloud, sandbox):
    for number in range(5):
        body = {"name": f"net-{number}", "autoCreateSubnetworks": False, "description": f"stack=s{number % 2}"}
        cloud.compute.networks().insert(project=cloud.project, body=body).execute()
    networks = cloud.compute.networks()
    found = networks.list(project=cloud.project, filter='description = "stack=s1"').execute()["items"]
    assert [row["name"] for row in found] == ["net-1", "net-3"]
    names, request = [], networks.list(project=cloud.project, maxResults=2)
    while request is not None:
        page = request.execute()
        assert len(page["items"]) <= 2
        names += [row["name"] for row in page["items"]]
        request = networks.list_next(request, page)
    assert names == [f"net-{number}" for number in range(5)]


def test_an_aggregated_list_shows_every_scope(placed):
    found = placed.compute.subnetworks().aggregatedList(project=placed.project).execute()["items"]
    assert [row["name"] for row in found[f"regions/{placed.region}"]["subnetworks"]] == ["sub"]
    assert found["regions/us-central1"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"


def test_the_networks_quota_holds(cloud, refused, sandbox):
    sandbox.act("set_quota", metric="NETWORKS", limit=1)
    cloud.network("first")
    with refused() as it:
        cloud.network("second")
    assert (it.status, it.reason) == (403, "quotaExceeded")
    quotas = cloud.compute.projects().get(project=cloud.project).execute()["quotas"]
    assert {"metric": "NETWORKS", "limit": 1, "usage": 1} in quotas


def test_regions_zones_and_machine_types_are_told(cloud):
    regions = cloud.compute.regions().list(project=cloud.project).execute()["items"]
    region = next(row for row in regions if row["name"] == cloud.region)
    assert {quota["metric"] for quota in region["quotas"]} >= {"CPUS", "N2_CPUS"}
    assert [link.rsplit("/")[-1] for link in region["zones"]] == [f"{cloud.region}-{letter}" for letter in "bcd"]
    machine = (
        cloud.compute.machineTypes().get(project=cloud.project, zone=cloud.zone, machineType="e2-standard-4").execute()
    )
    assert (machine["guestCpus"], machine["memoryMb"]) == (4, 16384)


def test_a_query_too_long_for_a_url_arrives_all_the_same(placed):
    names = " OR ".join(f'name = "net-{number}"' for number in range(200))
    assert "items" not in placed.compute.networks().list(project=placed.project, filter=names).execute()
    found = placed.compute.networks().list(project=placed.project, filter=f'{names} OR name = "net"').execute()["items"]
    assert [row["name"] for row in found] == ["net"]


def test_waiting_holds_until_the_operation_ends(fast_sandbox, on):
    cloud = on(fast_sandbox)
    body = {"name": "net", "autoCreateSubnetworks": False}
    started = cloud.compute.networks().insert(project=cloud.project, body=body).execute()
    done = cloud.compute.globalOperations().wait(project=cloud.project, operation=started["name"]).execute()
    assert (started["status"], done["status"]) == ("PENDING", "DONE")


def test_an_unknown_project_place_or_method_is_refused(cloud, refused):
    with refused() as it:
        cloud.compute.networks().list(project="somebody-elses").execute()
    assert it.status == 404
    with refused() as it:
        cloud.compute.subnetworks().list(project=cloud.project, region="moon-east1").execute()
    assert "Unknown region" in it.message
    with refused() as it:
        cloud.compute.sslPolicies().list(project=cloud.project).execute()
    assert (it.status, it.reason) == (501, "notImplemented")
    assert "compute.sslPolicies.list" in it.message
