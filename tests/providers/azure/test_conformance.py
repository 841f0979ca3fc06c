"""Azure passes the suite that every cloud passes, against the sandbox."""

import pytest

from sandbox_fixtures import SandboxWorld
from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault, ProviderConformance
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec

REGION = "koreacentral"
#: The sandbox tells creations from updates by the plural of the type: "virtualNetworks.create".
CREATES = "*.create"


class AzureOutside(SandboxWorld):
    """`OutsideWorld` on the sandbox's control API."""

    def resources(self) -> tuple[CloudResource, ...]:
        """Without the node resource groups and what AKS puts into them, which come and go with their cluster."""
        return tuple(
            CloudResource(row["kind"], row["id"], row["name"], row["tags"] or {})
            for row in self.rows()
            if not is_part_of_a_cluster(row) and row["state"] != "Deleting"
        )

    def remove(self, ids: frozenset[str]) -> None:
        for item in sorted(ids, reverse=True):  # what is inside before what holds it
            self.act("delete_resource", {"id": item})

    def _fault(self, fault: Fault, operation: str, seconds: float) -> None:
        # A revoked credential stays revoked: the provider's one try with a fresh token fails like the first.
        times = 2 if fault is Fault.REVOKED else 1
        rule = {"provider": "azure", "operation": operation, "mode": fault.value, "times": times}
        self.sandbox.control("POST", "faults", {**rule, "params": {"seconds": seconds} if seconds else {}})


def is_part_of_a_cluster(row: dict) -> bool:
    return "-nodes/" in f"{row['id']}/".lower()


class TestAzure(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls, slow_process) -> CloudUnderTest:
        network = NetworkSpec("net", REGION, "10.0.0.0/16")
        pool = NodePoolSpec("default", "Standard_D2s_v5", 3)
        standard = ClusterSpec("one", REGION, "1.33", network=network, node_pools=(pool,))
        return CloudUnderTest(
            provider=slow_process.provider,
            credential=slow_process.credential,
            wrong_credential={**slow_process.credential, "client_secret": "not~the~right~one~0123456789"},
            region=REGION,
            network=network,
            clusters={"standard": standard},
            world=AzureOutside(slow_process.process, "azure", (CREATES,), REGION),
        )
