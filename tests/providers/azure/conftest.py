"""The provider on real sandbox processes, and the real engine to run whole stacks.

`sandbox` stands almost still and is moved by hand; in `fast` six hundred cloud seconds pass in one real second.
"""

import pytest

from cloud_sandboxes import CloudSandbox
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.azure import provider
from skyclust.provisioning.pacing import Pace
from soak.engine_stacks import EngineStack
from soak.sandboxes import SandboxProcess

REGION = "koreacentral"
SPEED = 600


class AzureSandbox(CloudSandbox):
    """The Azure part of a sandbox process, and the provider on it."""

    cloud = "azure"

    def __init__(self, process: SandboxProcess) -> None:
        super().__init__(process)
        told = self.ready["azure"]
        self.subscription = told["subscription_id"]
        self.credential = {name: told[name] for name in ("subscription_id", "tenant_id", "client_id", "client_secret")}
        self.environ = {
            "SKYCLUST_AZURE_ENDPOINT": told["endpoint"],
            "SKYCLUST_AZURE_AUTHORITY": told["authority"],
            "SKYCLUST_AZURE_CA_FILE": told["ca_file"],
        }
        self.provider = provider(self.environ)

    def named(self, name: str) -> dict:
        return next(row for row in self.resources() if row["name"] == name)

    def calls(self, part: str = "") -> list[str]:
        return [call["operation"] for call in self.called() if part in call["operation"]]

    def fault(self, mode: str, operation: str = "*", *, times: int | None = 1, **params) -> None:
        rule = {"provider": "azure", "operation": operation, "mode": mode, "times": times, "params": params}
        self.control("POST", "faults", rule)


@pytest.fixture(scope="session")
def slow_process(sandbox_process) -> AzureSandbox:
    return AzureSandbox(sandbox_process)


@pytest.fixture(scope="session")
def fast_process(start_sandbox) -> AzureSandbox:
    return AzureSandbox(start_sandbox(speed=SPEED))


@pytest.fixture
def sandbox(slow_process) -> AzureSandbox:
    """An empty Azure that stands still."""
    slow_process.reset()
    return slow_process


@pytest.fixture
def fast(fast_process) -> AzureSandbox:
    """An empty Azure in a hurry."""
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
            "node_pools": (NodePoolSpec("default", "Standard_D2s_v5", 3),),
        }
        return ClusterSpec(**{**fields, **changes})

    return make


class Stack(EngineStack):
    """A stack in the fast cloud; `az` is its session."""

    def __init__(self, cloud: AzureSandbox, name: str = "shop") -> None:
        self.az = cloud.provider.connect(cloud.credential, REGION)
        super().__init__(cloud.provider, self.az, name, Pace(SPEED))


@pytest.fixture
def stack(fast) -> Stack:
    return Stack(fast)


@pytest.fixture
def make_stack(fast):
    return lambda name="other": Stack(fast, name)
