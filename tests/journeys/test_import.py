"""A cluster and a network made by other hands, with the cloud's own SDK, taken over and let go through the HTTP door.

What was not taken over (the VPC with its subnets, the roles) must be the same afterwards.
"""

import json
import time
from contextlib import contextmanager

import boto3
import httplib2
import pytest
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build

from soak.killing.product import PATIENCE_SECONDS, Refused

REGION = "eu-central-1"
CLUSTERS = "/aws/kubernetes/clusters"
VPCS = "/aws/network/vpcs"
GOOGLE = "europe-west4"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": ["eks.amazonaws.com", "ec2.amazonaws.com"]},
                   "Action": "sts:AssumeRole"}],
})  # fmt: skip


class ByHand:
    """An engineer with boto3 and a deadline."""

    def __init__(self, up, name):
        self.up, self.name = up, name
        account, announced = up.account("aws"), up.ready["sandbox"]["aws"]
        session = boto3.Session(account["access_key"], account["secret_key"], region_name=REGION)
        self.ec2, self.eks, self.iam = (
            session.client(service, endpoint_url=announced["endpoint"]) for service in ("ec2", "eks", "iam")
        )

    def network(self, block="10.77.0.0/16"):
        self.vpc = self.ec2.create_vpc(CidrBlock=block, TagSpecifications=_named("vpc", f"{self.name}-net"))["Vpc"][
            "VpcId"
        ]
        prefix = block.rsplit(".", 2)[0]
        self.subnets = [
            self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"{prefix}.{number}.0/24", AvailabilityZone=f"{REGION}{zone}",
                TagSpecifications=_named("subnet", f"{self.name}-{zone}"),
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]  # fmt: skip

    def cluster(self):
        role, nodes = (
            self.iam.create_role(RoleName=f"{self.name}-{what}", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
            for what in ("plane", "nodes")
        )
        self.eks.create_cluster(
            name=self.name, version="1.33", roleArn=role, resourcesVpcConfig={"subnetIds": self.subnets},
            accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"},
        )  # fmt: skip
        _until(lambda: self.eks.describe_cluster(name=self.name)["cluster"]["status"] == "ACTIVE")
        self.eks.create_nodegroup(
            clusterName=self.name, nodegroupName="workers", subnets=self.subnets, nodeRole=nodes,
            instanceTypes=["t3.medium"], scalingConfig={"minSize": 2, "maxSize": 2, "desiredSize": 2}, diskSize=30,
            amiType="AL2023_x86_64_STANDARD",
        )  # fmt: skip
        _until(lambda: self.pool()["status"] == "ACTIVE")

    def pool(self):
        return self.eks.describe_nodegroup(clusterName=self.name, nodegroupName="workers")["nodegroup"]

    def untouched(self):
        """What a cluster's import must leave as it is."""
        vpc = self.ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"]
        subnets = self.ec2.describe_subnets(SubnetIds=self.subnets)["Subnets"]
        roles = [self.iam.get_role(RoleName=f"{self.name}-{what}")["Role"] for what in ("plane", "nodes")]
        return json.dumps([vpc, [_tagged(subnet) for subnet in subnets], roles], default=str)


def _named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def _tagged(subnet):
    return {key: subnet[key] for key in ("SubnetId", "CidrBlock", "VpcId", "Tags")}


def _verbs(plan):
    return {change["verb"] for change in plan["changes"]}


def test_a_cluster_made_by_hand_is_taken_over_scaled_upgraded_and_deleted(up):
    by_hand = ByHand(up, "journey-legacy")
    by_hand.network()
    by_hand.cluster()
    before = by_hand.untouched()
    body = {"credential_id": up.credential("aws"), "region": REGION, "name": by_hand.name, "managed": True}
    listed = up.call("GET", f"{CLUSTERS}:importable?credential_id={body['credential_id']}&region={REGION}")
    assert by_hand.name in [item["name"] for item in listed["items"]]
    plan = up.call("POST", f"{CLUSTERS}:import?dry_run=true", body)
    assert (plan["ok"], plan["following"]) == (True, []), plan
    up.succeeded(up.call("POST", f"{CLUSTERS}:import", body | {"plan_digest": plan["digest"]}))
    here = f"{CLUSTERS}/{by_hand.name}"
    shown = up.call("GET", here)
    assert (shown["state"], shown["managed"], shown["network"]["vpc_id"]) == ("ready", True, by_hand.vpc)
    assert _verbs(up.call("GET", f"{here}/plan")) == {"keep"}
    assert by_hand.pool()["tags"]["skyclust:resource"]
    up.succeeded(up.call("PUT", f"{here}/node-pools/workers/scale", {"node_count": 3}))
    assert by_hand.pool()["scalingConfig"]["desiredSize"] == 3
    assert _verbs(up.call("GET", f"{here}/plan")) == {"keep"}
    pool = {"name": "more", "machine_type": "t3.large", "node_count": 1}
    up.succeeded(up.call("POST", f"{here}/node-pools", pool))
    up.succeeded(up.call("PATCH", here, {"version": "1.34"}))
    assert _verbs(up.call("GET", f"{here}/plan")) == {"keep"}
    assert by_hand.pool()["version"] == "1.34"
    up.succeeded(up.call("DELETE", here))
    assert by_hand.name not in by_hand.eks.list_clusters()["clusters"]
    assert by_hand.untouched() == before


def test_a_cluster_made_by_hand_is_observed_then_managed_then_given_back(up):
    by_hand = ByHand(up, "journey-borrowed")
    by_hand.network("10.78.0.0/16")
    by_hand.cluster()
    body = {"credential_id": up.credential("aws"), "region": REGION, "name": by_hand.name}
    up.succeeded(up.call("POST", f"{CLUSTERS}:import", body))
    here = f"{CLUSTERS}/{by_hand.name}"
    with pytest.raises(Refused) as refused:
        up.call("PUT", f"{here}/node-pools/workers/scale", {"node_count": 3})
    assert refused.value.kind == "read-only"
    assert "skyclust:resource" not in by_hand.pool()["tags"]
    up.succeeded(up.call("POST", f"{here}:manage"))
    assert by_hand.pool()["tags"]["skyclust:resource"]
    up.succeeded(up.call("POST", f"{here}:release"))
    assert "skyclust:resource" not in by_hand.pool()["tags"]
    assert by_hand.name in by_hand.eks.list_clusters()["clusters"]
    assert [item for item in up.call("GET", "/clusters")["items"] if item["name"] == by_hand.name] == []


def test_a_network_made_by_hand_is_taken_over_and_deleted(up):
    by_hand = ByHand(up, "journey-ground")
    by_hand.network("10.79.0.0/16")
    body = {"credential_id": up.credential("aws"), "region": REGION, "external_id": by_hand.vpc, "managed": True}
    plan = up.call("POST", f"{VPCS}:import?dry_run=true", body)
    assert (plan["ok"], plan["following"]) == (True, []), plan
    up.succeeded(up.call("POST", f"{VPCS}:import", body))
    network = up.call("GET", f"{VPCS}/{by_hand.vpc}")
    assert (network["state"], sorted(network["subnet_ids"])) == ("ready", sorted(by_hand.subnets))
    up.succeeded(up.call("DELETE", f"{VPCS}/{network['id']}"))
    assert by_hand.ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [by_hand.vpc]}])["Vpcs"] == []


