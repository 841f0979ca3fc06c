"""A whole installation of one process per role on this machine, and the hands that kill and stop its parts.

Used by the stories of `soak.kill` and by tests. Invariant: every process started here is ended by its id in `close`.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from skyclust.kit.embedded_postgres import start_embedded
from soak.killing.product import Product, Refused
from soak.killing.proxy import FaultProxy
from soak.killing.weather import Weather
from soak.nats_servers import NatsServer
from soak.sandboxes import SandboxProcess
from soak.warm import start

#: How a cloud is reached: variable -> what the sandbox announces under this name.
ADDRESSES = {"endpoint": "ENDPOINT", "token_uri": "TOKEN_URI"}
READY_SECONDS = 60.0
CLI = "skyclust.entrypoints.cli"


class Installation(Product):
    """PostgreSQL, NATS, sandbox behind proxies, one API and some workers."""

    def __init__(self, folder: Path, *, speed: float, lease_seconds: float, workers: int = 2) -> None:
        """Everything runs when this returns, with an administrator logged in."""
        self.folder, self.lease_seconds = folder, lease_seconds
        self.postgres = start_embedded(folder / "postgres")
        self.nats = NatsServer(folder / "nats")
        self.sandbox = SandboxProcess(folder / "sandbox", speed=speed)
        self.weather = Weather()
        clouds = {name: entry for name, entry in self.sandbox.ready.items() if isinstance(entry, dict)}
        self.proxies = {name: FaultProxy(entry["endpoint"], self.weather) for name, entry in clouds.items()}
        self.port = _free_port()
        self.ready = {"url": f"http://127.0.0.1:{self.port}", "sandbox": self.sandbox.ready}
        self.environ = {
            **os.environ,
            **self._cloud_addresses(clouds),
            "SKYCLUST_CLOUD_SPEED": str(speed),
            "SKYCLUST_LEASE_SECONDS": str(lease_seconds),
            "SKYCLUST_NATS_URL": self.nats.url,
            "SKYCLUST_DATA_DIR": str(folder),
            "SKYCLUST_DATABASE_URL": self.postgres.app_url,
            # One user asks for everything here, from many threads, for hours.
            "SKYCLUST_REQUESTS_PER_MINUTE": "0",
            "SKYCLUST_COSTLY_PER_MINUTE": "0",
        }
        token = self._migrate()
        self.api = self._start_api()
        self.workers = [self._start_worker() for _ in range(workers)]
        self.wait_until_ready()
        self._account = {"email": "first@example.com", "password": secrets.token_urlsafe(16)}
        self.token = self.call("POST", "/auth/register", self._account | {"token": token}, token="")["access_token"]

    def log_in(self) -> None:
        """Anew: tokens last a quarter of an hour, a soak lasts longer."""
        self.token = self.call("POST", "/auth/login", self._account, token="")["access_token"]

    def wait_until_ready(self, *, seconds: float = READY_SECONDS) -> float:
        """Until the API says that it is; how long that took."""
        begun = time.monotonic()
        while True:
            with suppress(Refused, OSError, urllib.error.URLError):
                if self.call("GET", "/health/ready", token="")["status"] == "ready":
                    return time.monotonic() - begun
            assert time.monotonic() - begun < seconds, f"not ready: {self._tail('api.log')}"
            time.sleep(0.05)  # polling a real process

    # ---- what happens to it ----
    def kill_worker(self, index: int) -> None:
        """SIGKILL, and a new one in its place."""
        self._kill(self.workers[index])
        self.workers[index] = self._start_worker()

    def kill_api(self) -> None:
        """SIGKILL, and a new one at the same port."""
        self._kill(self.api)
        self.api = self._start_api()

    def kill_nats(self) -> None:
        """SIGKILL, and again at the same port."""
        self.nats.kill()
        self.nats.start()

    def kill_database(self) -> None:
        """SIGKILL for the server and all its children, as a power cut does."""
        first = psutil.Process(self.postgres.process_id)
        for process in (first, *first.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    @contextmanager
    def frozen(self, pid: int) -> Iterator[None]:
        """SIGSTOP; SIGCONT at the end of the block."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def end_worker(self, index: int) -> int:
        """SIGTERM and wait; the exit code. Nobody takes its place."""
        ending = self.workers.pop(index)
        ending.terminate()
        return int(ending.wait())

    def add_worker(self) -> None:
        """One more."""
        self.workers.append(self._start_worker())

    def close(self) -> list[int]:
        """End everything; exit codes of the API and of the workers."""
        ending = [self.api, *self.workers]
        for process in ending:
            process.terminate()
        codes = [int(process.wait()) for process in ending]
        steps: list[Callable[[], object]] = [self.sandbox.close, self.nats.stop, self.postgres.stop]
        for step in (*steps, *(proxy.close for proxy in self.proxies.values())):
            step()
        return codes

    def faults(self) -> list[str]:
        """What the engines have reported as a defect. That the database was away is none."""
        lines = [line for file in self.folder.glob("*.log") for line in file.read_text(errors="replace").splitlines()]
        return [line for line in lines if '"fault in the engine"' in line and "asyncpg" not in line]

    # ---- inside ----
    def _cloud_addresses(self, clouds: dict[str, Any]) -> dict[str, str]:
        """The announced addresses, with the proxy's place instead of the sandbox's."""
        found: dict[str, str] = {}
        for name, entry in clouds.items():
            for key, variable in ADDRESSES.items():
                if key in entry:
                    address = str(entry[key]).replace(entry["endpoint"], self.proxies[name].url)
                    found[f"SKYCLUST_{name.upper()}_{variable}"] = address
        return found

    def _migrate(self) -> str:
        """As the schema's owner; the first administrator's token."""
        owner = self.environ | {"SKYCLUST_DATABASE_URL": self.postgres.owner_url}
        command = [sys.executable, "-m", CLI, "migrate"]
        done = subprocess.run(command, env=owner, capture_output=True, text=True, check=True)
        return done.stdout.partition("token=")[2].strip()

    def _start_api(self) -> Any:
        return self._start("api", "--port", str(self.port))

    def _start_worker(self) -> Any:
        return self._start("worker")

    def _start(self, *words: str) -> Any:
        with (self.folder / f"{words[0]}.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            return start("product", CLI, words, stdin=nothing, stdout=log, stderr=log, env=self.environ)

    def _kill(self, process: Any) -> None:
        process.kill()
        process.wait()

    def _tail(self, name: str) -> str:
        file = self.folder / name
        return file.read_text(errors="replace")[-2000:] if file.exists() else "nothing was written"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
