"""Routes of operations, and the stream of everything the caller may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from skyclust.events.bus import Place
from skyclust.events.feed import Feed
from skyclust.events.streaming import MEDIA_TYPE, Scope, Seats, Snapshot, Stream
from skyclust.identity.callers import BearerDep
from skyclust.kit.db import DATABASE_AWAY, Database, DatabaseDep, SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit
from skyclust.networks.service import ErrandDep
from skyclust.operations import acting, service
from skyclust.operations.errors import bad_last_event_id, too_many_streams
from skyclust.operations.schemas import ActionPlanAnswer, OperationPage
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.provisioning.rows import OperationState
from skyclust.provisioning.schemas import OperationAnswer, operation_answer
from skyclust.provisioning.viewing import OperationView
from skyclust.workspaces.callers import Caller, CallerDep, caller_session, current_caller

router = APIRouter(tags=["operations"])

#: For the `responses` of routes that act.
ACTED: dict[int | str, dict[str, Any]] = ACCEPTED | {
    200: {"model": ActionPlanAnswer, "description": "what would be done, with ?dry_run=true"},
}
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]
STREAM_DOC: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events. `message`: {name, topic, workspace_id, at, data}; `snapshot`: operation; "
        "`resync`: some events were missed, load afresh; `closed`: the session ended. Ids resume by Last-Event-ID.",
        "content": {MEDIA_TYPE: {}},
    }
}


@router.get("/operations")
@Answers(404)
async def list_operations(
    request: Request,
    *,
    session: SessionDep,
    caller: CallerDep,
    workspace_id: UUID | None = None,
    state: OperationState | None = None,
    target_id: UUID | None = None,
    kind: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> OperationPage:
    """Operations, newest first. `timeline` is left empty here."""
    wanted = service.Filter(workspace_id, state, target_id, kind)
    found, following = await service.list_operations(session, caller, wanted, limit=limit, cursor=cursor)
    speed = _speed(request)
    return OperationPage(items=[operation_answer(view, speed) for view in found], next_cursor=following)


@router.get("/operations/{operation_id}")
async def get_operation(
    request: Request, operation_id: UUID, session: SessionDep, caller: CallerDep
) -> OperationAnswer:  # fmt: skip
    """One operation with its steps and its timeline."""
    return operation_answer(await service.read_operation(session, caller, operation_id), _speed(request))


@router.post("/operations/{operation_id}:cancel", status_code=202, responses=ACTED)
async def cancel_operation(operation_id: UUID, errand: ErrandDep) -> Response:
    """Start nothing new. Calls in flight are finished and recorded; what exists is kept, and costs."""
    return accepted(await acting.act(errand, operation_id, "cancel"))


@router.post("/operations/{operation_id}:pause", status_code=202, responses=ACTED)
async def pause_operation(operation_id: UUID, errand: ErrandDep) -> Response:
    """Begin no new step; what has begun ends. `:resume` goes on, `:cancel` gives up."""
    return accepted(await acting.act(errand, operation_id, "pause"))


@router.post("/operations/{operation_id}:resume", status_code=202, responses=ACTED)
async def resume_operation(operation_id: UUID, errand: ErrandDep) -> Response:
    """Go on with an operation that is paused, or that failed, needs attention or was cancelled, its cause fixed."""
    return accepted(await acting.act(errand, operation_id, "resume"))


@router.post("/operations/{operation_id}:rollback", status_code=202, responses=ACTED)
@Answers(502)
async def roll_back_operation(operation_id: UUID, errand: ErrandDep) -> Response:
    """Take back what an operation made, changed and deleted, and nothing else; also one that succeeded.

    Answers the new operation that does it.
    """
    return accepted(await acting.act(errand, operation_id, "rollback"))


@router.get("/operations/{operation_id}/events", response_class=StreamingResponse, responses=STREAM_DOC)
async def follow_operation(
    request: Request,
    operation_id: UUID,
    *,
    database: DatabaseDep,
    bearer: BearerDep,
    caller: CallerDep,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """What happens to one operation, live. Begins with a `snapshot`."""

    async def read() -> OperationView:
        async with caller_session(database, caller) as session:
            return await service.read_operation(session, caller, operation_id)

    async def snapshot() -> dict[str, object]:
        return operation_answer(await read(), _speed(request)).model_dump(mode="json")

    operation = await read()  # 404 and 403 before the stream begins
    return _stream(request, bearer, caller, last_event_id, operation=operation, snapshot=snapshot)


@router.get("/events", response_class=StreamingResponse, responses=STREAM_DOC)
@Answers(never={403})
async def follow_everything(
    request: Request, *, bearer: BearerDep, caller: CallerDep, last_event_id: LastEventId = None
) -> StreamingResponse:
    """Everything that happens in the caller's workspaces, live."""
    return _stream(request, bearer, caller, last_event_id)


def _stream(
    request: Request,
    bearer: BearerDep,
    caller: Caller,
    last_event_id: str | None,
    *,
    operation: OperationView | None = None,
    snapshot: Snapshot | None = None,
) -> StreamingResponse:
    last = Place.parse(last_event_id) if last_event_id else None
    if last_event_id and last is None:
        raise bad_last_event_id()
    database: Database = request.app.state.database

    async def authenticate() -> Caller:
        async with database.session() as session:
            return await current_caller(request, database, session, bearer)

    async def recheck() -> Scope | None:
        again = await _checks(request).ask(caller.session_id, authenticate)
        return service.scope_of(again, operation) if again is not None else None

    scope = service.scope_of(caller, operation)
    assert scope is not None, "read_operation has checked it"
    stream = Stream(database, _feed(request), scope, recheck, last, snapshot)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    response = SeatedResponse(_until_gone(stream), media_type=MEDIA_TYPE, headers=headers)
    response.seats, response.user_id = _seats(request), caller.user_id
    return response


class SeatedResponse(StreamingResponse):
    """A stream that counts from its first byte to its end, also when the client is gone before the first."""

    seats: Seats
    user_id: UUID

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Stream, or 429."""
        with self.seats.seat(self.user_id) as free:
            if not free:
                raise too_many_streams(self.seats.most)
            await super().__call__(scope, receive, send)


async def _until_gone(stream: Stream) -> AsyncIterator[bytes]:
    """A database that is away ends the stream: the client comes back with its Last-Event-ID."""
    try:
        async for chunk in stream.chunks():
            yield chunk
    except DATABASE_AWAY:
        return


def _speed(request: Request) -> float:
    speed: float = request.app.state.settings.cloud_speed
    return speed


def _feed(request: Request) -> Feed:
    """The process's feed, made when the first stream opens."""
    state = request.app.state
    if not hasattr(state, "feed"):
        state.feed = Feed(state.database, state.bus)
    feed: Feed = state.feed
    return feed


def _seats(request: Request) -> Seats:
    state = request.app.state
    if not hasattr(state, "stream_seats"):
        state.stream_seats = Seats(state.settings.streams_per_user)
    seats: Seats = state.stream_seats
    return seats


def _checks(request: Request) -> service.SharedChecks:
    state = request.app.state
    if not hasattr(state, "stream_checks"):
        state.stream_checks = service.SharedChecks(state.clock.monotonic)
    checks: service.SharedChecks = state.stream_checks
    return checks
