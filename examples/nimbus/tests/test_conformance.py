"""Nimbus keeps every rule of the contract. All that a cloud's author writes is the world outside its API."""

import itertools
from pathlib import Path

import pytest
from skyclust_nimbus.cloud import Cloud, Document
from skyclust_nimbus.drivers import CLUSTER_TAG
from skyclust_nimbus.nimbus import Nimbus

from skyclust.contract.conformance import CloudResource, CloudUnderTest, Fault, ProviderConformance
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec

REGION = "lab-1"


class Outside:
    """`OutsideWorld`: the folder itself. Its clock stands still unless moved."""

    def __init__(self, folder: Path) -> None:
        self.seconds = 0.0
        self.cloud = Cloud(folder, lambda: self.seconds)
        folder.joinpath("keys.json").write_text('{"right-key": "lab"}')
        self.numbers = itertools.count(1)

    def reset(self) -> None:
        for file in self.cloud.folder.glob("*/*.json"):
            file.unlink()
        self.heal()

    def resources(self) -> tuple[CloudResource, ...]:
        return tuple(CloudResource(item.kind, item.id, item.name, item.tags) for item in self.cloud.documents(REGION))

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self.cloud.faults.append(("create", fault.value, seconds))

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self.cloud.faults.append(("", fault.value, seconds))

    def heal(self) -> None:
        self.cloud.faults.clear()

    def calls(self) -> int:
        return self.cloud.calls

    def plant_decoys(self) -> frozenset[str]:
        network = self._plant("network")
        return frozenset({network, self._plant("subnet", network)})

    def plant_foreign(self, network_id: str) -> str:
        return self._plant("machine", network_id)

    def crowd(self, network_id: str) -> frozenset[str]:
        return frozenset(self.plant_foreign(network_id) for _ in range(30))

    def remove(self, ids: frozenset[str]) -> None:
        for item in self.cloud.documents(REGION):
            if item.id in ids:
                self.cloud.delete(REGION, item)

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        living = self.cloud.read(REGION, f"cluster.{cluster}")
        assert living is not None
        return frozenset({self._plant("balancer", *living.uses, **{CLUSTER_TAG: cluster})})

    def _plant(self, kind: str, *uses: str, **tags: str) -> str:
        name = f"theirs-{next(self.numbers)}"
        return self.cloud.create(REGION, Document(kind, f"{kind}.{name}", name, tags, {}, list(uses))).id


class TestNimbus(ProviderConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def cloud(cls, tmp_path_factory: pytest.TempPathFactory) -> CloudUnderTest:
        outside = Outside(tmp_path_factory.mktemp("nimbus"))
        network = NetworkSpec("net", REGION, "10.0.0.0/16")
        pools = (NodePoolSpec("default", "small", 2),)
        return CloudUnderTest(
            provider=Nimbus(outside.cloud),
            credential={"key": "right-key"},
            wrong_credential={"key": "guessed-key"},
            region=REGION,
            network=network,
            clusters={"standard": ClusterSpec("one", REGION, "1.34", network=network, node_pools=pools)},
            world=outside,
        )