class GoogleByHand:
    """The same engineer with Google's client."""

    def __init__(self, up, made):
        announced, account = up.ready["sandbox"]["gcp"], up.account("gcp")
        self.project, self.made = account["project_id"], made
        credentials = service_account.Credentials.from_service_account_info(account, scopes=SCOPES)

        def api(name, path):
            http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=20))
            options = {"api_endpoint": announced["endpoint"] + path}
            made.append(build(name, "v1", http=http, static_discovery=True, client_options=options))
            return made[-1]

        self.compute, self.gke = api("compute", "/compute/v1/"), api("container", "/")

    def network(self, name, block):
        where = {"project": self.project}
        body = {"name": name, "autoCreateSubnetworks": False}
        self._done(self.compute.networks().insert(**where, body=body).execute())
        self.path = f"projects/{self.project}/global/networks/{name}"
        subnet = {"name": f"{name}-a", "ipCidrRange": block, "network": self.path}
        self._done(self.compute.subnetworks().insert(**where, region=GOOGLE, body=subnet).execute())
        self.subnet = f"projects/{self.project}/regions/{GOOGLE}/subnetworks/{name}-a"

    def _done(self, operation):
        place = {"region": GOOGLE} if "region" in operation else {}
        operations = self.compute.regionOperations() if place else self.compute.globalOperations()
        asked = operations.get(project=self.project, operation=operation["name"], **place)
        _until(lambda: asked.execute()["status"] == "DONE")

    def cluster(self, name):
        self.here = f"projects/{self.project}/locations/{GOOGLE}/clusters/{name}"
        pool = {"name": "workers", "initialNodeCount": 1, "config": {"machineType": "e2-standard-2", "diskSizeGb": 60}}
        body = {"cluster": {"name": name, "network": self.path, "subnetwork": self.subnet, "nodePools": [pool], "initialClusterVersion": "1.33",
                            "ipAllocationPolicy": {"useIpAliases": True}}}  # fmt: skip
        parent = self.here.rpartition("/clusters/")[0]
        self.gke.projects().locations().clusters().create(parent=parent, body=body).execute()
        _until(lambda: self.seen()["status"] == "RUNNING")

    def seen(self):
        return self.gke.projects().locations().clusters().get(name=self.here).execute()

    def networks(self):
        return json.dumps(self.compute.networks().list(project=self.project).execute()["items"], sort_keys=True)


