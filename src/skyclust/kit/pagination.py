"""Keyset pages. A cursor is the sort key of the last row seen, so pages stay right while rows come and go.

Cursors are opaque to clients and carry no authority: every query filters by workspace whatever the cursor says.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from skyclust.kit.problems import FieldError, invalid

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="rows per page")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[T]):
    """One page. `next_cursor` is null on the last one."""

    items: Annotated[list[T], Field(max_length=MAX_LIMIT)]
    next_cursor: Annotated[str | None, Field(max_length=512)] = None


def encode_cursor(*key: str) -> str:
    """A cursor from the sort key's parts."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, parts: int) -> tuple[str, ...] | None:
    """The sort key's parts; None without a cursor; 422 for a cursor nobody here made."""
    if cursor is None:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str) for part in key):
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")])
    return tuple(key)


def page_among(items: Iterable[T], key_of: Callable[[T], str], limit: int, cursor: str | None) -> Page[T]:
    """One page of what is all at hand, in the order of its unique keys: for lists that no query pages."""
    after = decode_cursor(cursor, 1)
    rest = sorted((item for item in items if after is None or key_of(item) > after[0]), key=key_of)
    kept, following = page_of(rest, limit, lambda item: encode_cursor(key_of(item)))
    return Page(items=kept, next_cursor=following)


def page_of(rows: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> tuple[list[T], str | None]:
    """From up to `limit + 1` rows: the page's rows and the cursor of the next page, if there is one."""
    kept = list(rows[:limit])
    return kept, cursor_of(kept[-1]) if len(rows) > limit else None
