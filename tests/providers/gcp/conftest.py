"""A real sandbox process and the provider pointed at it. Cloud time moves only when a test moves it, unless `fast`."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyclust.providers.gcp import provider

SOURCE = Path(__file__).parents[3] / "src"
REGION = "asia-northeast3"


class Sandbox:
    def __init__(self, data_dir: Path, speed: float) -> None:
        command = [sys.executable, "-m", "skyclust.sandbox", "--data-dir", str(data_dir), "--speed", str(speed), "--json"]
        self.process = subprocess.Popen(
            [*command, "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )
        line = self.process.stdout.readline()
        assert line, "the sandbox did not start"
        self.ready = json.loads(line)
        self.speed = speed
        self.project = self.ready["gcp"]["project"]
        self.credential = json.loads(Path(self.ready["gcp"]["service_account_file"]).read_text())
        environ = {
            "SKYCLUST_GCP_ENDPOINT": self.ready["gcp"]["endpoint"],
            "SKYCLUST_GCP_TOKEN_URI": self.ready["gcp"]["token_uri"],
        }
        self.provider = provider(environ)

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
                raise AssertionError(f"{path}: {refused.code} {refused.read()!r}") from None

    def act(self, action: str, **body):
        return self.control("POST", f"actions/gcp/{action}", body)

    def resources(self) -> list[dict]:
        return self.control("GET", "resources?provider=gcp")["resources"]

    def names(self, kind: str) -> list[str]:
        return sorted(row["name"] for row in self.resources() if row["kind"] == kind)

    def calls(self) -> list[dict]:
        return self.control("GET", "calls?provider=gcp")["calls"]

    def fault(self, mode: str, operation: str = "*", *, times: int | None = 1, **params) -> None:
        rule = {"provider": "gcp", "operation": operation, "mode": mode, "times": times, "params": params}
        self.control("POST", "faults", rule)

    def reset(self) -> None:
        self.control("POST", "reset")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Cloud time stands almost still: tests pass it by hand."""
    running = Sandbox(tmp_path_factory.mktemp("gcp-sandbox"), speed=1)
    yield running
    running.close()


@pytest.fixture(scope="session")
def fast_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Six hundred cloud seconds pass in one real second, for whole stacks under the engine."""
    running = Sandbox(tmp_path_factory.mktemp("gcp-fast-sandbox"), speed=600)
    yield running
    running.close()
