"""What an entry's seal covers, and the walk that finds the first bad one. Pure.

Each entry's hash is an HMAC over all of its fields and the hash before it, under a key that is not in the database; so
whoever can only write to the database can neither change, insert, reorder nor remove an entry unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from skyclust.kit.keys import KeySource

PURPOSE = "audit"
PLATFORM = "platform"
#: What the first entry of a chain follows.
START = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as it is sealed."""

    chain: str
    seq: int
    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_label: str
    address: str
    request_id: str
    action: str
    target: str
    outcome: str
    data: dict[str, Any]

    def sealed_text(self) -> bytes:
        """The same bytes on every machine for the same entry."""
        document = {
            "chain": self.chain,
            "seq": self.seq,
            "id": str(self.id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "actor_label": self.actor_label,
            "address": self.address,
            "request_id": self.request_id,
            "action": self.action,
            "target": self.target,
            "outcome": self.outcome,
            "data": self.data,
        }
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def chain_of(workspace_id: UUID | None) -> str:
    """The name of a workspace's chain; acts that concern no workspace have their own."""
    return str(workspace_id) if workspace_id else PLATFORM


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """`data` as JSON will give it back: ids and times become text now, so that the seal covers what is stored."""
    value: dict[str, Any] = orjson.loads(orjson.dumps(data, default=str))
    return value


def entry_hash(keys: KeySource, key_id: str, entry: Entry, prev_hash: bytes) -> bytes:
    """The seal of an entry that follows `prev_hash`. KeyError when there is no key of that id."""
    return hmac.digest(keys.derived(key_id, PURPOSE), prev_hash + entry.sealed_text(), hashlib.sha256)


@dataclass
class Walk:
    """Goes along a chain from its start. `seq` and `hash` are those of the last good entry."""

    keys: KeySource
    seq: int = 0
    hash: bytes = START

    def step(self, entry: Entry, key_id: str, prev_hash: bytes, seal: bytes) -> str | None:
        """Take the next entry; the answer says what is wrong with it, None when nothing is."""
        if entry.seq != self.seq + 1:
            return f"entry {self.seq + 1} is missing"
        if prev_hash != self.hash:
            return "it does not follow the entry before it"
        try:
            expected = entry_hash(self.keys, key_id, entry, prev_hash)
        except KeyError:
            return f"it is sealed under the key {key_id}, which is not in the keyring"
        if not hmac.compare_digest(expected, seal):
            return "it was changed after it was written"
        self.seq, self.hash = entry.seq, seal
        return None

    def end(self, head_seq: int, head_hash: bytes) -> str | None:
        """Compare with the chain's head: entries cut off at the end show only here."""
        if self.seq < head_seq:
            return f"the log ends at {self.seq}, but {head_seq} entries were written"
        if (self.seq, self.hash) != (head_seq, head_hash):
            return "the chain's head does not match its last entry"
        return None
