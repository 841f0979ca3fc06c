"""Write an event into the transaction that makes it true. Called by every service and by the engine's store.

An event with an actor is a person's (or token's) act: the recorders that the entry point registered (the audit log)
write their entry in the same transaction. Invariant: if a recorder fails, the act does not happen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.models import OUTBOX


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user or an API token's user, from where, in which request."""

    user_id: UUID | None
    label: str
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """`name` in the past tense ("cluster.create_requested"); `topic` is "<kind>/<id>"; `data` holds no secret.

    workspace_id None = concerns the platform as a whole, seen by platform administrators only.
    `outcome` is "success" or "failure" (a refused login is an event too).
    """

    name: str
    topic: str
    workspace_id: UUID | None
    data: dict[str, Any] = field(default_factory=dict)
    actor: Actor | None = None
    outcome: str = "success"


Recorder = Callable[[AsyncSession, Event], Awaitable[None]]

_recorders: list[Recorder] = []

#: Built once, since it runs with every change. Inline: asking for the position would need the right to read the row,
#: which a session of nobody's has not.
_ADD = insert(OUTBOX).inline()


def register_recorder(recorder: Recorder) -> None:
    """Have `recorder` called inside the transaction of every event with an actor. Called at wiring, once each."""
    if recorder not in _recorders:
        _recorders.append(recorder)


async def publish(session: AsyncSession, event: Event) -> None:
    """Add the event to this transaction, and let the recorders add theirs."""
    row = {"workspace_id": event.workspace_id, "name": event.name, "topic": event.topic, "data": event.data}
    await session.execute(_ADD, row)
    if event.actor is not None:
        for recorder in _recorders:
            await recorder(session, event)
