"""Operations drawn live, several side by side. On a terminal they are redrawn; in a pipe each change is one line.

Called by every command that waits, and by the demo. Survives a restart of the server: it says so and goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Self, TextIO

from skyclust.entrypoints.cli.client import Api, CliError, ServerAwayError
from skyclust.entrypoints.cli.stories import attention_text, next_text

Json = dict[str, Any]

TERMINAL = frozenset({"succeeded", "failed", "needs_attention", "cancelled"})
POLL_SECONDS = 0.5
#: How long a server may be away (a restart, a fail-over) before we give up watching.
PATIENCE_SECONDS = 120.0
MARKS = {"succeeded": "✓", "running": "●", "pending": "·", "blocked": "!", "failed": "✗", "cancelled": "-"}
STYLES = {
    "succeeded": "green",
    "running": "cyan",
    "pending": "dim",
    "blocked": "red",
    "failed": "red",
    "cancelled": "yellow",
}


def watch(
    api: Api, operation_ids: Sequence[str], *, quiet: bool = False, sleep: Callable[[float], None] = time.sleep
) -> list[Json]:
    """Follow operations until all have ended; returns their last state. Ctrl-C stops watching, not the operations.

    `quiet` sends the progress to standard error, so that standard output holds only the answer.
    """
    view = LiveView() if sys.stdout.isatty() and not quiet else LineView(sys.stderr if quiet else sys.stdout)
    away_since: float | None = None
    operations: list[Json] = []
    with view:
        while True:
            try:
                operations = [api.get(f"/operations/{operation_id}") for operation_id in operation_ids]
                away_since = None
            except ServerAwayError:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > PATIENCE_SECONDS:
                    raise
            view.draw(operations, connected=away_since is None)
            if away_since is None and all(operation["state"] in TERMINAL for operation in operations):
                return operations
            sleep(POLL_SECONDS)


def require_success(operations: Sequence[Json]) -> None:
    """End the command with an error unless every operation succeeded."""
    failed = [operation for operation in operations if operation["state"] != "succeeded"]
    if failed:
        raise CliError("\n".join(failure_text(operation) for operation in failed))


def failure_text(operation: Json) -> str:
    """What stands in the way, what is left behind, and the commands that help."""
    said = attention_text(operation)
    error = operation.get("error") or {}
    message = "" if said else f" {error.get('message') or 'see the steps above'}"
    state = str(operation["state"]).replace("_", " ")
    head = f"{operation['kind']} of {operation['target']['name']}: {state}.{message}"
    return "\n".join(line for line in (head, said, next_text(operation)) if line)


class LineView:
    """One line per change of a step; for pipes and logs."""

    def __init__(self, stream: TextIO) -> None:
        """Nothing seen yet."""
        self._stream = stream
        self._seen: dict[tuple[str, str], str] = {}
        self._connected = True

    def __enter__(self) -> Self:
        """Nothing to set up."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clean up."""

    def draw(self, operations: Sequence[Json], *, connected: bool) -> None:
        """Print what has changed since the last call."""
        if connected != self._connected:
            print(
                "connected again" if connected else "the server is away; waiting for it ...",
                file=self._stream,
                flush=True,
            )
            self._connected = connected
        for operation in operations:
            for step in operation["steps"]:
                key = (operation["id"], step["key"])
                now = step["state"] + (said(step) if step["state"] == "running" else "")
                if self._seen.get(key) == now or step["state"] == "pending":
                    continue
                self._seen[key] = now
                print(
                    f"{operation['target']['name']}: {step['title']}: {step_text(step)}", file=self._stream, flush=True
                )
            key = (operation["id"], "")
            if operation["state"] in TERMINAL and self._seen.get(key) != operation["state"]:
                self._seen[key] = operation["state"]
                print(
                    f"{operation['target']['name']}: {operation['kind']} {operation['state']}",
                    file=self._stream,
                    flush=True,
                )


def step_text(step: Json) -> str:
    """The state with its duration and message, and the attempts when there were several."""
    attempts = f" (attempt {step['attempts'] + 1})" if step.get("attempts") and step["state"] == "running" else ""
    if step["state"] == "succeeded" and seconds_text(step):
        attempts = f" in {seconds_text(step)}"
    message = f": {said(step)}" if said(step) else ""
    return f"{step['state']}{attempts}{message}"


def said(step: Json) -> str:
    """The message of a step that stands still: it failed, or it drains and tells what it waits for."""
    waits = step["state"] in ("blocked", "failed") or (step["state"] == "running" and step.get("verb") == "drain")
    return str(step.get("message") or "") if waits else ""


class LiveView:
    """Panels side by side, redrawn in place."""

    def __init__(self) -> None:
        """Takes over the terminal on entering."""
        from rich.live import Live

        self._live = Live(auto_refresh=False, transient=False)

    def __enter__(self) -> Self:
        """Start drawing."""
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def draw(self, operations: Sequence[Json], *, connected: bool) -> None:
        """Redraw."""
        self._live.update(picture(operations, connected=connected), refresh=True)


def picture(operations: Sequence[Json], *, connected: bool) -> Any:
    """All operations side by side, with the mark that says whether this is live."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    side_by_side = Table.grid(expand=True)
    for _ in operations:
        side_by_side.add_column(ratio=1)
    side_by_side.add_row(*(panel(operation) for operation in operations))
    mark = Text("● live", "green") if connected else Text("○ the server is away; waiting for it", "yellow")
    return Group(side_by_side, mark)


def panel(operation: Json) -> Any:
    """One operation: a bar and its steps; finished ones folded when there are many."""
    from rich.panel import Panel
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    target, progress = operation["target"], operation["progress"]
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(min_width=1)
    table.add_column(ratio=1, overflow="ellipsis", no_wrap=True)
    table.add_column(justify="right", no_wrap=True, min_width=7)
    table.add_row("", ProgressBar(total=100, completed=progress["percent"]), f"{progress['done']}/{progress['total']}")
    for step in operation["steps"]:
        style = STYLES.get(step["state"], "")
        table.add_row(Text(MARKS.get(step["state"], "?"), style), Text(step["title"], style), seconds_text(step))
        if said(step):
            table.add_row("", Text(said(step), "yellow" if step["state"] == "running" else "red", overflow="fold"), "")
    eta = progress.get("eta_seconds")
    left = f", about {eta:.0f} s left" if eta and operation["state"] not in TERMINAL else ""
    title = f"{target['provider']} · {target['name']} · {target['region']}"
    return Panel(table, title=title, subtitle=f"{operation['kind']}: {operation['state']}{left}")


def seconds_text(step: Json) -> str:
    """How long a step took, in real seconds."""
    from datetime import datetime

    if not step.get("started_at") or not step.get("ended_at"):
        return ""
    started, ended = (datetime.fromisoformat(step[key]) for key in ("started_at", "ended_at"))
    return f"{(ended - started).total_seconds():.1f} s"
