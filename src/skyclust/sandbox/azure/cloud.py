"""The state of the simulated Azure subscription and what a handler is given. Every service module works on one `Cloud`.

Documents are kept by resource type under the resource's id in lower case, as Azure compares ids without regard to case;
the id inside keeps the case it was made with. Keys that begin with `_` are the emulator's own and never leave it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from skyclust.sandbox.azure.errors import Json, group_not_found
from skyclust.sandbox.kernel import CloudState, Kernel

if TYPE_CHECKING:
    from skyclust.sandbox.azure.identities import Identities
    from skyclust.sandbox.azure.resources import Kind

GROUPS = "microsoft.resources/resourcegroups"
OPERATIONS = "operations"
# what Azure reads from where it wrote it, or what is no resource
NEVER_HIDDEN = frozenset(
    {OPERATIONS, "quotas", "denied", "counters", "registrations", "restrictions", "locks", "policies"}
)


@dataclass(frozen=True)
class Account:
    """The one subscription and the service principal that holds rights in it."""

    subscription: str
    tenant: str
    client: str
    object_id: str


@dataclass(frozen=True)
class Call:
    """One authenticated request on its way to a handler. `path` holds the URL's parameters as given."""

    method: str
    action: str
    path: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    url: str  # of the request, without its query
    base_url: str
    trouble: str = ""  # a fault that must come true inside the operation: quota, no_capacity


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[["Cloud", Call], Answer]


@dataclass(frozen=True)
class Route:
    """`action` is the permission's name, which is also what faults call it; a handler may be known for one "
    "method only.
    """

    method: str
    template: str
    action: str
    handler: Handler
    alias: Callable[[Cloud, dict[str, str]], str] | None = None


class Cloud(CloudState):
    def __init__(self, kernel: Kernel, identities: Identities) -> None:
        super().__init__(kernel, "azure", NEVER_HIDDEN)
        self.identities = identities
        self.account = identities.account
        self.kinds: dict[str, Kind] = {}  # by collection

    def group(self, name: str) -> Json:
        found = self.get(GROUPS, self.group_key(name))
        if found is None:
            raise group_not_found(name)
        return found

    def group_key(self, name: str) -> str:
        return f"/subscriptions/{self.account.subscription}/resourcegroups/{name}".lower()


def named(resource_id: str) -> str:
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def group_of(resource_id: str) -> str:
    """The resource group's name in an id, '' when there is none."""
    parts = resource_id.split("/")
    return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""


def parent_of(resource_id: str) -> str:
    """The id of the resource that this one is inside of."""
    return resource_id.rsplit("/", 2)[0]


def new_etag() -> str:
    return f'W/"{uuid.uuid4()}"'


def guid_of(text: str) -> str:
    """A GUID that the same text always gives."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def digits_of(text: str, length: int = 8) -> str:
    """The number that AKS puts into the names of what it makes."""
    return str(int(hashlib.sha256(text.encode()).hexdigest()[:15], 16))[:length].rjust(length, "1")


def shown(value: Any) -> Any:
    """The document as a client sees it: no private keys."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value
