"""The log of what clients called. Written by every front, read through the control API by tests.

Invariant: bounded; the oldest entries go first.
"""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    provider: str
    operation: str
    status: int
    at: str
    request_id: str = ""
    resource_id: str = ""
    fault: str = ""


class CallLog:
    def __init__(self, limit: int = 20_000) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)

    def record(self, call: Call) -> None:
        self._calls.append(call)

    def list(self, provider: str | None = None) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._calls if provider in (None, "", call.provider)]

    def clear(self) -> None:
        self._calls.clear()
