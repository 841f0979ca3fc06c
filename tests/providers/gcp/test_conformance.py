"""Google Cloud passes the suite that every cloud passes, against the sandbox."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault, ProviderConformance
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec

REGION = "asia-northeast3"
#: "insert" or "create", at the end of a method's id.
CREATES = "*.[ci][rn][es][ae][tr][et]"
#: Parts of a node pool, which come and go with it; they are not things of the provider's.
PARTS = ("instance_group", "instance_group_manager")
NETWORKS_LIMIT = 15


class GcpOutside:
    """`OutsideWorld` on the sandbox's control API."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox

    def reset(self) -> None:
        self.sandbox.reset()

    def resources(self) -> tuple[CloudResource, ...]:
        rows = [row for row in self.sandbox.resources() if not is_part_of_a_pool(row)]
        return tuple(CloudResource(row["kind"], row["id"], row["name"], row["tags"]) for row in rows)

    def pass_time(self, seconds: float) -> None:
        self.sandbox.control("POST", "clock", {"advance_seconds": seconds})

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        if fault is Fault.QUOTA:
            self.sandbox.act("set_quota", metric="NETWORKS", limit=0)
        else:
            self._fail(CREATES, fault, seconds)

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self._fail("*", fault, seconds)

    def _fail(self, operation: str, fault: Fault, seconds: float) -> None:
        # A revoked credential stays revoked: the provider's one try with a fresh token fails like the first.
        times = 2 if fault is Fault.REVOKED else 1
        self.sandbox.fault(fault.value, operation, times=times, seconds=seconds)

    def heal(self) -> None:
        self.sandbox.control("DELETE", "faults")
        self.sandbox.act("set_quota", metric="NETWORKS", limit=NETWORKS_LIMIT)

    def calls(self) -> int:
        return len(self.sandbox.calls())

    def plant_decoys(self) -> frozenset[str]:
        return frozenset(self.sandbox.act("plant_decoy")["ids"])

    def plant_foreign(self, network_id: str) -> str:
        return self.sandbox.act("plant_instance", network=network_id)["id"]

    def crowd(self, network_id: str) -> frozenset[str]:
        return frozenset(self.plant_foreign(network_id) for _ in range(510))

    def remove(self, ids: frozenset[str]) -> None:
        for item in ids:
            self.sandbox.act("delete", id=item)

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        return frozenset(self.sandbox.act("leave_leftovers", cluster=cluster)["ids"])


def is_part_of_a_pool(row: dict) -> bool:
    return row["kind"] in PARTS or "goog-gke-node" in row["tags"]


class TestGcp(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls, sandbox) -> CloudUnderTest:
        network = NetworkSpec("net", REGION, "10.0.0.0/16")
        pool = NodePoolSpec("default", "e2-standard-2", 3)
        standard = ClusterSpec("one", REGION, "1.33", network=network, node_pools=(pool,))
        autopilot = ClusterSpec("two", REGION, "1.34", mode="autopilot", network=network)
        return CloudUnderTest(
            provider=sandbox.provider,
            credential=sandbox.credential,
            wrong_credential={**sandbox.credential, "private_key": another_key()},
            region=REGION,
            network=network,
            clusters={"standard": standard, "autopilot": autopilot},
            world=GcpOutside(sandbox),
        )


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
