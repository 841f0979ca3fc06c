"""One answer per `Idempotency-Key`: the same key with the same body never starts the work twice.

Called by every POST that creates, first thing in its transaction. Insert first, then look: of two parallel requests the
second waits for the first one's commit and then finds its answer. Invariant: a key is stored only with its answer, in
the transaction of the work; a request that fails leaves no key behind.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import JsonObject
from skyclust.kit.problems import Problem
from skyclust.provisioning.models import IDEMPOTENCY_KEYS
from skyclust.provisioning.queries import CLOCK

_K = IDEMPOTENCY_KEYS.c

#: How long a key is remembered.
KEPT = timedelta(hours=24)
MAX_KEY_LENGTH = 200


async def remembered(
    session: AsyncSession, *, workspace_id: UUID, user_id: UUID, key: str, request_digest: str
) -> JsonObject | None:
    """The stored answer of an earlier request with this key; None when this one is the first and owns the key now.

    Problem 422 `idempotency-key-reused` when the key stood for another request.
    """
    if not key or len(key) > MAX_KEY_LENGTH:
        raise Problem(
            422,
            "idempotency-key-invalid",
            "The Idempotency-Key cannot be used",
            f"Send 1 to {MAX_KEY_LENGTH} characters, for example a UUID.",
        )
    theirs = (_K.workspace_id == workspace_id, _K.user_id == user_id)
    own = (*theirs, _K.key == key)
    await session.execute(delete(IDEMPOTENCY_KEYS).where(*theirs, _K.created_at < CLOCK - KEPT))
    taken = insert(IDEMPOTENCY_KEYS).values(
        workspace_id=workspace_id, user_id=user_id, key=key, request_digest=request_digest
    )
    mine = await session.execute(taken.on_conflict_do_nothing().returning(_K.key))
    if mine.one_or_none() is not None:
        return None
    known = (await session.execute(select(_K.request_digest, _K.answer).where(*own))).one_or_none()
    if known is None or known.request_digest != request_digest or known.answer is None:
        raise _reused() if known is not None and known.request_digest != request_digest else _in_flight()
    answer: JsonObject = known.answer
    return answer


async def store_answer(
    session: AsyncSession, *, workspace_id: UUID, user_id: UUID, key: str, answer: JsonObject
) -> None:
    """Keep the answer with its key, in the transaction that did the work."""
    own = (_K.workspace_id == workspace_id, _K.user_id == user_id, _K.key == key)
    await session.execute(update(IDEMPOTENCY_KEYS).where(*own).values(answer=answer))


def _reused() -> Problem:
    return Problem(
        422,
        "idempotency-key-reused",
        "The Idempotency-Key was used for another request",
        "This key stands for a request with another body. Send a new key with a new request.",
    )


def _in_flight() -> Problem:
    return Problem(
        409,
        "idempotency-key-in-flight",
        "The first request with this key has no answer yet",
        "A request with this key was taken but its answer is not known. Try again in a moment, with the same key.",
        headers={"Retry-After": "1"},
    )
