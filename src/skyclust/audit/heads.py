"""Signed heads: where a chain stood at a time, so that a later cut shows. Pure.

Made by exporting heads and by retention, checked by whoever verifies a chain. The Ed25519 key is derived from the
keyring, outside the database; the public half is in each head. Invariant: a head and an anchor sign different texts, so
that an exported head cannot pass for permission to forget what was before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from skyclust.audit.chaining import time_text
from skyclust.kit.keys import KeySource

PURPOSE = "audit-heads"
#: A head as a line of text is never longer.
MAX_LINE = 1024


class Kind(StrEnum):
    """What a signature says: the chain stood here, or what is up to here was dropped by the owner."""

    HEAD = "skyclust.audit.head"
    ANCHOR = "skyclust.audit.anchor"


class HeadError(Exception):
    """A text is no head, or not one of this installation. The message says which, and may be shown."""


@dataclass(frozen=True, slots=True)
class Head:
    """A chain's end at a time. `public_key` and `signature` are raw bytes."""

    chain: str
    seq: int
    hash: bytes
    at: datetime
    key_id: str
    public_key: bytes
    signature: bytes

    def line(self) -> bytes:
        """As one line of JSON, for files and webhooks."""
        document = {
            "kind": Kind.HEAD.value,
            "chain": self.chain,
            "seq": self.seq,
            "hash": self.hash.hex(),
            "at": time_text(self.at),
            "key_id": self.key_id,
            "public_key": self.public_key.hex(),
            "signature": self.signature.hex(),
        }
        return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def sign(keys: KeySource, kind: Kind, chain: str, seq: int, entry_hash: bytes, at: datetime) -> Head:
    """Under the active key."""
    key_id = keys.active_id
    private = Ed25519PrivateKey.from_private_bytes(keys.derived(key_id, PURPOSE))
    signature = private.sign(_signed_text(kind, chain, seq, entry_hash, at))
    return Head(chain, seq, entry_hash, at, key_id, private.public_key().public_bytes_raw(), signature)


def public_key(keys: KeySource, key_id: str) -> bytes:
    """The public half of the key that signs under `key_id`; KeyError when there is none."""
    return Ed25519PrivateKey.from_private_bytes(keys.derived(key_id, PURPOSE)).public_key().public_bytes_raw()


def is_signed(kind: Kind, head: Head, public: bytes) -> bool:
    """Whether `head` was signed as `kind` by the holder of `public`'s private half."""
    try:
        text = _signed_text(kind, head.chain, head.seq, head.hash, head.at)
        Ed25519PublicKey.from_public_bytes(public).verify(head.signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_head(head: Head, trusted: Iterable[bytes]) -> None:
    """HeadError unless one of the trusted public keys signed it."""
    if not any(is_signed(Kind.HEAD, head, public) for public in trusted if public == head.public_key):
        raise HeadError(
            f"The head of entry {head.seq} is not signed by a key of this installation. It was changed, comes from "
            "elsewhere, or its key is no longer in the keyring."
        )


def parse_head(line: str | bytes) -> Head:
    """The head in one line of JSON; HeadError for anything else. The signature is not looked at."""
    try:
        given = orjson.loads(line)
        if given["kind"] != Kind.HEAD.value or type(given["seq"]) is not int:
            raise HeadError("This is not a head of an audit log.")
        raw = {name: bytes.fromhex(given[name]) for name in ("hash", "public_key", "signature")}
        at = datetime.fromisoformat(given["at"])
        time_text(at)
        return Head(str(given["chain"]), given["seq"], at=at, key_id=str(given["key_id"]), **raw)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise HeadError("This is not a head of an audit log.") from error


def _signed_text(kind: Kind, chain: str, seq: int, entry_hash: bytes, at: datetime) -> bytes:
    document = {"kind": kind.value, "chain": chain, "seq": seq, "hash": entry_hash.hex(), "at": time_text(at)}
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
