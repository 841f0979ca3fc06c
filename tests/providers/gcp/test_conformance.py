"""Google Cloud passes the suite that every cloud passes, against the sandbox."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox_fixtures import SandboxWorld
from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault, ProviderConformance
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec

REGION = "asia-northeast3"
#: "insert" or "create", at the end of a method's id.
CREATES = "*.[ci][rn][es][ae][tr][et]"
#: Parts of a node pool, which come and go with it; they are not things of the provider's.
PARTS = ("instance_group", "instance_group_manager")
NETWORKS_LIMIT = 15


class GcpOutside(SandboxWorld):
    """`OutsideWorld` on the sandbox's control API."""

    crowd_size = 510  # a page of Compute's lists holds 500

    def resources(self) -> tuple[CloudResource, ...]:
        rows = [row for row in self.rows() if not is_part_of_a_pool(row)]
        return tuple(CloudResource(row["kind"], row["id"], row["name"], row["tags"]) for row in rows)

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        if fault is Fault.QUOTA:
            self.act("set_quota", {"metric": "NETWORKS", "limit": 0})
        else:
            self._fault(fault, CREATES, seconds)

    def heal(self) -> None:
        super().heal()
        self.act("set_quota", {"metric": "NETWORKS", "limit": NETWORKS_LIMIT})

    def plant_decoys(self) -> frozenset[str]:
        return frozenset(self.act("plant_decoy", {})["ids"])

    def plant_foreign(self, network_id: str) -> str:
        return str(self.act("plant_instance", {"network": network_id})["id"])

    def remove(self, ids: frozenset[str]) -> None:
        for item in sorted(ids):
            self.act("delete", {"id": item})

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        return frozenset(self.act("leave_leftovers", {"cluster": cluster})["ids"])

    def _fault(self, fault: Fault, operation: str, seconds: float) -> None:
        # A revoked credential stays revoked: the provider's one try with a fresh token fails like the first.
        times = 2 if fault is Fault.REVOKED else 1
        rule = {"provider": "gcp", "operation": operation, "mode": fault.value, "times": times}
        self.sandbox.control("POST", "faults", {**rule, "params": {"seconds": seconds} if seconds else {}})


def is_part_of_a_pool(row: dict) -> bool:
    return row["kind"] in PARTS or "goog-gke-node" in row["tags"]


class TestGcp(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls, slow_process) -> CloudUnderTest:
        network = NetworkSpec("net", REGION, "10.0.0.0/16")
        pool = NodePoolSpec("default", "e2-standard-2", 3)
        standard = ClusterSpec("one", REGION, "1.33", network=network, node_pools=(pool,))
        autopilot = ClusterSpec("two", REGION, "1.34", mode="autopilot", network=network)
        return CloudUnderTest(
            provider=slow_process.provider,
            credential=slow_process.credential,
            wrong_credential={**slow_process.credential, "private_key": another_key()},
            region=REGION,
            network=network,
            clusters={"standard": standard, "autopilot": autopilot},
            world=GcpOutside(slow_process.process, "gcp", (CREATES,), REGION),
        )


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
