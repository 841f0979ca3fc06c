"""The provider on real sandbox processes, and the real engine to run whole stacks.

`sandbox` stands almost still and is moved by hand; in `fast` six hundred cloud seconds pass in one real second.
"""

import asyncio
import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from skyclust.contract.resources import Graph, Observed, Phase
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.gcp import provider
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.planning import Kind, Plan, plan_deletion, plan_towards
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.starting import revived, start

REGION = "asia-northeast3"
SPEED = 600


class GcpSandbox:
    """The Google part of a sandbox process."""

    def __init__(self, process) -> None:
        self.process, self.ready, self.control = process, process.ready, process.control
        self.project = self.ready["gcp"]["project"]
        self.credential = json.loads(Path(self.ready["gcp"]["service_account_file"]).read_text())
        self.provider = provider(
            {
                "SKYCLUST_GCP_ENDPOINT": self.ready["gcp"]["endpoint"],
                "SKYCLUST_GCP_TOKEN_URI": self.ready["gcp"]["token_uri"],
            }
        )

    def act(self, action: str, **body):
        return self.control("POST", f"actions/gcp/{action}", body)

    def resources(self) -> list[dict]:
        return self.control("GET", "resources?provider=gcp")["resources"]

    def kinds(self) -> Counter[str]:
        return Counter(row["kind"] for row in self.resources())

    def named(self, name: str) -> dict:
        return next(row for row in self.resources() if row["name"] == name)

    def calls(self, part: str = "") -> list[str]:
        done = self.control("GET", "calls?provider=gcp")["calls"]
        return [call["operation"] for call in done if part in call["operation"]]

    def fault(self, mode: str, operation: str = "*", *, times: int | None = 1, **params) -> None:
        rule = {"provider": "gcp", "operation": operation, "mode": mode, "times": times, "params": params}
        self.control("POST", "faults", rule)

    def pass_time(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def reset(self) -> None:
        self.control("POST", "reset")


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


class Stack:
    """One stack under the real engine; its rows live in memory."""

    def __init__(self, cloud: GcpSandbox, name: str = "shop") -> None:
        self.cloud, self.provider = cloud, cloud.provider
        self.gcp = cloud.provider.connect(cloud.credential, REGION)
        self.store = MemoryStore(lambda: datetime.now(UTC))
        self.id = uuid4()
        self.store.stacks[self.id] = StackRef(self.id, uuid4(), uuid4(), "gcp", REGION, name)
        self.faults: list[BaseException] = []

    # ---- engine.Clouds ----
    def driver(self, provider_name: str, kind: str):
        assert provider_name == "gcp"
        return self.provider.driver(kind)

    async def session(self, stack: StackRef):
        assert stack.id == self.id
        return self.gcp

    # ---- what a slice does ----
    def rows(self) -> list[ResourceRow]:
        return [row for row in self.store.rows(self.id) if row.state is not State.GONE]

    def row(self, key: str) -> ResourceRow:
        return next(row for row in self.rows() if row.key == key)

    def plan(self, graph: Graph | None) -> Plan:
        def price_of(node):
            return self.provider.monthly_price(node, REGION)

        if graph is None:
            return plan_deletion(self.rows(), self._kind_of, price_of)
        return plan_towards(graph, self.rows(), self._kind_of, price_of)

    def _kind_of(self, kind: str) -> Kind:
        driver = self.provider.driver(kind)

        def differences(row: ResourceRow, spec):
            return driver.diff(spec, Observed(row.external_id or "", Phase.READY, row.outputs, row.fields))

        return Kind(driver.creates, driver.expected_seconds, differences)

    async def apply(self, graph: Graph | None) -> MemoryOperation:
        operation_id = uuid4()
        begun = start(self.plan(graph), graph, self.store.rows(self.id), self.id, operation_id, uuid4)
        steps = frozenset(row.id for row in begun.rows if row.operation_id == operation_id)
        operation = MemoryOperation(operation_id, self.id, OperationState.RUNNING, steps)
        self.store.operations[operation_id] = operation
        self.store.put(begun.rows)
        await self._run(operation)
        return operation

    async def resume(self, operation: MemoryOperation) -> None:
        operation.state = OperationState.RUNNING
        self.store.put([revived(row) for row in self.rows()])
        await self._run(operation)

    async def _run(self, operation: MemoryOperation, seconds: float = 60) -> None:
        engine = Engine(
            self.store, self, "worker", time.monotonic, Random(7), pace=Pace(speed=SPEED),
            on_fault=lambda _claim, error: self.faults.append(error),
        )  # fmt: skip
        stop = asyncio.Event()
        working = asyncio.create_task(engine.run(stop, sweep_seconds=0.2))
        deadline = time.monotonic() + seconds
        while operation.state is OperationState.RUNNING and time.monotonic() < deadline and not working.done():
            await asyncio.wait({working}, timeout=0.02)
        stop.set()
        await working
        assert not self.faults, self.faults
        waiting = [(row.key, row.state, row.message) for row in self.rows() if row.state is not State.READY]
        assert operation.state is not OperationState.RUNNING, f"still running: {waiting}"


@pytest.fixture
def stack(fast) -> Stack:
    return Stack(fast)


@pytest.fixture
def make_stack(fast):
    return lambda name="other": Stack(fast, name)
