"""The state of the simulated Google Cloud: documents by kind and path, long operations, and what happens when they end.

Every service module works on one `Cloud`. Invariant: nothing happens by itself, see `CloudState`.
Documents hold links as `compute://projects/...` and `container://projects/...`; `render` puts the host in.
Keys that begin with `_` are the emulator's own and never leave it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skyclust.sandbox.gcp.discovery import Method
from skyclust.sandbox.gcp.errors import GoogleError, Json
from skyclust.sandbox.kernel import Authenticate, CloudState, Kernel

# Google reads these from where it wrote them
NEVER_HIDDEN = frozenset({"compute_operations", "container_operations", "requests", "quotas", "policies", "counters"})


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


class Cloud(CloudState):
    def __init__(
        self, kernel: Kernel, project: Project, authenticate: Authenticate, issue: Callable[[str, int], str]
    ) -> None:
        super().__init__(kernel, "gcp", NEVER_HIDDEN)
        self.project = project
        self.authenticate = authenticate
        self.issue = issue  # an access token of whom, for how many seconds


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
