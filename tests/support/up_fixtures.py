"""`skyclust up --sandbox --json` as a process, driven through its HTTP door only. Loaded by tests/conftest.py.

Invariant: every process started here is ended by pid, with its database server, when its test or session ends.
"""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

#: Cloud seconds per real second: an EKS control plane takes three seconds.
SPEED = 200.0
#: Real seconds within which any operation of these tests must have ended.
PATIENCE_SECONDS = 120.0
ENDED = {"succeeded", "failed", "needs_attention", "cancelled"}


class Refused(Exception):
    """A problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem

    @property
    def kind(self) -> str:
        return self.problem["type"].rpartition("/")[2]

    @property
    def pointers(self) -> set[str]:
        return {error["pointer"] for error in self.problem.get("errors", [])}


class Up:
    """The running product on one data folder."""

    def __init__(self, data_dir: Path, *, speed: float = SPEED) -> None:
        self.data_dir, self.speed, self.token = data_dir, speed, ""
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "skyclust.entrypoints.cli", "up", "--sandbox", "--json", "--port", "0"]
        with (self.data_dir.parent / f"{self.data_dir.name}.stderr").open("ab") as errors:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(self.data_dir), "--speed", str(self.speed)],
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        line = self.process.stdout.readline()
        assert line, f"it did not start: {(self.data_dir.parent / f'{self.data_dir.name}.stderr').read_text()[-2000:]}"
        self.ready: dict[str, Any] = json.loads(line)
        self.login()

    def kill(self) -> None:
        """SIGKILL: nobody gets to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code

    def login(self, email: str | None = None, password: str | None = None) -> str:
        """Log in and use that token from now on."""
        admin = self.ready["admin"]
        body = {"email": email or admin["email"], "password": password or admin["password"]}
        self.token = self.call("POST", "/auth/login", body)["access_token"]
        return self.token

    def call(
        self, method: str, path: str, body: dict | None = None, *, headers: dict | None = None, token: str | None = None
    ) -> Any:
        """One request; a problem raises Refused."""
        data = json.dumps(body).encode() if body is not None else None
        bearer = self.token if token is None else token
        sent = {"content-type": "application/json", **({"authorization": f"Bearer {bearer}"} if bearer else {})}
        request = urllib.request.Request(
            f"{self.ready['url']}/api/v1{path}", data=data, method=method, headers=sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                raw = reply.read()
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, json.loads(refused.read())) from None
        if not raw:
            return None
        return json.loads(raw) if raw[:1] in b"{[" else raw.decode()

    def credential(self, provider: str) -> str:
        """The sandbox's account of a cloud, added once."""
        known = [item for item in self.call("GET", "/credentials")["items"] if item["provider"] == provider]
        if known:
            return known[0]["id"]
        body = {"name": f"sandbox-{provider}", "provider": provider, "data": self.account(provider)}
        return self.call("POST", "/credentials", body)["id"]

    def account(self, provider: str) -> dict[str, Any]:
        """The data of the sandbox's credential."""
        announced = self.ready["sandbox"][provider]
        if "service_account_file" in announced:
            return json.loads(Path(announced["service_account_file"]).read_text())
        return {key: announced[key] for key in ("access_key", "secret_key", "region")}

    def ended(self, operation_id: str) -> dict[str, Any]:
        """Wait for the end of an operation."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            operation = self.call("GET", f"/operations/{operation_id}")
            if operation["state"] in ENDED:
                return operation
            time.sleep(0.1)  # polling a real process
        raise AssertionError(f"not ended in time: {json.dumps(operation['steps'], indent=1)}")

    def succeeded(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Wait, and insist on success."""
        found = self.ended(operation["id"])
        assert found["state"] == "succeeded", json.dumps([found["error"], found["steps"]], indent=1)
        return found

    def control(self, method: str, path: str, body: dict | None = None) -> Any:
        """The sandbox's control API."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.ready['sandbox']['control']}/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            raw = reply.read()
        return json.loads(raw) if raw else None

    def resources(self, provider: str) -> list[dict[str, Any]]:
        """Everything that exists in a simulated cloud: the independent truth."""
        return self.control("GET", f"resources?provider={provider}")["resources"]

    def act(self, provider: str, action: str, **body: Any) -> Any:
        """An act of the outside world."""
        return self.control("POST", f"actions/{provider}/{action}", body)


def new_key() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def start_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Up]]:
    """`start_up()`: a product of one's own, ended with the session."""
    started: list[Up] = []

    def start(*, speed: float = SPEED) -> Up:
        started.append(Up(tmp_path_factory.mktemp("up") / "data", speed=speed))
        return started[-1]

    yield start
    for up in started:
        up.stop()


@pytest.fixture(scope="session")
def running_up(start_up: Callable[..., Up]) -> Up:
    return start_up()


@pytest.fixture
def up(running_up: Up) -> Iterator[Up]:
    """The session's product with healthy clouds. Tests use names of their own."""
    running_up.login()
    yield running_up
    running_up.control("DELETE", "faults")
