"""What each operation may answer when it does not do as asked, told in the OpenAPI document.

Used by entrypoints/api.py, and `Answers` by every router. Most of it follows from the route: what it takes, and what
its dependencies have declared; the rest is declared on the endpoint. Invariant: an operation is told to give only what
it can give; tests hold every answer that they get against the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from skyclust.kit.problems import (
    MAX_DETAIL_LENGTH,
    MAX_ERRORS,
    MAX_POINTER_LENGTH,
    MEDIA_TYPE,
    TYPE_ROOT,
)

F = TypeVar("F", bound=Callable[..., Any])
Json = dict[str, Any]

#: By status: the name among the document's components, and what it means.
TOLD: Mapping[int, tuple[str, str]] = MappingProxyType({
    400: ("BadAddress", "The address cannot be read."),
    401: ("NotSignedIn", "Nobody is signed in, or not as this asks for. `WWW-Authenticate` says how, where one can."),
    403: ("NotAllowed", "Known, and not allowed. `missing_permission` names what is missing, where that helps."),
    404: ("NotFound", "What is named does not exist, as far as one may see."),
    408: ("TooSlow", "The body did not arrive in time."),
    409: ("Conflict", "What there is now stands against it; the type says what, and the detail what to do."),
    412: ("ChangedMeanwhile", "If-Match names another version than the present one."),
    413: ("TooLarge", "The body is too large."),
    415: ("UnsupportedMediaType", "The body is not JSON in UTF-8, or packed."),
    422: ("Invalid", "The request is not valid. `errors` names the fields at fault."),
    429: ("TooManyRequests", "Too often, or too many at once. `Retry-After` says when to come back."),
    502: ("BadGateway", "The cloud, or the cluster's own API, answered in a way that does not help."),
    503: ("Unavailable", "Database, keys or cloud do not answer now. `Retry-After` says when to come back."),
})  # fmt: skip
_HEADERS: Mapping[int, str] = MappingProxyType({401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"})

#: For the description of the API: what the guard refuses before it looks at which operation is asked.
BEFORE_ALL = (
    "Any request may be refused before its operation is looked at: 403 `foreign-origin` for another site's page, 405, "
    "431 for endless headers, 400 for an address with NUL; 408, 413, 415 and 422 for a body that nobody asked for."
)


class Answers:
    """Declares statuses of an endpoint, or of a dependency for every route that stands on it: `@Answers(409)`.

    `never` takes away what a dependency declares for most of its routes.
    """

    def __init__(self, *statuses: int, never: Collection[int] = ()) -> None:
        """Each must be in `TOLD`."""
        unknown = {*statuses, *never} - set(TOLD)
        assert not unknown, f"say in TOLD what {unknown} means"
        self.statuses = frozenset(statuses)
        self.never = frozenset(never)

    def __call__(self, function: F) -> F:
        """Remember it for the function."""
        _declared[function] = self
        return function


_declared: dict[Callable[..., Any], Answers] = {}


class Documented(FastAPI):
    """An application whose document tells the problems too."""

    def openapi(self) -> Json:
        """The document, made once."""
        before = self.openapi_schema
        document = super().openapi()
        if document is not before:
            complete(document, self.routes)
        return document


def complete(document: Json, routes: Sequence[BaseRoute]) -> None:
    """Put problems into a document that FastAPI has made of these routes."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which no answer here has
        schemas.pop(name, None)
    schemas["Problem"] = problem_schema()
    components["schemas"] = dict(sorted(schemas.items()))
    used: set[int] = set()
    for context in iter_route_contexts(routes):
        for operation in _operations(document, context):
            statuses = problems_of(cast("APIRoute", context.original_route))
            used |= statuses
            told = {str(status): {"$ref": f"#/components/responses/{TOLD[status][0]}"} for status in statuses}
            own = {status: answer for status, answer in operation["responses"].items() if status != "422"}
            operation["responses"] = dict(sorted((told | own).items()))
    components["responses"] = {TOLD[status][0]: _response(status) for status in sorted(used)}


def problems_of(route: APIRoute) -> frozenset[int]:
    """Every status with which the route may answer a problem."""
    return frozenset({429, *_of_what_it_takes(route)}) | _declared_for(route.dependant)


def problem_schema() -> Json:
    """RFC 9457 as we write it. Members beside these depend on the type."""
    error: Json = {
        "type": "object",
        "required": ["pointer", "detail"],
        "properties": {
            "pointer": {
                "type": "string",
                "maxLength": MAX_POINTER_LENGTH,
                "description": "a JSON pointer into the body, or ?name for a parameter",
            },
            "detail": {"type": "string", "maxLength": MAX_DETAIL_LENGTH, "description": "what to do"},
        },
    }
    return {
        "title": "Problem",
        "description": "What happened, why, and what to do next (RFC 9457). Some types have more members.",
        "type": "object",
        "required": ["type", "title", "status", "detail", "trace_id"],
        "properties": {
            "type": {
                "type": "string",
                "pattern": f"^{re.escape(TYPE_ROOT)}[a-z0-9-]+$",
                "maxLength": 200,
                "description": "stable: decide by this",
            },
            "title": {"type": "string", "maxLength": 200},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "maxLength": MAX_DETAIL_LENGTH},
            "trace_id": {"type": "string", "maxLength": 64, "description": "under which the log and the audit have it"},
            "errors": {"type": "array", "items": error, "maxItems": MAX_ERRORS},
            "missing_permission": {"type": "string", "maxLength": 100},
        },
    }


def _response(status: int) -> Json:
    answer: Json = {
        "description": TOLD[status][1],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in _HEADERS:
        answer["headers"] = {_HEADERS[status]: {"schema": {"type": "string", "maxLength": 1000}}}
    return answer


def _of_what_it_takes(route: APIRoute) -> Iterable[int]:
    """From path, query and body: what the guard and the validation refuse, and names that name nothing."""
    flat = [*_all(route.dependant)]
    path, query = any(each.path_params for each in flat), any(each.query_params for each in flat)
    others = any(each.header_params or each.cookie_params for each in flat)
    if path:
        yield 404
    if path or query:
        yield 400
    if route.body_field is not None:
        yield from (408, 413, 415)
    if path or query or others or route.body_field is not None:
        yield 422


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from _all(each)


def _declared_for(dependant: Dependant) -> frozenset[int]:
    """What stands nearer to the route has the last word."""
    found = frozenset[int]().union(*map(_declared_for, dependant.dependencies))
    own = _declared.get(dependant.call) if dependant.call is not None else None
    return (found - own.never) | own.statuses if own is not None else found


def _operations(document: Json, context: RouteContext) -> Iterator[Json]:
    route = context.original_route
    if not isinstance(route, APIRoute) or not route.include_in_schema or context.path_format is None:
        return
    for method in sorted(route.methods or ()):
        operation = document["paths"].get(context.path_format, {}).get(method.lower())
        if operation is not None:
            yield operation
