"""Routes of the audit log: read, verify, export. `platform=true` asks for what concerns no workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit import service
from skyclust.audit.exporting import csv_header, csv_line, ndjson_line
from skyclust.audit.heads import MAX_LINE
from skyclust.audit.queries import entries as queries
from skyclust.audit.queries.entries import Filter
from skyclust.audit.schemas import AuditEntryAnswer, VerificationAnswer
from skyclust.identity.callers import NowDep
from skyclust.kit.db import Database, DatabaseDep, SessionDep, visible_to_all
from skyclust.kit.documenting import Answers
from skyclust.kit.downloads import attachment
from skyclust.kit.keys import KeySource
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.schemas import Time
from skyclust.workspaces.callers import Caller, CallerDep, caller_session
from skyclust.workspaces.permissions import Permission

router = APIRouter(tags=["audit"])


#: Exported heads of one chain, to compare with; the address of a request has room for these and no more.
Heads = Annotated[
    Sequence[Annotated[str, StringConstraints(max_length=MAX_LINE)]],
    Query(max_length=20, description="an exported head, as its line of JSON"),
]


EXPORT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {}, "text/csv": {}}, "description": "every entry that matches, in order"}
}


class ExportFormat(StrEnum):
    """How to write the export."""

    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Question:
    """Which entries are asked for."""

    workspace_id: UUID | None
    platform: bool
    actor: str | None
    action: str | None
    target: str | None
    request_id: str | None
    words: str | None
    since: datetime | None
    until: datetime | None

    async def checked(self, session: AsyncSession, caller: Caller) -> Filter:
        """The question, narrowed to what the caller may see."""
        chains = await service.visible_chains(session, caller, self.workspace_id, platform=self.platform)
        return Filter(chains, self.actor, self.action, self.target, self.request_id, self.words, self.since, self.until)


def _question(
    *,
    workspace_id: UUID | None = None,
    platform: bool = False,
    actor: Annotated[str | None, Query(max_length=256, description="email or user id")] = None,
    action: Annotated[str | None, Query(max_length=100, description="cluster.created, or cluster.*")] = None,
    target: Annotated[str | None, Query(max_length=200, description="credential/<id>, or credential/*")] = None,
    request_id: Annotated[str | None, Query(max_length=64, description="the trace id of an answer")] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100, description="looked for in every text")] = None,
    since: Time | None = None,
    until: Time | None = None,
) -> Question:
    return Question(workspace_id, platform, actor, action, target, request_id, q, _in_utc(since), _in_utc(until))


def _in_utc(at: datetime | None) -> datetime | None:
    """A time without a zone is taken for UTC, whatever the server's own is."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


QuestionDep = Annotated[Question, Depends(_question)]


@router.get("/audit-logs")
@Answers(404)
async def list_audit_logs(
    caller: CallerDep, session: SessionDep, question: QuestionDep, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[AuditEntryAnswer]:
    """Who did what, newest first."""
    wanted = await question.checked(session, caller)
    rows, following = await service.list_page(session, wanted, limit=limit, cursor=cursor)
    return Page(items=[AuditEntryAnswer.model_validate(row) for row in rows], next_cursor=following)


@router.get("/audit-logs:verify")
@Answers(404)
async def verify_audit_logs(
    request: Request,
    caller: CallerDep,
    session: SessionDep,
    now: NowDep,
    workspace_id: UUID | None = None,
    head: Heads = (),
    *,
    platform: bool = False,
    compare_only: Annotated[bool, Query(description="look at the entries of the given heads alone")] = False,
) -> VerificationAnswer:
    """Walk a chain and name the first entry that is not as it was written, or not where an exported head saw it."""
    keys: KeySource = request.app.state.keyring
    if platform:
        await service.visible_chains(session, caller, None, platform=True)
        place = None
    else:
        place = caller.default_workspace(workspace_id, Permission.AUDIT_READ)
    expected = service.given_heads(keys, place, head)
    return await service.verify(session, keys, place, now=now, expected=expected, compare_only=compare_only)


@router.get("/audit-logs:export", response_class=StreamingResponse, responses=EXPORT)
@Answers(404)
async def export_audit_logs(
    caller: CallerDep,
    database: DatabaseDep,
    question: QuestionDep,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.NDJSON,
) -> StreamingResponse:
    """Everything that matches, chain after chain in its order, as NDJSON or CSV."""
    async with caller_session(database, caller) as session:
        wanted = await question.checked(session, caller)
        await service.record_export(session, caller, wanted, form.value)
    media_type = "text/csv; charset=utf-8" if form is ExportFormat.CSV else "application/x-ndjson"
    headers = {
        **attachment("audit-log", form.value),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    lines = _lines(database, caller, wanted, form, platform=question.platform)
    return StreamingResponse(lines, media_type=media_type, headers=headers)


async def _lines(
    database: Database, caller: Caller, wanted: Filter, form: ExportFormat, *, platform: bool
) -> AsyncIterator[bytes]:
    async with caller_session(database, caller) as session:
        if platform:
            await visible_to_all(session)
        if form is ExportFormat.CSV:
            yield csv_header()
        async for row in queries.stream(session, wanted):
            yield csv_line(row) if form is ExportFormat.CSV else ndjson_line(row)
