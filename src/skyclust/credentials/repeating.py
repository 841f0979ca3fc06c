"""POST /credentials with an Idempotency-Key: a request whose answer was lost may be sent again and is answered alike.

Called by the route. Invariant: what is kept of the request is an HMAC, which says nothing about the secret inside; what
is kept of the answer has no secret.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.credentials.schemas import CredentialAnswer, CredentialBody
from skyclust.kit.keys import KeySource
from skyclust.provisioning.idempotency import remembered, store_answer

_PURPOSE = "idempotency"


@dataclass(frozen=True, slots=True)
class Errand:
    """One request of one user. Without a `key` nothing is remembered."""

    workspace_id: UUID
    user_id: UUID
    key: str | None
    digest: str

    async def look(self, session: AsyncSession) -> CredentialAnswer | None:
        """The answer it got before; reserves nothing."""
        reservation = await session.begin_nested()
        answer = await self.begin(session)
        await reservation.rollback()
        return answer

    async def begin(self, session: AsyncSession) -> CredentialAnswer | None:
        """The answer it got before; else the key is this transaction's. A parallel twin waits here for its end."""
        if self.key is None:
            return None
        found = await remembered(
            session, workspace_id=self.workspace_id, user_id=self.user_id, key=self.key, request_digest=self.digest
        )
        return None if found is None else CredentialAnswer.model_validate(found)

    async def end(self, session: AsyncSession, answer: CredentialAnswer) -> None:
        """Keep the answer, in the transaction that stored the credential."""
        if self.key is not None:
            kept: dict[str, Any] = answer.model_dump(mode="json")
            await store_answer(session, workspace_id=self.workspace_id, user_id=self.user_id, key=self.key, answer=kept)


def errand_of(keys: KeySource, body: CredentialBody, *, workspace_id: UUID, user_id: UUID, key: str | None) -> Errand:
    """The errand of a request. Its digest is under the active key: after a rotation, old keys start anew."""
    asked = [str(workspace_id), body.name, body.provider, body.data.get_secret_value()]
    text = orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
    digest = hmac.digest(keys.derived(keys.active_id, _PURPOSE), text, hashlib.sha256).hex()[:32]
    return Errand(workspace_id, user_id, key, digest)
