"""One cloud of a sandbox process: its books, its call log, acts of the outside world.

`CloudSandbox` is for tests of a provider on a sandbox that others use as well, `OwnSandbox` for tests of the cloud itself.
"""

from collections import Counter
from typing import Any

from soak.sandboxes import SandboxProcess


class CloudSandbox:
    """Subclasses say which cloud and add what they name in their own way."""

    cloud: str

    def __init__(self, process: SandboxProcess) -> None:
        self.process, self.ready, self.control = process, process.ready, process.control

    def act(self, action: str, **body: Any) -> Any:
        return self.control("POST", f"actions/{self.cloud}/{action}", body)

    def resources(self, kind: str | None = None) -> list[dict]:
        found = self.control("GET", f"resources?provider={self.cloud}")["resources"]
        return [row for row in found if kind in (None, row["kind"])]

    def kinds(self) -> Counter[str]:
        return Counter(row["kind"] for row in self.resources())

    def called(self) -> list[dict]:
        return self.control("GET", f"calls?provider={self.cloud}")["calls"]

    def pass_time(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def reset(self) -> None:
        self.control("POST", "reset")


class OwnSandbox(SandboxProcess):
    """A process that a test may kill and start again; a refusal of the control API is an answer like any other."""

    cloud: str

    def control(self, method: str, path: str, body: dict | None = None) -> Any:
        status, document = self.ask(method, path, body)
        return document if status < 400 else {"status": status, **document}

    def pass_time(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def fault(self, **rule: Any) -> Any:
        return self.control("POST", "faults", {"provider": self.cloud, **rule})

    def act(self, action: str, **body: Any) -> Any:
        return self.control("POST", f"actions/{self.cloud}/{action}", body)

    def resources(self, kind: str | None = None) -> list[dict]:
        found = self.control("GET", f"resources?provider={self.cloud}")["resources"]
        return [row for row in found if kind in (None, row["kind"])]
