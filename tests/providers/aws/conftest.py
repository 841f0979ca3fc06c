"""A real sandbox process at high speed, the provider on it, and the real engine to run whole stacks."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import boto3
import pytest
from botocore.config import Config

from skyclust.contract.resources import Graph, Observed, Phase
from skyclust.contract.specs import AutoScaling, ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.aws import provider
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.planning import Kind, Plan, plan_deletion, plan_towards
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.starting import start

SOURCE = Path(__file__).parents[3] / "src"
SPEED = 1500
REGION = "us-west-2"


class Sandbox:
    def __init__(self, data_dir: Path) -> None:
        command = [
            *(sys.executable, "-m", "skyclust.sandbox", "--data-dir", str(data_dir)),
            *("--speed", str(SPEED), "--json", "--until-stdin-closes"),
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(SOURCE)}
        )
        line = self.process.stdout.readline()
        assert line, "the sandbox did not start"
        self.ready = json.loads(line)
        self.aws = self.ready["aws"]
        self.credential = {name: self.aws[name] for name in ("access_key", "secret_key")}

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def control(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.ready['control']}/{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                raw = reply.read()
                return json.loads(raw) if raw else None
        except urllib.error.HTTPError as refused:
            with refused:
                raise AssertionError(refused.read()) from None

    def pass_time(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def fault(self, operation: str, mode: str, **rule):
        return self.control("POST", "faults", {"provider": "aws", "operation": operation, "mode": mode, **rule})

    def act(self, action: str, **body):
        return self.control("POST", f"actions/aws/{action}", body)

    def resources(self, kind: str | None = None) -> list[dict]:
        found = self.control("GET", "resources?provider=aws")["resources"]
        return [row for row in found if kind in (None, row["kind"])]

    def kinds(self) -> dict[str, int]:
        kinds = sorted(row["kind"] for row in self.resources())
        return {kind: len(list(rows)) for kind, rows in itertools.groupby(kinds)}

    def calls(self, operation: str = "") -> list[dict]:
        found = self.control("GET", "calls?provider=aws")["calls"]
        return [call for call in found if operation in call["operation"]]


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


@pytest.fixture(scope="session")
def pure():
    """The provider without any cloud behind it."""
    return provider({})


@pytest.fixture
def aws(sandbox):
    return provider({"SKYCLUST_AWS_ENDPOINT": sandbox.aws["endpoint"]})


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


class Stack:
    """One stack run by the real engine against the sandbox; its rows live in memory."""

    def __init__(self, aws, credential: dict[str, str], name: str = "shop") -> None:
        self.aws = aws
        self.session = aws.connect(credential, REGION)
        self.store = MemoryStore(lambda: datetime.now(UTC))
        self.id = uuid4()
        self.store.stacks[self.id] = StackRef(self.id, uuid4(), uuid4(), "aws", REGION, name)
        self.faults: list[BaseException] = []

    def driver(self, provider_name: str, kind: str):
        assert provider_name == "aws"
        return self.aws.driver(kind)

    async def open(self, stack: StackRef):
        assert stack.id == self.id
        return self.session

    def rows(self) -> list[ResourceRow]:
        return [row for row in self.store.rows(self.id) if row.state is not State.GONE]

    def row(self, key: str) -> ResourceRow:
        return next(row for row in self.rows() if row.key == key)

    def kind_of(self, kind: str) -> Kind:
        driver = self.aws.driver(kind)

        def differences(row: ResourceRow, spec):
            return driver.diff(spec, Observed(row.external_id or "", Phase.READY, row.outputs, row.fields))

        return Kind(driver.creates, driver.expected_seconds, differences)

    def plan(self, graph: Graph | None) -> Plan:
        def price_of(node):
            return self.aws.monthly_price(node, REGION)

        if graph is None:
            return plan_deletion(self.rows(), self.kind_of, price_of)
        return plan_towards(graph, self.rows(), self.kind_of, price_of)

    async def apply(self, graph: Graph | None, *, seconds: float = 60) -> MemoryOperation:
        plan = self.plan(graph)
        operation_id = uuid4()
        begun = start(plan, graph, self.store.rows(self.id), self.id, operation_id, uuid4)
        steps = frozenset(row.id for row in begun.rows if row.operation_id == operation_id)
        operation = MemoryOperation(operation_id, self.id, OperationState.RUNNING, steps)
        self.store.operations[operation_id] = operation
        self.store.put(begun.rows)
        await self._run(operation, seconds)
        return operation

    async def _run(self, operation: MemoryOperation, seconds: float) -> None:
        clouds = Clouds(self)
        engine = Engine(
            self.store, clouds, "worker", time.monotonic, Random(7), pace=Pace(speed=SPEED),
            on_fault=lambda _claim, error: self.faults.append(error),
        )  # fmt: skip
        stop = asyncio.Event()
        working = asyncio.create_task(engine.run(stop, sweep_seconds=0.2))
        deadline = time.monotonic() + seconds
        while operation.state is OperationState.RUNNING and time.monotonic() < deadline and not working.done():
            await asyncio.wait({working}, timeout=0.05)
        stop.set()
        await working
        assert not self.faults, self.faults
        stuck = [(row.key, row.state, row.message) for row in self.rows() if row.state is not State.READY]
        assert operation.state is not OperationState.RUNNING, f"still running: {stuck}"

    async def close(self) -> None:
        await self.session.close()


class Clouds:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def driver(self, provider_name: str, kind: str):
        return self.stack.driver(provider_name, kind)

    async def session(self, stack: StackRef):
        return await self.stack.open(stack)


@pytest.fixture
def stacks(aws, sandbox):
    """Run a story with stacks; each story has its own event loop and its sessions are closed at its end."""

    def run(story, *, credential: dict[str, str] | None = None):
        made: list[Stack] = []

        def make(name: str = "shop") -> Stack:
            made.append(Stack(aws, credential or sandbox.credential, name))
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


@pytest.fixture(scope="session")
def client(running):
    """Make clients nobody here wrote, for what the outside world does by itself."""
    session = boto3.Session()

    def make(service: str):
        return session.client(
            service, endpoint_url=running.aws["endpoint"], region_name=REGION,
            aws_access_key_id=running.aws["access_key"], aws_secret_access_key=running.aws["secret_key"],
            config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def ec2(client):
    return client("ec2")
