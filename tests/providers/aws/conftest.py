"""A real sandbox process at high speed, the provider on it, and the real engine to run whole stacks."""

import asyncio
import itertools
from datetime import date
from uuid import UUID

import boto3
import pytest
from botocore.config import Config

from cloud_sandboxes import CloudSandbox
from skyclust.contract.specs import AutoScaling, ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.aws import provider
from skyclust.providers.aws.cloud import Aws
from skyclust.provisioning.pacing import Pace
from soak.engine_stacks import EngineStack
from soak.sandboxes import SandboxProcess

SPEED = 1500
REGION = "us-west-2"


class Sandbox(CloudSandbox):
    """The AWS part of a sandbox process."""

    cloud = "aws"

    def __init__(self, process: SandboxProcess) -> None:
        super().__init__(process)
        self.aws = self.ready["aws"]
        self.credential = {name: self.aws[name] for name in ("access_key", "secret_key")}

    def fault(self, operation: str, mode: str, **rule):
        return self.control("POST", "faults", {"provider": "aws", "operation": operation, "mode": mode, **rule})

    def calls(self, operation: str = "") -> list[dict]:
        return [call for call in self.called() if operation in call["operation"]]


@pytest.fixture(scope="session")
def running(start_sandbox) -> Sandbox:
    return Sandbox(start_sandbox(speed=SPEED))


@pytest.fixture
def sandbox(running) -> Sandbox:
    """The session's process with an empty AWS."""
    running.reset()
    return running


@pytest.fixture(scope="session")
def pure():
    """The provider without any cloud behind it."""
    return provider({})


@pytest.fixture
def aws(sandbox):
    """At a day on which every version used here has its standard support."""
    return Aws(endpoint=sandbox.aws["endpoint"], today=lambda: date(2026, 6, 1))


def cluster_spec(**changes) -> ClusterSpec:
    fields = {
        "name": "shop",
        "region": REGION,
        "version": "1.34",
        "network": NetworkSpec("shop", REGION, "10.0.0.0/16"),
        "node_pools": (NodePoolSpec("default", "t3.medium", 2),),
    }
    return ClusterSpec(**{**fields, **changes})


@pytest.fixture(scope="session")
def make_cluster():
    return cluster_spec


@pytest.fixture(scope="session")
def make_pool():
    def make(name: str = "default", *, bounds: tuple[int, int] | None = None, **changes) -> NodePoolSpec:
        fields = {
            "machine_type": "t3.medium",
            "node_count": 2,
            "auto_scaling": AutoScaling(*bounds) if bounds else None,
        }
        return NodePoolSpec(name, **{**fields, **changes})

    return make


@pytest.fixture
def stacks(aws, sandbox):
    """Run a story with stacks; each story has its own event loop and its sessions are closed at its end."""

    def run(story, *, credential: dict[str, str] | None = None):
        made: list[EngineStack] = []

        def make(name: str = "shop") -> EngineStack:
            session = aws.connect(credential or sandbox.credential, REGION)
            made.append(EngineStack(aws, session, name, Pace(SPEED)))
            return made[-1]

        async def told():
            try:
                return await story(make)
            finally:
                for stack in made:
                    await stack.close()

        return asyncio.run(told())

    return run


@pytest.fixture(scope="session")
def resource_ids():
    return (UUID(int=number) for number in itertools.count(1))


def clients_of(sandbox: Sandbox):
    """Make clients nobody here wrote, for what the outside world does by itself."""
    session = boto3.Session()

    def make(service: str):
        return session.client(
            service, endpoint_url=sandbox.aws["endpoint"], region_name=REGION,
            aws_access_key_id=sandbox.aws["access_key"], aws_secret_access_key=sandbox.aws["secret_key"],
            config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def client(running):
    return clients_of(running)


@pytest.fixture
def at_rest(sandbox_process):
    """A cloud whose time hardly moves, for what must be seen half done, and its clients."""
    still = Sandbox(sandbox_process)
    still.reset()
    return still, clients_of(still)


@pytest.fixture(scope="session")
def ec2(client):
    return client("ec2")
