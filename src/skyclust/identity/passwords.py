"""What a password must be, and argon2id off the event loop. Called by service.py.

Invariant: at most `_AT_ONCE` hashes are computed at a time, however many people sign in, so memory stays bounded.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

MIN_LENGTH = 12
MAX_LENGTH = 256
_AT_ONCE = 2

#: OWASP Password Storage Cheat Sheet, argon2id, first choice (46 MiB, 1 pass).
_HASHER = PasswordHasher(memory_cost=47_104, time_cost=1, parallelism=1)
_POOL = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="argon2")

#: What is left of the usual lists of common passwords at 12 characters and more, lower case.
_COMMON = Path(__file__).with_name("common_passwords.txt")


def password_fault(password: str, email: str) -> str | None:
    """Why this password will not do and what to do instead; None when it will."""
    plain = _normalised(password).lower()
    if len(plain) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters; several unrelated words are good."
    if len(plain) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    if plain in _common() or len(set(plain)) < 5:
        return "This password is among the first that are guessed. Use several unrelated words."
    local = email.partition("@")[0]
    if plain == email or (len(local) >= 4 and plain.strip("0123456789!?.-_") in (local, local * 2)):
        return "This is too close to the email address. Use several unrelated words."
    return None


async def hash_password(password: str) -> str:
    """The argon2id hash with its parameters and salt."""
    return await _in_pool(lambda: _HASHER.hash(_normalised(password)))


async def is_password(password: str, password_hash: str | None) -> bool:
    """Whether they belong together. Takes as long when there is no such user (None)."""
    return await _in_pool(lambda: _verify(password, password_hash))


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        matches = _HASHER.verify(password_hash or _nobodys_hash(), _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text().split())


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")


def _normalised(password: str) -> str:
    # NIST SP 800-63B 3.1.1.2: the same characters typed on two systems are the same password
    return unicodedata.normalize("NFKC", password)


async def _in_pool(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_POOL, work)
