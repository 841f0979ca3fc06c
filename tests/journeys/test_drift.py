"""Other hands at work on EKS and GKE: drift within a sweep, repaired or accepted; an orphan, swept; decoys stay."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from uuid import uuid4

import boto3
import httplib2
import pytest
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from soak.killing.product import PATIENCE_SECONDS

REGION = "us-west-2"
BODY = {
    "name": "drifter",
    "region": REGION,
    "network": {"cidr_block": "10.3.0.0/16", "zones": 2},
    "node_pool": {"name": "default", "machine_type": "t3.medium", "node_count": 2},
}
CLUSTERS = "/aws/kubernetes/clusters"


@pytest.fixture(scope="module")
def swept(start_up):
    """The product, sweeping every second."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SKYCLUST_SWEEP_SECONDS", "1")
        up = start_up()
    yield up
    up.stop()  # it would go on sweeping beside all later tests


def by_hand(up, service):
    account, announced = up.account("aws"), up.ready["sandbox"]["aws"]
    session = boto3.Session(account["access_key"], account["secret_key"], region_name=REGION)
    return session.client(service, endpoint_url=announced["endpoint"])


def skyclust(up, *arguments):
    """A command, as a person types it; what it prints."""
    environment = os.environ | {"SKYCLUST_URL": up.ready["url"], "SKYCLUST_TOKEN": up.token}
    command = [sys.executable, "-m", "skyclust.entrypoints.cli", *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def until(check, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.2)  # polling a real process
    raise AssertionError(f"not in time: {what}")


def swept_at(up):
    [sweep] = up.call("GET", "/drift")["sweeps"]
    return sweep["swept_at"]


def after_sweeps(up, count):
    for _ in range(count):
        before = swept_at(up)
        until(lambda before=before: swept_at(up) != before, "a sweep")


def state(up):
    return up.call("GET", f"{CLUSTERS}/drifter")["state"]


def test_drift_and_orphans_from_the_first_look_to_the_last(swept):
    up = swept
    up.succeeded(up.call("POST", CLUSTERS, BODY | {"credential_id": up.credential("aws")}))
    up.act("aws", "plant_decoys", region=REGION)
    after_sweeps(up, 2)
    assert up.call("GET", "/drift")["items"] == []
    assert up.call("GET", "/orphans")["items"] == []

    ec2 = by_hand(up, "ec2")
    [nat] = ec2.describe_nat_gateways(Filters=[{"Name": "state", "Values": ["available"]}])["NatGateways"]
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    [found] = until(lambda: up.call("GET", "/drift")["items"], "the NAT gateway's drift")
    assert (found["drift"], found["external_id"]) == ("missing", nat["NatGatewayId"])
    assert state(up) == "drifted"
    plan = up.call("POST", f"/drift/{found['id']}:repair?dry_run=true", {})
    done = up.succeeded(up.call("POST", f"/drift/{found['id']}:repair", {"plan_digest": plan["digest"]}))
    assert {step["key"] for step in done["steps"]} == {
        line["key"] for line in plan["changes"] if line["verb"] != "keep"
    }
    after_sweeps(up, 2)
    assert (up.call("GET", "/drift")["items"], state(up)) == ([], "ready")
    [anew] = ec2.describe_nat_gateways(Filters=[{"Name": "state", "Values": ["available"]}])["NatGateways"]
    routes = [
        route.get("NatGatewayId")
        for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [anew["VpcId"]]}])["RouteTables"]
        for route in table["Routes"]
    ]
    assert nat["NatGatewayId"] not in routes
    assert anew["NatGatewayId"] in routes

    eks = by_hand(up, "eks")
    eks.update_nodegroup_config(
        clusterName="drifter", nodegroupName="default", scalingConfig={"minSize": 4, "maxSize": 4, "desiredSize": 4}
    )
    [found] = until(lambda: up.call("GET", f"{CLUSTERS}/drifter/drift")["items"], "the node pool's drift")
    assert found["drift"] == "changed"
    assert json.loads(skyclust(up, "drift", "list", "--cluster", "drifter", "-o", "json")) == [found]
    assert found["fields"][0]["field"] in skyclust(up, "drift", "show", found["id"])
    skyclust(up, "drift", "accept", found["id"], "--yes")
    after_sweeps(up, 2)
    assert (up.call("GET", "/drift")["items"], state(up)) == ([], "ready")

    own = up.resources("aws")
    tags = {tag["Key"]: tag["Value"] for tag in anew["Tags"]}
    mark = [
        {"Key": "skyclust:resource", "Value": str(uuid4())},
        {"Key": "skyclust:stack", "Value": tags["skyclust:stack"]},
    ]
    address = ec2.allocate_address(TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": mark}])["AllocationId"]
    [orphan] = until(lambda: up.call("GET", "/orphans")["items"], "the orphan")
    assert (orphan["external_id"], orphan["made_for"]) == (address, "drifter")
    assert orphan["usd_per_day"] > 0
    assert mark[0]["Value"] in orphan["proof"]
    assert address in skyclust(up, "orphans", "list")
    skyclust(up, "orphans", "sweep", orphan["id"], "--yes")
    assert {row["id"] for row in up.resources("aws")} == {row["id"] for row in own}
    after_sweeps(up, 2)
    assert up.call("GET", "/orphans")["items"] == []
    up.succeeded(up.call("DELETE", f"{CLUSTERS}/drifter"))
    assert ec2.describe_nat_gateways(Filters=[{"Name": "state", "Values": ["available"]}])["NatGateways"] == []


def google(up):
    """Google's own client of the simulated Container API, and the project."""
    key = up.account("gcp")
    credentials = service_account.Credentials.from_service_account_info(
        key, scopes=["https://www.googleapis.com/auth/cloud-platform"]
    )
    http = AuthorizedHttp(credentials, httplib2.Http(timeout=20))
    endpoint = up.ready["sandbox"]["gcp"]["endpoint"]
    options = {"api_endpoint": endpoint}
    return build("container", "v1", http=http, client_options=options, static_discovery=True), key["project_id"]


def test_a_gke_cluster_is_quiet_until_other_hands_delete_its_node_pool(swept):
    up, path = swept, "/gcp/kubernetes/clusters"
    body = {
        "name": "drifting", "region": "europe-west4", "network": {"cidr_block": "10.4.0.0/16"},
        "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 1},
        "credential_id": up.credential("gcp"),
    }  # fmt: skip
    up.succeeded(up.call("POST", path, body))

    def place():
        return next(item for item in up.call("GET", "/drift?provider=gcp")["sweeps"])

    def sweep(times):
        for _ in range(times):
            before = place()["swept_at"]
            until(lambda before=before: place()["swept_at"] != before, "a sweep")

    sweep(2)
    assert (place()["error"], place()["unread"], place()["finds_orphans"]) == (None, {}, True)
    assert up.call("GET", "/drift?provider=gcp")["items"] == []
    assert up.call("GET", "/orphans?provider=gcp")["items"] == []
    container, project = google(up)
    with closing(container):
        name = f"projects/{project}/locations/europe-west4/clusters/drifting/nodePools/default"
        container.projects().locations().clusters().nodePools().delete(name=name).execute()
    [found] = until(lambda: up.call("GET", "/drift?provider=gcp")["items"], "the node pool's drift")
    assert (found["drift"], found["key"]) == ("missing", "node-pool/default")
    skyclust(up, "drift", "repair", "drifting", "--whole", "--yes")
    sweep(2)
    assert up.call("GET", "/drift?provider=gcp")["items"] == []
    assert up.call("GET", f"{path}/drifting")["state"] == "ready"
