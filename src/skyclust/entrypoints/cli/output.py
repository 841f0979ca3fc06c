"""Answers for a terminal: a table for people, JSON and YAML for programs. `-o` chooses; errors go to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from cyclopts import Parameter

Format = Annotated[Literal["table", "json", "yaml"], Parameter(name=("--output", "-o"))]
Json = dict[str, Any]

STATE_STYLES = {
    "ready": "green", "succeeded": "green", "provisioning": "cyan", "running": "cyan", "updating": "cyan",
    "pending": "cyan", "deleting": "yellow", "cancelling": "yellow", "cancelled": "yellow", "degraded": "yellow",
    "paused": "yellow", "drifted": "yellow", "needs_attention": "red", "failed": "red", "valid": "green",
    "expiring": "yellow", "invalid": "red", "unverified": "yellow",
}  # fmt: skip


def show(value: Json | list[Json], output: Format, columns: Sequence[tuple[str, str]] = ()) -> None:
    """Print one object or a list. `columns` are (heading, path into the object) for the table."""
    if output == "json":
        print(json.dumps(value, indent=2, ensure_ascii=False, default=str))
    elif output == "yaml":
        import yaml

        print(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), end="")
    elif isinstance(value, list):
        print_table(value, columns)
    else:
        print_record(value, columns)


def print_table(rows: Iterable[Json], columns: Sequence[tuple[str, str]]) -> None:
    """A table; an empty list says so."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading, _ in columns:
        table.add_column(heading, overflow="fold")
    count = 0
    for row in rows:
        count += 1
        table.add_row(*(cell(dig(row, path), path) for _, path in columns))
    if count:
        console().print(table)
    else:
        print("Nothing found.")


def print_record(value: Json, columns: Sequence[tuple[str, str]]) -> None:
    """One object, a line per field."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, path in columns or [(key, key) for key in value]:
        table.add_row(f"[bold]{heading}[/bold]", cell(dig(value, path), path))
    console().print(table)


def console() -> Any:
    """Standard output; wide when it is no terminal, so that nothing is cut in a pipe."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=200, soft_wrap=True)


def dig(value: Any, path: str) -> Any:
    """The value at a dotted path; None where there is nothing."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def cell(value: Any, path: str = "") -> str:
    """One cell's text, with markup of data switched off."""
    from rich.markup import escape

    if value is None or value == "":
        return "-"
    if path.endswith("usd_per_month"):
        return f"${float(value):,.2f}"
    if isinstance(value, list | tuple):
        return escape(", ".join(str(item.get("name", item)) if isinstance(item, dict) else str(item) for item in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = escape(str(value))
    style = STATE_STYLES.get(text) if path.endswith("state") else None
    return f"[{style}]{text}[/{style}]" if style else text
