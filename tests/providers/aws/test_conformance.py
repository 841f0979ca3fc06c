"""AWS under the suite that every cloud passes, on a real sandbox process."""

import pytest

from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault, ProviderConformance
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.aws import provider

REGION = "us-west-2"
CREATING = ("Create*", "AllocateAddress")
#: More than two pages of describe_tags (20 at once) and far more than the calls of one inventory.
CROWD = 60


class SandboxWorld:
    """Implements `conformance.OutsideWorld` with the sandbox's control API and a client of our own."""

    def __init__(self, sandbox, ec2) -> None:
        self.sandbox = sandbox
        self.ec2 = ec2

    def reset(self) -> None:
        self.sandbox.control("POST", "reset")

    def resources(self) -> tuple[CloudResource, ...]:
        return tuple(
            CloudResource(row["kind"], row["id"], row["name"], row["tags"])
            for row in self.sandbox.resources()
            if row["kind"] != "instance" or row["state"] != "shutting-down"
        )

    def pass_time(self, seconds: float) -> None:
        self.sandbox.pass_time(seconds)

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        for operation in CREATING:
            self._fail(operation, fault, seconds)

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self._fail("*", fault, seconds)

    def _fail(self, operation: str, fault: Fault, seconds: float) -> None:
        once = {} if fault is Fault.REVOKED else {"times": 1}
        self.sandbox.fault(operation, fault.value, params={"seconds": seconds} if seconds else {}, **once)

    def heal(self) -> None:
        self.sandbox.control("DELETE", "faults")

    def calls(self) -> int:
        return len(self.sandbox.calls())

    def plant_decoys(self) -> frozenset[str]:
        return frozenset(self.sandbox.act("plant_decoys", region=REGION)["ids"])

    def plant_foreign(self, network_id: str) -> str:
        return str(self.sandbox.act("plant_instance", network_id=network_id)["id"])

    def crowd(self, network_id: str) -> frozenset[str]:
        where = [{"Name": "vpc-id", "Values": [network_id]}]
        subnet = self.ec2.describe_subnets(Filters=where)["Subnets"][0]["SubnetId"]
        made = [self.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"] for _ in range(CROWD)]
        return frozenset(item["NetworkInterfaceId"] for item in made)

    def remove(self, ids: frozenset[str]) -> None:
        for wanted in ids:
            self.sandbox.act("delete_resource", id=wanted)

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        left = self.sandbox.act("kubernetes_leftovers", cluster=cluster)
        return frozenset([left["load_balancer"], left["security_group"], *left["interfaces"]])


class TestAws(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls, running, ec2) -> CloudUnderTest:
        network = NetworkSpec("shop", REGION, "10.0.0.0/16")
        return CloudUnderTest(
            provider=provider({"SKYCLUST_AWS_ENDPOINT": running.aws["endpoint"]}),
            credential=running.credential,
            wrong_credential={**running.credential, "secret_key": "not-the-secret-of-this-access-key"},
            region=REGION,
            network=network,
            clusters={
                "standard": ClusterSpec(
                    "shop", REGION, "1.34", network=network, node_pools=(NodePoolSpec("default", "t3.medium", 2),)
                ),
                "fargate": ClusterSpec("shop", REGION, "1.34", mode="fargate", network=network),
            },
            world=SandboxWorld(running, ec2),
        )
