"""The cloud itself: a folder with one JSON document per resource. In place of a real cloud's SDK.

Names are unique within their parent, and the name of a file says so: making a resource is creating its file, which the
file system does for one of many. Errors leave here in the contract's words; a real provider has a table for that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    InUse,
    NameTaken,
    NoCapacity,
    ProviderError,
    QuotaExceeded,
    Throttled,
    Unavailable,
)

T = TypeVar("T")

#: Seconds until something new is ready.
SECONDS = {"cluster": 20.0, "pool": 10.0}


@dataclass(frozen=True)
class Document:
    """One resource. `uses` are ids of what it cannot live without."""

    kind: str
    id: str
    name: str
    tags: dict[str, str]
    fields: dict[str, Any]
    uses: list[str]
    ready_at: float = 0.0


@dataclass
class Cloud:
    """The folder, and what goes wrong with it. `keys.json` says whose each key is."""

    folder: Path
    now: Callable[[], float]
    calls: int = 0
    #: (start of an operation's name, what happens, real seconds), each once
    faults: list[tuple[str, str, float]] = field(default_factory=list)

    async def call(self, operation: str, key: str, effect: Callable[[], T]) -> T:
        """One API call: `effect` is what it does here."""
        self.calls += 1
        fault, seconds = self._fault(operation)
        if fault == "revoked" or not self.account(key):
            raise AuthenticationFailed(
                "Nimbus does not know this key. Enter one that is in force.", operation=operation
            )
        refusal = _refusal(fault, operation)
        if refusal is not None:
            raise refusal
        result = effect()
        if fault == "slow":
            await asyncio.sleep(seconds)
        if fault in ("error_after", "lost_reply"):
            raise _unknown(operation)
        return result

    def account(self, key: str) -> str | None:
        """Whose key it is."""
        file = self.folder / "keys.json"
        return json.loads(file.read_text()).get(key) if file.exists() else None

    def documents(self, region: str) -> list[Document]:
        """Everything in a region, sorted by id."""
        files = sorted((self.folder / region).glob("*.json"))
        return [Document(**json.loads(file.read_text())) for file in files]

    def read(self, region: str, resource_id: str) -> Document | None:
        """One resource."""
        try:
            return Document(**json.loads(self._file(region, resource_id).read_text()))
        except FileNotFoundError:
            return None

    def create(self, region: str, wanted: Document) -> Document:
        """Make it. NameTaken when there is one of that id."""
        made = replace(wanted, ready_at=self.now() + SECONDS.get(wanted.kind, 0.0))
        file = self._file(region, made.id)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x") as out:
                json.dump(asdict(made), out)
        except FileExistsError:
            raise NameTaken(f"Nimbus has a {made.kind} {made.name} already. Choose another name.") from None
        return made

    def change(self, region: str, item: Document, fields: dict[str, Any]) -> None:
        """Some fields become others."""
        draft = self._file(region, item.id).with_suffix(".draft")
        draft.write_text(json.dumps(asdict(replace(item, fields=item.fields | fields))))
        draft.replace(self._file(region, item.id))

    def delete(self, region: str, item: Document) -> None:
        """Remove it. InUse while something needs it."""
        users = tuple(other.id for other in self.documents(region) if item.id in other.uses)
        if users:
            raise InUse(f"{item.id} is used by {', '.join(users)}. Delete that first.", blockers=users)
        self._file(region, item.id).unlink(missing_ok=True)

    def _file(self, region: str, resource_id: str) -> Path:
        return self.folder / region / f"{resource_id}.json"

    def _fault(self, operation: str) -> tuple[str, float]:
        for rule in self.faults:
            if operation.startswith(rule[0]):
                self.faults.remove(rule)
                return rule[1], rule[2]
        return "", 0.0


def _refusal(fault: str, operation: str) -> ProviderError | None:
    """What certainly was not done, or at least did not answer."""
    if fault == "throttle":
        return Throttled("Nimbus asks to be asked less often.", retry_after_seconds=1.0, operation=operation)
    if fault == "quota":
        return QuotaExceeded("The Nimbus account is full. Have its limit raised.", operation=operation)
    if fault == "no_capacity":
        return NoCapacity("Nimbus has no such machine left. Choose another type or zone.", operation=operation)
    return _unknown(operation) if fault == "error_before" else None


def _unknown(operation: str) -> ProviderError:
    """No answer: harmless for a read, while a change may have been made all the same."""
    kind = Unavailable if operation.startswith("read") else Ambiguous
    return kind("Nimbus did not answer; it is asked again.", operation=operation)