def _until(holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # polling a real process


@contextmanager
def google(up):
    made = []
    try:
        yield GoogleByHand(up, made)
    finally:
        for client in made:
            client.close()


def test_a_gke_cluster_made_by_hand_is_taken_over_scaled_upgraded_and_deleted_and_its_network_only_observed(up):
    with google(up) as by_hand:
        by_hand.network("journey-old", "10.90.0.0/20")
        by_hand.cluster("journey-old")
        before = by_hand.networks()
        body = {"credential_id": up.credential("gcp"), "region": GOOGLE, "name": "journey-old", "managed": True}
        clusters, vpcs = "/gcp/kubernetes/clusters", "/gcp/network/vpcs"
        plan = up.call("POST", f"{clusters}:import?dry_run=true", body)
        assert (plan["ok"], plan["following"]) == (True, []), plan
        up.succeeded(up.call("POST", f"{clusters}:import", body))
        assert by_hand.seen()["resourceLabels"]["skyclust-resource"]
        here = f"{clusters}/journey-old"
        assert _verbs(up.call("GET", f"{here}/plan")) == {"keep"}
        up.succeeded(up.call("PUT", f"{here}/node-pools/workers/scale", {"node_count": 2}))
        pool = {"name": "more", "machine_type": "e2-standard-4", "node_count": 1}
        up.succeeded(up.call("POST", f"{here}/node-pools", pool))
        up.succeeded(up.call("PATCH", here, {"version": "1.34"}))
        assert by_hand.seen()["currentMasterVersion"].startswith("1.34.")
        assert _verbs(up.call("GET", f"{here}/plan")) == {"keep"}

        with pytest.raises(Refused) as refused:
            up.call("POST", f"{vpcs}:import", body)
        assert refused.value.kind == "import-refused", "Google has no room for a mark on a network that exists"
        up.succeeded(up.call("POST", f"{vpcs}:import", body | {"managed": False}))
        assert not up.call("GET", f"{vpcs}/journey-old")["managed"]

        up.succeeded(up.call("DELETE", here))
        up.succeeded(up.call("DELETE", f"{vpcs}/journey-old"))
        assert by_hand.networks() == before
