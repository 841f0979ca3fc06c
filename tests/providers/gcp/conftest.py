"""The provider on real sandbox processes, and the real engine to run whole stacks.

`sandbox` stands almost still and is moved by hand; in `fast` six hundred cloud seconds pass in one real second.
"""

import json
from pathlib import Path

import pytest

from cloud_sandboxes import CloudSandbox
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.gcp import provider
from skyclust.provisioning.pacing import Pace
from soak.engine_stacks import EngineStack
from soak.sandboxes import SandboxProcess

REGION = "asia-northeast3"
SPEED = 600


class GcpSandbox(CloudSandbox):
    """The Google part of a sandbox process, and the provider on it."""

    cloud = "gcp"

    def __init__(self, process: SandboxProcess) -> None:
        super().__init__(process)
        self.project = self.ready["gcp"]["project"]
        self.credential = json.loads(Path(self.ready["gcp"]["service_account_file"]).read_text())
        self.environ = {
            "SKYCLUST_GCP_ENDPOINT": self.ready["gcp"]["endpoint"],
            "SKYCLUST_GCP_TOKEN_URI": self.ready["gcp"]["token_uri"],
        }
        self.provider = provider(self.environ)

    def named(self, name: str) -> dict:
        return next(row for row in self.resources() if row["name"] == name)

    def calls(self, part: str = "") -> list[str]:
        return [call["operation"] for call in self.called() if part in call["operation"]]

    def fault(self, mode: str, operation: str = "*", *, times: int | None = 1, **params) -> None:
        rule = {"provider": "gcp", "operation": operation, "mode": mode, "times": times, "params": params}
        self.control("POST", "faults", rule)


@pytest.fixture(scope="session")
def slow_process(sandbox_process) -> GcpSandbox:
    return GcpSandbox(sandbox_process)


@pytest.fixture(scope="session")
def fast_process(start_sandbox) -> GcpSandbox:
    return GcpSandbox(start_sandbox(speed=SPEED))


@pytest.fixture
def sandbox(slow_process) -> GcpSandbox:
    """An empty Google Cloud that stands still."""
    slow_process.reset()
    return slow_process


@pytest.fixture
def fast(fast_process) -> GcpSandbox:
    """An empty Google Cloud in a hurry."""
    fast_process.reset()
    return fast_process


@pytest.fixture(scope="session")
def pure():
    """The provider without any cloud behind it."""
    return provider({})


@pytest.fixture(scope="session")
def make_cluster():
    def make(**changes) -> ClusterSpec:
        fields = {
            "name": "shop",
            "region": REGION,
            "version": "1.33",
            "network": NetworkSpec("shop", REGION, "10.0.0.0/16"),
            "node_pools": (NodePoolSpec("default", "e2-standard-2", 3),),
        }
        return ClusterSpec(**{**fields, **changes})

    return make


class Stack(EngineStack):
    """A stack in the fast cloud; `gcp` is its session."""

    def __init__(self, cloud: GcpSandbox, name: str = "shop") -> None:
        self.gcp = cloud.provider.connect(cloud.credential, REGION)
        super().__init__(cloud.provider, self.gcp, name, Pace(SPEED))


@pytest.fixture
def stack(fast) -> Stack:
    return Stack(fast)


@pytest.fixture
def make_stack(fast):
    return lambda name="other": Stack(fast, name)
