"""Entries as NDJSON and CSV, row by row. Pure; called by the export route while it streams.

Invariant: no cell of the CSV can be taken for a formula by a spreadsheet (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import orjson

from skyclust.audit.models import AuditEntryRow

FIELDS = (
    "id", "workspace_id", "seq", "at", "actor_id", "actor_label", "address", "request_id",
    "action", "target", "outcome", "data",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def ndjson_line(row: AuditEntryRow) -> bytes:
    """One JSON object and a line feed, with the seal, so that a copy can be verified elsewhere."""
    document = {name: getattr(row, name) for name in FIELDS}
    document |= {"key_id": row.key_id, "prev_hash": row.prev_hash.hex(), "hash": row.hash.hex()}
    document["seal"] = row.seal.hex() if row.seal is not None else None
    return orjson.dumps(document, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def csv_header() -> bytes:
    """The first line."""
    return _line(FIELDS)


def csv_line(row: AuditEntryRow) -> bytes:
    """One line, every cell quoted."""
    return _line(_cell(getattr(row, name)) for name in FIELDS)


def safe_cell(text: str) -> str:
    """`text` so that a spreadsheet shows it instead of computing it."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return safe_cell(orjson.dumps(value).decode())
    return safe_cell(str(value))


def _line(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()
