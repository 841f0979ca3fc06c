"""A cluster and a network made by other hands, with the cloud's own SDK, taken over and let go through the HTTP door.

What was not taken over (the VPC with its subnets, the roles) must be the same afterwards.
"""

import json
import time

import boto3
import pytest

from soak.killing.product import PATIENCE_SECONDS, Refused

REGION = "eu-central-1"
CLUSTERS = "/aws/kubernetes/clusters"
VPCS = "/aws/network/vpcs"
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
        self.until(lambda: self.eks.describe_cluster(name=self.name)["cluster"]["status"] == "ACTIVE")
        self.eks.create_nodegroup(
            clusterName=self.name, nodegroupName="workers", subnets=self.subnets, nodeRole=nodes,
            instanceTypes=["t3.medium"], scalingConfig={"minSize": 2, "maxSize": 2, "desiredSize": 2}, diskSize=30,
            amiType="AL2023_x86_64_STANDARD",
        )  # fmt: skip
        self.until(lambda: self.pool()["status"] == "ACTIVE")

    def pool(self):
        return self.eks.describe_nodegroup(clusterName=self.name, nodegroupName="workers")["nodegroup"]

    def until(self, holds):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.1)  # polling a real process

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


def test_a_cluster_made_by_hand_is_taken_over_scaled_and_deleted(up):
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
