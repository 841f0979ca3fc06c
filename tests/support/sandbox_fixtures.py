"""The HTTP sandbox as a process for tests, and its control API as the suite's `OutsideWorld`.

Loaded by tests/conftest.py. Invariant: a process started here ends with the session, or when its test says so.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from skyclust.contract.conformance import CloudResource, Fault
from soak.sandboxes import SandboxProcess

__all__ = ["SandboxProcess", "SandboxWorld"]


class SandboxWorld:
    """One cloud of a sandbox as `OutsideWorld`. Subclass it where a cloud names things in its own way.

    creates     globs over the names of all creating operations ("*.Create*", "*.insert")
    regional    body of `plant_decoys`
    """

    crowd_size = 30

    def __init__(self, sandbox: SandboxProcess, provider: str, creates: tuple[str, ...], region: str) -> None:
        self.sandbox, self.provider, self.creates, self.region = sandbox, provider, creates, region

    def reset(self) -> None:
        self.sandbox.control("POST", "reset")

    def rows(self) -> list[dict[str, Any]]:
        """The sandbox's own documents, for tests that look closer."""
        return self.sandbox.control("GET", f"resources?provider={self.provider}")["resources"]

    def resources(self) -> tuple[CloudResource, ...]:
        return tuple(
            CloudResource(row["kind"], row["id"], row["name"], row["tags"] or {}, row.get("description") or "")
            for row in self.rows()
        )

    def pass_time(self, seconds: float) -> None:
        self.sandbox.control("POST", "clock", {"advance_seconds": seconds})

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        for operation in self.creates:
            self._fault(fault, operation, seconds)

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        self._fault(fault, "*", seconds)

    def heal(self) -> None:
        self.sandbox.control("DELETE", "faults")

    def calls(self) -> int:
        return len(self.sandbox.control("GET", f"calls?provider={self.provider}")["calls"])

    def plant_decoys(self) -> frozenset[str]:
        return self._new_after("plant_decoys", {"region": self.region})

    def plant_foreign(self, network_id: str) -> str:
        return str(self.act("plant_instance", {"network_id": network_id})["id"])

    def crowd(self, network_id: str) -> frozenset[str]:
        return frozenset(self.plant_foreign(network_id) for _ in range(self.crowd_size))

    def remove(self, ids: frozenset[str]) -> None:
        for item in sorted(ids):
            self.act("delete_resource", {"id": item})

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        return self._new_after("kubernetes_leftovers", {"cluster": cluster})

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """An act of the outside world."""
        return self.sandbox.control("POST", f"actions/{self.provider}/{action}", body)

    def _new_after(self, action: str, body: dict[str, Any]) -> frozenset[str]:
        before = {row["id"] for row in self.rows()}
        self.act(action, body)
        return frozenset(row["id"] for row in self.rows()) - before

    def _fault(self, fault: Fault, operation: str, seconds: float) -> None:
        rule = {"provider": self.provider, "operation": operation, "mode": fault.value, "times": 1}
        self.sandbox.control("POST", "faults", {**rule, "params": {"seconds": seconds} if seconds else {}})


@pytest.fixture(scope="session")
def start_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., SandboxProcess]]:
    """`start_sandbox(speed=...)`: a sandbox process of one's own, ended with the session."""
    started: list[SandboxProcess] = []

    def start(*, speed: float = 1.0) -> SandboxProcess:
        started.append(SandboxProcess(tmp_path_factory.mktemp("sandbox"), speed=speed))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.close()


@pytest.fixture(scope="session")
def sandbox_process(start_sandbox: Callable[..., SandboxProcess]) -> SandboxProcess:
    """The session's sandbox at speed 1; its cloud time moves by the control API. Reset it before use."""
    return start_sandbox()
