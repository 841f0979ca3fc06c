"""Ids of rows: UUID version 7 (RFC 9562), so that keys sort by creation and indexes stay compact.

Passed as `new_id: Callable[[], UUID]` to whatever makes rows, so that a test can choose them.
"""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62
    return UUID(int=value | secrets.randbits(62))
