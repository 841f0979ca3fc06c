"""Wire shapes of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from skyclust.audit.heads import MAX_LINE
from skyclust.kit.schemas import Answer, ShortText


class AuditEntryAnswer(Answer):
    """One act."""

    id: UUID
    workspace_id: UUID | None
    seq: int
    at: datetime
    actor_id: UUID | None
    actor_label: ShortText
    address: ShortText
    request_id: ShortText
    action: ShortText
    target: ShortText
    outcome: ShortText
    data: dict[str, Any]


class VerificationAnswer(Answer):
    """What the walk along a chain found. Keep `head` elsewhere: it proves a later cut."""

    workspace_id: UUID | None
    intact: bool
    entries: Annotated[int, Field(description="good entries, from the start of what is kept")]
    begins_after_seq: Annotated[int, Field(description="entries up to here were dropped by retention; 0 = none")]
    first_bad_seq: int | None
    reason: Annotated[str, Field(max_length=256)]
    heads_compared: Annotated[int, Field(description="of those given, without those of dropped entries")]
    head_seq: int
    head_hash: Annotated[str, Field(max_length=64, description="hexadecimal")]
    head: Annotated[str, Field(max_length=MAX_LINE, description="signed, as one line of JSON; give it back as `head`")]
