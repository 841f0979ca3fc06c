"""An operation's story, what it waits for, and what one may do about it, as text. Used wherever operations end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def show_story(operation: Json) -> None:
    """The timeline: when, and what happened."""
    from rich.text import Text

    from skyclust.entrypoints.cli.output import console

    out = console()
    out.print()
    for line in operation["timeline"]:
        out.print(Text.assemble((f"{clock(line['at'])}  ", "dim"), line["text"]))


def clock(at: str) -> str:
    """The local time of day of a line."""
    from datetime import datetime

    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")


def attention_text(operation: Json) -> str:
    """What waits for a person, with its remedy, and what is left in the cloud; "" when all is well."""
    return "\n".join([*_waiting(operation), *_left(operation)])


def _waiting(operation: Json) -> Iterator[str]:
    for item in operation.get("attention") or ():
        yield f"  ! {item['title']}: {item['message']}"
        unnamed = [blocker for blocker in item["blockers"] if blocker not in item["message"]]
        if unnamed:
            yield f"    in the way: {', '.join(unnamed)}"
        yield f"    what to do: {item['remedy']}"


def _left(operation: Json) -> Iterator[str]:
    left = operation.get("leftovers") or ()
    if left:
        yield f"  Still in the cloud ({left[0]['region']}), and paid for where it costs:"
    for item in left:
        yield f"    {item['title']}: {item['external_id'] or 'id unknown, it may not exist'}"


def next_text(operation: Json) -> str:
    """The commands that help now; "" when there is nothing one may do."""
    told = {
        "cancel": "stop it:                          ",
        "pause": "have it wait between steps:       ",
        "resume": "go on, whatever stopped it fixed: ",
        "rollback": "undo it:                          ",
    }
    actions = operation.get("actions") or ()
    return "\n".join(f"  {told[action]}skyclust operations {action} {operation['id']}" for action in actions)
