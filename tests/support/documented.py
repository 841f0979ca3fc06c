"""Every answer that a client of the tests gets must stand in the OpenAPI document, or the test fails.

Used by tenancy.py (and so by whole_app.py and building.py) and tenancy_asking.py. Looks at the route that answered and
not at the whole document, which takes two seconds to make; tests/security/test_openapi_by_examples.py shows that the
document says the same.
"""

from collections.abc import Mapping

import httpx
from fastapi.routing import APIRoute

from skyclust.kit.documenting import problems_of
from skyclust.kit.problems import MEDIA_TYPE
from tenancy_policy import SYNONYMS

#: What is told once for all operations (`documenting.BEFORE_ALL`): (status, kind).
BEFORE_ALL = {
    (400, "bad-address"), (403, "foreign-origin"), (405, "method-not-allowed"), (408, "too-slow"), (413, "too-large"),
    (415, "unsupported-media-type"), (422, "invalid"), (431, "headers-too-large"),
}  # fmt: skip


class Documenting(httpx.ASGITransport):
    """Into the application; fails for an answer that no reader of the document would expect.

    `defects()`: whether the test makes something go wrong, so that 500 is right.
    """

    def __init__(self, app, *, defects, **kwargs):
        super().__init__(app, **kwargs)
        self._kwargs, self._defects = kwargs, defects

    async def handle_async_request(self, request):
        asked = {}

        async def remembering(scope, receive, send):
            asked.update(scope=scope)
            await self.app(scope, receive, send)

        response = await httpx.ASGITransport(remembering, **self._kwargs).handle_async_request(request)
        body = await response.aread()
        check(asked["scope"], response.status_code, response.headers.get("content-type", ""), body, self._defects())
        return response


def check(scope: Mapping, status: int, content_type: str, body: bytes = b"", defects: bool = False) -> None:
    """An AssertionError names what is missing in the document."""
    route = scope.get("route")
    if not isinstance(route, APIRoute) or not _is_told(route):
        return
    told = statuses_of(route)
    name = f"{scope['method']} {route.path}"
    before_all = any(status == known and f'/{kind}"'.encode() in body for known, kind in BEFORE_ALL)
    if status == 500 and defects:
        return
    assert status in told or before_all, f"{name} answered {status}; the document knows {sorted(told)}: {body[:500]}"
    if status >= 400 and status not in route.responses:
        assert content_type == MEDIA_TYPE, f"{name} answered {status} as {content_type}"


def statuses_of(route: APIRoute) -> frozenset[int]:
    if id(route) not in _known:
        _known[id(route)] = route, problems_of(route) | successes_of(route)
    return _known[id(route)][1]


#: Routes have no hash; they are kept, so that no other gets the id of one.
_known: dict[int, tuple[APIRoute, frozenset[int]]] = {}


def successes_of(route: APIRoute) -> frozenset[int]:
    return frozenset({route.status_code or 200, *map(int, route.responses)})


def _is_told(route: APIRoute) -> bool:
    """Pages are not in the document; other words for the same routes are as good as in it."""
    ours = route.endpoint.__module__.startswith("skyclust.")
    return ours and (route.include_in_schema or any(word in route.path for word in SYNONYMS))
