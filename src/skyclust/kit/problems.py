"""RFC 9457 problems: the one shape in which anything that goes wrong leaves the API.

Slices raise `Problem`s (their errors.py names them); `install` turns them, validation errors and everything unforeseen
into `application/problem+json`. Invariant: no exception text of ours or of a library reaches a client by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from skyclust.kit.keys import KeysSealedError
from skyclust.kit.redacting import scrub

TYPE_ROOT = "https://skyclust.dev/problems/"
MEDIA_TYPE = "application/problem+json"
#: Not signed in, not allowed: what somebody who tries doors leaves behind.
_REFUSALS = {401, 403}
SEALED_RETRY_SECONDS = 5
#: No answer grows with what was sent: what is longer is cut.
MAX_DETAIL_LENGTH = 8192
MAX_POINTER_LENGTH = 512
MAX_ERRORS = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: a JSON pointer into the request body (or "?name" for a query parameter) and what to do."""

    pointer: str
    detail: str

    def document(self) -> dict[str, str]:
        """As it stands in the problem."""
        return {
            "pointer": _cut(self.pointer, MAX_POINTER_LENGTH),
            "detail": _cut(scrub(self.detail), MAX_DETAIL_LENGTH),
        }


class Problem(Exception):
    """What happened, why, and what to do next. `kind` is the last part of the documented, stable `type` URI."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        """`extra` become members of the document; they must hold no secret."""
        super().__init__(detail or title)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self, trace_id: str) -> dict[str, Any]:
        """The JSON document."""
        body: dict[str, Any] = {
            "type": TYPE_ROOT + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": _cut(scrub(self.detail or self.title), MAX_DETAIL_LENGTH),
            "trace_id": trace_id,
        }
        if self.errors:
            body["errors"] = [error.document() for error in self.errors[:MAX_ERRORS]]
        return body | self.extra


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def not_found(what: str) -> Problem:
    """404, also for what belongs to another tenant: the two cannot be told apart."""
    return Problem(404, "not-found", f"{what} not found", f"There is no {what} with this id or name that you may see.")


def invalid(errors: Sequence[FieldError]) -> Problem:
    """422 with the fields at fault."""
    listed = "; ".join(f"{error.pointer}: {error.detail}" for error in errors[:3])
    return Problem(422, "invalid", "The request is not valid", listed, errors=errors)


def conflict(kind: str, title: str, detail: str, **extra: Any) -> Problem:
    """409: true now, perhaps not later."""
    return Problem(409, kind, title, detail, **extra)


def internal() -> Problem:
    """500: nothing of what went wrong but where to look."""
    detail = "This is a defect of SkyClust, not of your request. The log has the details under this trace id."
    return Problem(500, "internal", "Something went wrong on our side", detail)


def unavailable() -> Problem:
    """503: nothing was done; the same request may work in a moment."""
    detail = "The database does not answer. Nothing was done; try again in a moment."
    return Problem(503, "unavailable", "Not available right now", detail, headers={"retry-after": "2"})


def trace_id(request: Request) -> str:
    """The id under which logs, audit entry and answer of this request are found."""
    return str(getattr(request.state, "trace_id", ""))


def install(app: FastAPI) -> None:
    """Register the handlers."""

    def answer(request: Request, problem: Problem) -> Response:
        return JSONResponse(problem.document(trace_id(request)), problem.status, problem.headers, MEDIA_TYPE)

    async def on_problem(request: Request, error: Exception) -> Response:
        problem = cast("Problem", error)
        if problem.status in _REFUSALS:
            _log_refusal(request, problem)
        return answer(request, problem)

    async def on_validation(request: Request, error: Exception) -> Response:
        found = [_field_error(item) for item in cast("RequestValidationError", error).errors()]
        return answer(request, invalid(found))

    async def on_http(request: Request, error: Exception) -> Response:
        http = cast("HTTPException", error)
        title = str(http.detail)
        kind = {404: "not-found", 405: "method-not-allowed", 401: "unauthenticated"}.get(http.status_code, "http-error")
        return answer(request, Problem(http.status_code, kind, title, headers=http.headers))

    async def on_sealed(request: Request, error: Exception) -> Response:
        headers = {"Retry-After": str(SEALED_RETRY_SECONDS)}
        log.warning("sealed", trace_id=trace_id(request), reason=str(error))
        detail = "The server cannot open its keys now. /api/v1/health/ready says which. Try again in a moment."
        return answer(request, Problem(503, "sealed", "The server is sealed", detail, headers=headers))

    async def on_anything(request: Request, error: Exception) -> Response:
        log.error("unexpected error", trace_id=trace_id(request), exc_info=error)
        return answer(request, internal())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(KeysSealedError, on_sealed)
    app.add_exception_handler(Exception, on_anything)


def _log_refusal(request: Request, problem: Problem) -> None:
    """Who was not let in, where, and what they lacked. `state.user_id` is set by whoever authenticates."""
    log.warning(
        "access refused",
        status=problem.status,
        kind=problem.kind,
        missing_permission=problem.extra.get("missing_permission"),
        method=request.method,
        path=request.url.path,
        user_id=getattr(request.state, "user_id", None),
        address=request.client.host if request.client else "",
        trace_id=trace_id(request),
    )


def body_errors(found: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """Of what pydantic says to a body that was put together here."""
    return [_field_error({**item, "loc": ("body", *item.get("loc", ()))}) for item in found]


def _field_error(item: Mapping[str, Any]) -> FieldError:
    where, *path = [str(part) for part in item.get("loc", ())] or ["body"]
    message = str(item.get("msg", "is not valid")).removeprefix("Value error, ")
    if item.get("type") == "extra_forbidden":
        message = "This field is not known here. Remove it, or check its spelling in /docs."
    if where == "body":
        return FieldError("/" + "/".join(path) if path else "", message)
    return FieldError(f"?{'.'.join(path)}" if where == "query" else "/".join([where, *path]), message)
