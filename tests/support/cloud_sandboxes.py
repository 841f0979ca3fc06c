"""One cloud of a sandbox process, as the tests of its provider see it: its books, its call log, acts of the outside."""

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
