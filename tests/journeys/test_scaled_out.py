"""One process per role, on PostgreSQL and NATS, told by environment variables only: one API, two workers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from skyclust.kit.embedded_postgres import start_embedded
from soak.warm import start
from up_fixtures import Up

CLI = "skyclust.entrypoints.cli"
SPEED = 200
LEASE_SECONDS = 4
PASSWORD = "unrelated words for a test"
TOKEN = "a-long-random-token-for-prometheus"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class ScaledOut(Up):
    """Drives the API like `Up`, but each role is a process of its own."""

    def __init__(self, folder: Path, sandbox, nats_url: str) -> None:
        self.folder, self.token = folder, ""
        self.postgres = start_embedded(folder / "postgres")
        self.port, self.worker_ports = free_port(), (free_port(), free_port())
        clouds = {"SKYCLUST_AWS_ENDPOINT": sandbox.ready["aws"]["endpoint"], "SKYCLUST_CLOUD_SPEED": str(SPEED)}
        settings = {"SKYCLUST_NATS_URL": nats_url, "SKYCLUST_LEASE_SECONDS": str(LEASE_SECONDS)}
        settings["SKYCLUST_METRICS_TOKEN"] = TOKEN
        place = {"SKYCLUST_DATA_DIR": str(folder), "SKYCLUST_DATABASE_URL": self.postgres.app_url}
        self.environ = {**os.environ, **clouds, **settings, **place}
        self.ready = {"url": f"http://127.0.0.1:{self.port}", "sandbox": sandbox.ready}
        self.running = []

    def migrate(self) -> str:
        """As the schema's owner; what it printed."""
        owner = self.environ | {"SKYCLUST_DATABASE_URL": self.postgres.owner_url}
        command = [sys.executable, "-m", CLI, "migrate"]
        return subprocess.run(command, env=owner, capture_output=True, text=True, check=True).stdout

    def role(self, *words: str, **environ: str):
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            process = start("product", CLI, words, env=self.environ | environ, stderr=log, stdout=log)
        self.running.append(process)
        return process

    def worker(self, number: int) -> subprocess.Popen:
        """With a page of its own."""
        return self.role("worker", SKYCLUST_WORKER_METRICS_PORT=str(self.worker_ports[number]))

    def page(self, number: int, path: str, token: str = "") -> str:
        """What that worker says of itself."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.worker_ports[number]}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                assert self.call("GET", "/health/ready", token="")["status"] == "ready"
            except urllib.error.URLError:
                assert time.monotonic() < deadline, (self.folder / "api.log").read_text()[-2000:]
                time.sleep(0.1)  # polling a real process
            else:
                return

    def close(self) -> None:
        for process in self.running:
            process.terminate()
        codes = [process.wait(timeout=30) for process in self.running]
        self.postgres.stop()
        assert set(codes) <= {0, -signal.SIGKILL}, codes


@pytest.fixture
def scaled_out(tmp_path, start_sandbox, nats):
    product = ScaledOut(tmp_path, start_sandbox(speed=SPEED), nats.url)
    yield product
    product.close()


def test_a_cluster_is_made_by_workers_that_come_and_go(scaled_out):
    token = scaled_out.migrate().partition("token=")[2].strip()
    assert token, "a database without users gets a link for the first administrator"
    scaled_out.role("api", "--port", str(scaled_out.port))
    first, _ = scaled_out.worker(0), scaled_out.worker(1)
    scaled_out.wait_until_ready()
    account = {"email": "first@example.com", "password": PASSWORD, "token": token}
    scaled_out.token = scaled_out.call("POST", "/auth/register", account, token="")["access_token"]

    body = {"name": "wide", "region": "us-west-2", "node_pool": {"machine_type": "t3.medium", "node_count": 2}}
    body["credential_id"] = scaled_out.credential("aws")
    operation = scaled_out.call("POST", "/aws/kubernetes/clusters", body)
    time.sleep(1.5)  # the moment is the test's subject: a worker is killed in the middle
    first.kill()
    scaled_out.worker(0)
    done = scaled_out.succeeded(operation)
    assert all(step["state"] == "succeeded" for step in done["steps"])
    assert scaled_out.call("GET", "/aws/kubernetes/clusters/wide")["state"] == "ready"
    owned = [row for row in scaled_out.resources("aws") if "skyclust:resource" in row["tags"]]
    assert len({row["tags"]["skyclust:resource"] for row in owned}) == len(owned)

    scaled_out.succeeded(scaled_out.call("DELETE", "/aws/kubernetes/clusters/wide"))
    assert scaled_out.resources("aws") == []

    pages = [scaled_out.page(number, "/metrics", TOKEN) for number in (0, 1)]
    for number, page in enumerate(pages):
        assert '"status":"ready"' in scaled_out.page(number, "/health/ready")
        assert "skyclust_engine_slots 200.0" in page
        assert re.search(r'skyclust_operations{kind="[a-z_.]+",state="succeeded"} 1.0', page), page
    assert any('outcome="ok",provider="aws"}' in page for page in pages)  # one of them may have had nothing to do
    with pytest.raises(urllib.error.HTTPError, match="401"):
        scaled_out.page(0, "/metrics")
