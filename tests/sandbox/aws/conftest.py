"""A real sandbox process and real boto3 clients; cloud time is moved by the control API, so nothing waits."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from cloud_sandboxes import OwnSandbox

SESSION = boto3.Session()  # building one loads large models; clients share it


class Sandbox(OwnSandbox):
    cloud = "aws"

    def start(self) -> None:
        super().start()
        self.clients: dict = {}
        self.aws = self.ready["aws"]

    def client(self, service: str, region: str = "eu-west-1", key: str | None = None, secret: str | None = None):
        cached = (service, region, key, secret)
        if cached not in self.clients:
            self.clients[cached] = self._client(*cached)
        return self.clients[cached]

    def _client(self, service: str, region: str, key: str | None, secret: str | None):
        return SESSION.client(
            service,
            endpoint_url=self.aws["endpoint"],
            region_name=region,
            aws_access_key_id=key or self.aws["access_key"],
            aws_secret_access_key=secret or self.aws["secret_key"],
            config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
        )


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield started
    started.close()


@pytest.fixture
def sandbox(running) -> Sandbox:
    """The session's process with an empty AWS."""
    running.control("POST", "reset")
    return running


class Network:
    """A VPC with two subnets, and roles, as a cluster needs them."""

    def __init__(self, sandbox: Sandbox, region: str = "eu-west-1") -> None:
        self.ec2 = sandbox.client("ec2", region)
        spec = [{"ResourceType": "vpc", "Tags": [{"Key": "skyclust:stack", "Value": "s1"}]}]
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec)["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}")[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        iam = sandbox.client("iam", region)
        made = iam.create_role(
            RoleName="cluster-role", AssumeRolePolicyDocument="{}", Tags=[{"Key": "skyclust:stack", "Value": "s1"}]
        )
        self.role = made["Role"]["Arn"]
        iam.attach_role_policy(RoleName="cluster-role", PolicyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")

    def cluster(self, name: str = "one", **changes) -> dict:
        return {
            "name": name,
            "version": "1.34",
            "roleArn": self.role,
            "resourcesVpcConfig": {"subnetIds": self.subnets},
            "accessConfig": {"authenticationMode": "API"},
            "tags": {"skyclust:stack": "s1"},
            **changes,
        }

    def node_group(self, name: str = "pool", **changes) -> dict:
        return {
            "clusterName": "one",
            "nodegroupName": name,
            "subnets": self.subnets,
            "nodeRole": self.role,
            "instanceTypes": ["t3.large"],
            "scalingConfig": {"minSize": 1, "maxSize": 4, "desiredSize": 2},
            **changes,
        }


@pytest.fixture
def network(sandbox) -> Network:
    return Network(sandbox)


@pytest.fixture
def eks(sandbox):
    return sandbox.client("eks")


@pytest.fixture
def cluster(sandbox, network, eks):
    eks.create_cluster(**network.cluster())
    sandbox.pass_time(1500)
    return eks.describe_cluster(name="one")["cluster"]


@pytest.fixture
def private_sandbox(tmp_path) -> Iterator[Sandbox]:
    """A process of its own, for tests that kill it."""
    started = Sandbox(tmp_path / "data")
    yield started
    started.close()


@pytest.fixture
def make_network():
    return Network


@pytest.fixture
def in_process(tmp_path):
    """(the cloud, a cluster called 'one') without a server, for what no AWS client can ask."""
    from datetime import UTC, datetime

    from skyclust.sandbox.aws.cloud import AwsCloud
    from skyclust.sandbox.aws.eks_state import EksCluster
    from skyclust.sandbox.kernel import (
        CertificateAuthority,
        Faults,
        Kernel,
        Latencies,
        NoKubernetes,
        SandboxClock,
        Store,
    )

    kernel = Kernel(
        SandboxClock(), Latencies(), Faults(), Store(), NoKubernetes(), tmp_path, CertificateAuthority(tmp_path / "tls")
    )
    cloud = AwsCloud(kernel)
    cloud.moto.reset()
    cloud.replay()
    document = {"name": "one", "accessConfig": {"authenticationMode": "CONFIG_MAP"}, "createdAt": datetime.now(UTC)}
    cluster = EksCluster("eu-west-1", "aws-one", document, creator=cloud.identities.arn(cloud.identities.access_key))
    cloud.eks.clusters[("eu-west-1", "one")] = cluster
    return cloud, cluster
