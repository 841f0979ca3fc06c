"""What an entry's seal covers, and the walk that finds the first bad one. Pure.

Each entry's hash is SHA-256 over the hash before it and all of its fields, so that anyone can follow the links; its
seal is an HMAC of the hash under a key that is not in the database, so that whoever can only write to the database can
neither change, insert, reorder nor remove an entry unnoticed. Until schema 0013 hash and seal were one HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from skyclust.kit.keys import KeySource

PURPOSE = "audit"
PLATFORM = "platform"
#: What the first entry of a chain follows.
START = bytes(32)
_ANOTHER = "it is another one than was there when its head was exported"
_ENDS_BEFORE = "it is missing: the log ends before it, but a head of entry {} was exported"


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
        return sealed_text(
            {
                "chain": self.chain,
                "seq": self.seq,
                "id": str(self.id),
                "at": time_text(self.at),
                "actor_id": str(self.actor_id) if self.actor_id else None,
                "actor_label": self.actor_label,
                "address": self.address,
                "request_id": self.request_id,
                "action": self.action,
                "target": self.target,
                "outcome": self.outcome,
                "data": self.data,
            }
        )


#: What of an entry is sealed: the names in its text.
FIELDS = tuple(Entry.__dataclass_fields__)


class Link(NamedTuple):
    """One entry as it stands in the log. `seal` is None for those of before schema 0013."""

    seq: int
    text: bytes
    key_id: str
    prev_hash: bytes
    hash: bytes
    seal: bytes | None


def sealed_text(document: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed, from the entry's fields with ids and times as text."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def time_text(at: datetime) -> str:
    """A time as it is sealed: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def chain_of(workspace_id: UUID | None) -> str:
    """The name of a workspace's chain; acts that concern no workspace have their own."""
    return str(workspace_id) if workspace_id else PLATFORM


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """`data` as JSON will give it back: ids and times become text now, so that the seal covers what is stored.

    With sorted keys: so the stored text is the sealed text, and need not be parsed to be verified.
    """
    value: dict[str, Any] = orjson.loads(orjson.dumps(data, default=str, option=orjson.OPT_SORT_KEYS))
    return value


def link_hash(prev_hash: bytes, text: bytes) -> bytes:
    """The hash of an entry that follows `prev_hash`; needs no key."""
    return hashlib.sha256(prev_hash + text).digest()


def seal_of(keys: KeySource, key_id: str, entry_hash: bytes) -> bytes:
    """The seal of an entry. KeyError when there is no key of that id."""
    return hmac.digest(keys.derived(key_id, PURPOSE), entry_hash, hashlib.sha256)


@dataclass
class Walk:
    """Goes along a chain from its start, or from the anchor that stands for what was dropped.

    keys      None = follow the links alone: seals are not looked at, entries of before schema 0013 not recomputed
    expected  hashes by seq, from heads that were exported
    seq, hash are those of the last good entry
    bad_seq   which entry a refusal speaks of
    unproven  entries that only a key could have proven
    """

    keys: KeySource | None
    seq: int = 0
    hash: bytes = START
    expected: Mapping[int, bytes] = field(default_factory=dict)
    bad_seq: int | None = None
    unproven: int = 0
    _derived: dict[str, bytes] = field(default_factory=dict, repr=False)

    def step(self, link: Link) -> str | None:
        """Take the next entry; the answer says what is wrong at `bad_seq`, None when nothing is."""
        wrong = self._place(link) or self._content(link)
        if wrong is not None:
            self.bad_seq = min(link.seq, self.seq + 1)
            return wrong
        self.seq, self.hash = link.seq, link.hash
        return None

    def _place(self, link: Link) -> str | None:
        if link.seq != self.seq + 1:
            return "it is missing" if link.seq > self.seq else "it is there twice"
        if link.prev_hash != self.hash:
            return "it does not follow the entry before it"
        if link.seq in self.expected and self.expected[link.seq] != link.hash:
            return _ANOTHER
        return None

    def _content(self, link: Link) -> str | None:
        if link.seal is not None and link_hash(link.prev_hash, link.text) != link.hash:
            return "it was changed after it was written"
        if self.keys is None:
            self.unproven += link.seal is None
            return None
        key = self._derived.get(link.key_id)
        if key is None:
            try:
                key = self._derived[link.key_id] = self.keys.derived(link.key_id, PURPOSE)
            except KeyError:
                return f"it is sealed under the key {link.key_id}, which is not in the keyring"
        sealed, seal = (link.hash, link.seal) if link.seal is not None else (link.prev_hash + link.text, link.hash)
        if not hmac.compare_digest(hmac.digest(key, sealed, "sha256"), seal):
            return "it was changed after it was written"
        return None

    def end(self, head_seq: int, head_hash: bytes) -> str | None:
        """Compare with the chain's head in the database: entries cut off carelessly show here."""
        if self.seq < head_seq:
            self.bad_seq = self.seq + 1
            return f"it is missing: the log ends before it, but {head_seq} entries were written"
        if (self.seq, self.hash) != (head_seq, head_hash):
            self.bad_seq = self.seq
            return "the chain's head does not match its last entry"
        return self.end_of_expected()

    def compare(self, found: Mapping[int, bytes], last_seq: int) -> str | None:
        """Instead of walking: only what is expected, with the hashes `found` in a chain that ends at `last_seq`."""
        for seq in sorted(self.expected):
            if found.get(seq) != self.expected[seq]:
                self.bad_seq = min(seq, last_seq + 1)
                return _ANOTHER if seq in found else _ENDS_BEFORE.format(seq)
        return None

    def end_of_expected(self) -> str | None:
        """Compare with the exported heads: entries cut off with care show only here."""
        beyond = max(self.expected, default=0)
        if beyond > self.seq:
            self.bad_seq = self.seq + 1
            return _ENDS_BEFORE.format(beyond)
        return None
