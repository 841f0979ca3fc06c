"""The HTTP sandbox as a process, and its control API. For tests and for the long proofs.

Invariant: whoever starts one ends it; it also ends when this process does, because its standard input then closes.
"""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from soak.warm import SOURCE, start


class SandboxProcess:
    """`python -m skyclust.sandbox` on a data directory; `ready` is the line it printed."""

    def __init__(self, data_dir: Path, *, speed: float = 1.0) -> None:
        self.data_dir, self.speed = data_dir, speed
        self.start()

    def start(self) -> None:
        arguments = ["--data-dir", str(self.data_dir), "--json", "--speed", str(self.speed), "--until-stdin-closes"]
        self.process = start(
            "sandbox", "skyclust.sandbox", arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line, "the sandbox did not start; its error is above"
        self.ready: dict[str, Any] = json.loads(line)

    def kill(self) -> None:
        """SIGKILL; `start` brings it back on the same data."""
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def control(self, method: str, path: str, body: dict | None = None) -> Any:
        """One request to the control API; a refusal raises with the sandbox's own words."""
        status, document = self.ask(method, path, body)
        if status >= 400:
            raise AssertionError(f"{method} {path} {body}: {status} {document}")
        return document

    def ask(self, method: str, path: str, body: dict | None = None) -> tuple[int, Any]:
        """Likewise; the status and what the sandbox answers, also when it refuses."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.ready['control']}/{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                status, raw = reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            with refused:
                status, raw = refused.code, refused.read()
        return status, json.loads(raw) if raw else None
