"""The state of the simulated Google Cloud: documents by kind and path, long operations, and what happens when they end.

Every service module works on one `Cloud`. Invariant: nothing happens by itself; `settle` applies the effects of all
operations whose time has come, in order, before any request is answered, so a restart in between changes nothing.
Documents hold links as `compute://projects/...` and `container://projects/...`; `render` puts the host in.
Keys that begin with `_` are the emulator's own and never leave it.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from skyclust.sandbox.gcp.discovery import Method
from skyclust.sandbox.gcp.errors import GoogleError, Json
from skyclust.sandbox.gcp.lag import Lag
from skyclust.sandbox.kernel import Authenticate, Kernel

Effect = Callable[["Cloud", Json], None]


@dataclass(frozen=True)
class Call:
    """One authenticated, validated request on its way to a handler."""

    method: Method
    path: dict[str, str]
    query: dict[str, str]
    body: Json
    base_url: str
    caller: str
    trouble: str = ""  # a fault that must come true inside the operation: quota, no_capacity


Handler = Callable[["Cloud", Call], Json]


@dataclass(frozen=True)
class Project:
    id: str
    number: str


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def numeric_id(text: str) -> str:
    return str(int(hashlib.sha256(text.encode()).hexdigest()[:15], 16))


def short_hash(text: str, length: int = 8) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


class Cloud:
    def __init__(self, kernel: Kernel, project: Project, authenticate: Authenticate) -> None:
        self.kernel = kernel
        self.project = project
        self.authenticate = authenticate
        self.effects: dict[str, Effect] = {}
        self.lag = Lag()
        self.hidden: frozenset[tuple[str, str]] = frozenset()  # what the read that is being answered may not see

    # documents

    def get(self, kind: str, path: str) -> Json | None:
        return None if (kind, path) in self.hidden else self.kernel.store.get(f"gcp.{kind}", path)

    def put(self, kind: str, path: str, document: Json) -> None:
        if self.kernel.store.get(f"gcp.{kind}", path) is None:
            self.lag.note(kind, path, self.now())
        self.kernel.store.put(f"gcp.{kind}", path, document)

    def remove(self, kind: str, path: str) -> None:
        self.lag.forget(kind, path)
        self.kernel.store.delete(f"gcp.{kind}", path)

    def all(self, kind: str, under: str = "") -> list[tuple[str, Json]]:
        """Every (path, document) of a kind, in path order, optionally below a path prefix."""
        found = self.kernel.store.list(f"gcp.{kind}", under).items()
        return [(key, row) for key, row in found if (kind, key) not in self.hidden]

    def clear(self) -> None:
        self.lag.clear()
        self.kernel.store.clear("gcp.")

    # time

    def now(self) -> datetime:
        return self.kernel.clock.now()

    def take(self, latency: str, resource: str) -> float:
        return self.kernel.latencies.sample(latency, resource)

    # operations in flight: what to do when their time has come

    def schedule(self, operation: str, due_at: datetime, effects: list[Json]) -> None:
        self.put("pending", operation, {"due_at": due_at.timestamp(), "effects": effects, "nonce": uuid.uuid4().hex})

    def settle(self) -> None:
        now = self.now().timestamp()
        due = [(row["due_at"], key, row) for key, row in self.all("pending") if row["due_at"] <= now]
        for _, key, row in sorted(due, key=lambda item: item[:2]):
            with self.kernel.store.transaction():
                for effect in row["effects"]:
                    self.effects[effect["do"]](self, effect)
                self.remove("pending", key)

    def is_pending(self, operation: str) -> bool:
        return self.get("pending", operation) is not None

    def finish_now(self, operation: str) -> None:
        """Drop an operation's pending effects (it was cancelled)."""
        self.remove("pending", operation)


def due_after(start: datetime, seconds: float) -> datetime:
    return start + timedelta(seconds=seconds)


def render(value: Any, base_url: str) -> Any:
    """The document as a client sees it: full links, no private keys."""
    if isinstance(value, dict):
        return {key: render(item, base_url) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [render(item, base_url) for item in value]
    if isinstance(value, str):
        if value.startswith("compute://"):
            return f"{base_url}/compute/v1/{value.removeprefix('compute://')}"
        if value.startswith("container://"):
            return f"{base_url}/v1/{value.removeprefix('container://')}"
    return value


def path_of(reference: str, project: str) -> str:
    """The path a full link, a partial link or a `projects/...` path names; '' when it is a bare name."""
    for prefix in ("compute://", "container://"):
        reference = reference.removeprefix(prefix)
    _, found, tail = reference.partition("projects/")
    if found:
        return "projects/" + tail
    if reference.startswith(("global/", "regions/", "zones/")):
        return f"projects/{project}/{reference}"
    return ""


def named(reference: str) -> str:
    return reference.rstrip("/").rsplit("/", 1)[-1]


def unsupported(call: Call) -> GoogleError:
    return GoogleError(
        501,
        "notImplemented",
        f"The sandbox does not simulate {call.method.id}; the method exists in {call.method.api}. "
        "Use one of the methods its documentation lists.",
    )
