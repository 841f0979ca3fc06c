"""`skyclust up` as a process and its HTTP door, for benchmarks of the whole. Called by those who time what users see.

Invariant: what is started here is ended here, by pid, and its data folder is gone afterwards.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
ENDED = {"succeeded", "failed", "needs_attention", "cancelled"}


@dataclass
class Product:
    """The running product. `start_seconds` passed from the command to its ready line; `ready` is that line."""

    process: subprocess.Popen[bytes] = field(repr=False)
    ready: Json
    start_seconds: float
    token: str = ""
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def log_in(self) -> None:
        """As the sandbox's administrator."""
        self.token = self.call("POST", "/auth/login", self.ready["admin"])["access_token"]

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """One request on a connection that stays open; RuntimeError with the problem when it is refused."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.ready["url"]).netloc, timeout=60)
        headers = {"content-type": "application/json"} | (
            {"authorization": f"Bearer {self.token}"} if self.token else {}
        )
        self._connection.request(method, f"/api/v1{path}", json.dumps(body) if body is not None else None, headers)
        reply = self._connection.getresponse()
        raw = reply.read()
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path} was refused with {reply.status}: {raw[:500].decode()}")
        return json.loads(raw) if raw else None

    def finished(self, operation: Json, *, within_seconds: float) -> Json:
        """The operation when it has succeeded; RuntimeError when it has not by then."""
        deadline = time.monotonic() + within_seconds
        while time.monotonic() < deadline:
            found: Json = self.call("GET", f"/operations/{operation['id']}")
            if found["state"] == "succeeded":
                return found
            if found["state"] in ENDED:
                raise RuntimeError(f"The operation is {found['state']}: {found['error']}")
            time.sleep(0.5)
        raise RuntimeError(f"The operation has not ended within {within_seconds:g} s.")

    def memory_bytes(self) -> Mapping[str, int]:
        """Resident memory now, by part. Pages that PostgreSQL's processes share count once each (PSS)."""
        parts = {"server": 0, "sandbox": 0, "postgres": 0}
        for pid in family(self.process.pid) | postgres_family(Path(self.ready["data_dir"]) / "postgres"):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            part = "sandbox" if "skyclust.sandbox" in command else "postgres" if "postgres" in command else "server"
            parts[part if pid != self.process.pid else "server"] += proportional_bytes(pid)
        return parts

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._connection is not None:
            self._connection.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for one product, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="skyclust-benchmark-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "data"


@contextmanager
def running(
    data_dir: Path, *, sandbox: bool = True, speed: float = 60.0, environ: Mapping[str, str] | None = None
) -> Iterator[Product]:
    """Start it on a folder and end it. `environ`: settings beside those of this process."""
    command = [sys.executable, "-m", "skyclust.entrypoints.cli", "up", "--json", "--port", "0"]
    command += ["--data-dir", str(data_dir), *(["--sandbox", "--speed", str(speed)] if sandbox else [])]
    started = time.perf_counter()
    settings = os.environ | dict(environ or {})
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=settings)
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    seconds = time.perf_counter() - started
    if not line:
        raise RuntimeError(f"skyclust up did not start: {process.stderr.read().decode()[-1000:]}")
    product = Product(process, json.loads(line), seconds)
    try:
        yield product
    finally:
        product.stop()
        process.stderr.close()


def family(pid: int) -> set[int]:
    """A process and all that it started, directly or not."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    found = {pid}
    for child in {*children, *(item for thread in threads for item in thread)}:
        found |= family(int(child))
    return found


def postgres_family(folder: Path) -> set[int]:
    """The embedded server of a data folder: it is nobody's child."""
    file = folder / "postmaster.pid"
    return family(int(file.read_text().splitlines()[0])) if file.exists() else set()


def proportional_bytes(pid: int) -> int:
    """Proportional set size: shared pages are divided among those who share them; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def machine() -> str:
    """What ran this: cores and memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"
