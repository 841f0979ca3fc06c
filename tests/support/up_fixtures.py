"""`skyclust up --sandbox --json` as a process, driven through its HTTP door only. Loaded by tests/conftest.py.

Invariant: every process started here is ended by pid, with its database server, when its test or session ends.
"""

import json
import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from canaries import remember
from skyclust.entrypoints.cli import app
from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.context import load_context
from soak.killing.product import Product
from soak.warm import start

#: Cloud seconds per real second: an EKS control plane takes three seconds.
SPEED = 200.0


class Up(Product):
    """The running product on one data folder."""

    def __init__(self, data_dir: Path, *, speed: float = SPEED) -> None:
        self.data_dir, self.speed, self.token = data_dir, speed, ""
        self.start()

    def start(self) -> None:
        arguments = ["up", "--sandbox", "--json", "--port", "0", "--data-dir", str(self.data_dir)]
        with (self.data_dir.parent / f"{self.data_dir.name}.stderr").open("ab") as errors:
            self.process = start(
                "product", "skyclust.entrypoints.cli", [*arguments, "--speed", str(self.speed)],
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        line = self.process.stdout.readline()
        assert line, f"it did not start: {(self.data_dir.parent / f'{self.data_dir.name}.stderr').read_text()[-2000:]}"
        self.ready: dict[str, Any] = json.loads(line)
        remember(self.given_secrets(), self.data_dir.parent)
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


@pytest.fixture
def cli(up, monkeypatch, capsys):
    """`cli("nodes", "list", ...)`: standard output; another exit code than 0 is to be asked for."""
    monkeypatch.setenv("SKYCLUST_URL", up.ready["url"])
    monkeypatch.setenv("SKYCLUST_TOKEN", up.token)

    made = []

    def remembered(context):
        made.append(Api(context))
        return made[-1]

    monkeypatch.setattr(Api, "from_environment", lambda: remembered(load_context(os.environ)))

    def run(*arguments, code=0):
        capsys.readouterr()
        ended = app.run(list(arguments))
        while made:  # in a process of its own its end closes it
            made.pop().close()
        told = capsys.readouterr()
        assert ended == code, told
        return told.out + (told.err if code else "")

    return run
