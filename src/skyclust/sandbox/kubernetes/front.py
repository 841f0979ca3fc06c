"""The HTTP side: authenticates, routes a request to its verb, and writes the reply as JSON, Table or a stream.

Called by the ASGI server for `/clusters/<key>/...`. Invariant: a cluster's lock is held while a verb runs, never while
a client is waited for.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from skyclust.sandbox.kubernetes import (
    changing,
    deleting,
    discovery,
    logs,
    openapi,
    openapi_v2,
    reading,
    subresources,
    virtual,
    watching,
)
from skyclust.sandbox.kubernetes.changing import Outcome
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers import settle
from skyclust.sandbox.kubernetes.replies import event_table, wants_table, written
from skyclust.sandbox.kubernetes.requests import Call, Options, Target, parse_options, parse_target
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.statuses import ApiError, method_not_allowed, no_such_path, unauthorized

Document = dict[str, Any]
Message = MutableMapping[str, Any]

PREFIX = "/clusters/"
OPEN_PATHS = frozenset({"/healthz", "/livez", "/readyz", "/version"})


class KubernetesFront:
    """ASGI application over the clusters that `find` knows by key."""

    def __init__(self, find: Callable[[str], Cluster | None]) -> None:
        self._find = find

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._respond(request)
        except ApiError as refused:
            response = _refusal(refused)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        key, _, rest = request.url.path.removeprefix(PREFIX).partition("/")
        cluster = self._find(key) if request.url.path.startswith(PREFIX) else None
        if cluster is None:
            raise no_such_path()
        path = "/" + rest
        user = _authenticated(cluster, request.headers.get("authorization", ""))
        if user is None and path not in OPEN_PATHS:
            raise unauthorized()
        said = _described(cluster, path, request)
        if said is not None:
            return said
        target, options = parse_target(cluster, path), parse_options(request.query_params)
        if request.method == "GET" and options.watch and not target.subresource:
            return _watched(cluster, target, options, request)
        if request.method == "GET" and target.subresource == "log":
            with cluster.changing():
                settle(cluster)
                return PlainTextResponse(logs.read_log(cluster, target, request.query_params))
        call = Call(
            request.method, request.headers.get("content-type", ""), target, options, await request.body(), user or ""
        )
        with cluster.changing():
            settle(cluster)
            try:
                reply = written(cluster, target, _perform(cluster, call), request)
            except ApiError as refused:  # here, so that what the controllers did is kept
                reply = _refusal(refused)
            settle(cluster)
        return reply


def _authenticated(cluster: Cluster, header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return cluster.authenticate(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


def _described(cluster: Cluster, path: str, request: Request) -> Response | None:
    """Health, version, metrics, discovery and OpenAPI: what the server says of itself."""
    if request.method != "GET":
        return None
    parts = path.strip("/").split("/")
    if path in OPEN_PATHS and path != "/version":
        return PlainTextResponse("ok")
    if path == "/version":
        return JSONResponse(discovery.server_version(cluster.version))
    if path == "/metrics":
        return PlainTextResponse(discovery.server_metrics(cluster.version))
    if parts[0] == "openapi":
        return _openapi(cluster.resources(), parts[1:], request.headers.get("accept", ""))
    form = discovery.aggregated_version(request.headers.get("accept", ""))
    if form and parts in (["api"], ["apis"]):
        wanted = [r for r in cluster.resources() if bool(r.group) == (parts == ["apis"])]
        media_type = f"application/json;g=apidiscovery.k8s.io;v={form};as=APIGroupDiscoveryList"
        return Response(json.dumps(discovery.aggregated(wanted, form)), media_type=media_type)
    document = _discovered(cluster, parts, request)
    return JSONResponse(document) if document else None


def _discovered(cluster: Cluster, parts: list[str], request: Request) -> Document | None:
    if parts == ["api"]:
        return discovery.core_versions(request.url.netloc)
    if parts == ["apis"]:
        return discovery.group_list(cluster.resources())
    if parts[0] == "apis" and len(parts) == 2:
        return discovery.group(cluster.resources(), parts[1])
    if parts[0] == "apis" and len(parts) == 3:
        return discovery.resource_list(cluster.resources(), parts[1], parts[2])
    if parts[0] == "api" and len(parts) == 2:
        return discovery.resource_list(cluster.resources(), "", parts[1])
    return None


def _openapi(resources: tuple[Resource, ...], parts: list[str], accept: str) -> Response:
    if parts == ["v2"] and openapi_v2.ACCEPTED in accept:
        return Response(openapi_v2.as_protobuf(resources), media_type=openapi_v2.MEDIA_TYPE)
    document: Document | None = None
    if parts == ["v2"]:
        document = openapi_v2.as_json(resources)
    elif parts == ["v3"]:
        document = openapi.index(resources)
    elif parts[:2] == ["v3", "api"] and len(parts) == 3:
        document = openapi.of_group(resources, "", parts[2])
    elif parts[:2] == ["v3", "apis"] and len(parts) == 4:
        document = openapi.of_group(resources, parts[2], parts[3])
    if document is None:
        raise no_such_path()
    return JSONResponse(document)


def _perform(cluster: Cluster, call: Call) -> Outcome:
    target = call.target
    if not target.resource.storable:
        return virtual.perform(cluster, call)
    if target.subresource and target.subresource != "status":
        return subresources.perform(cluster, call)
    verb = VERBS.get((call.method, bool(target.name)))
    if verb is None:
        raise method_not_allowed()
    return verb(cluster, call)


def _list(cluster: Cluster, call: Call) -> Outcome:
    return Outcome(reading.list_page(cluster, call.target, call.options))


def _get(cluster: Cluster, call: Call) -> Outcome:
    return Outcome(reading.get(cluster, call.target))


def _create(cluster: Cluster, call: Call) -> Outcome:
    if call.target.resource.namespaced and not call.target.namespace:
        raise method_not_allowed()
    return changing.create(cluster, call.target, call.body(), call.options)


def _update(cluster: Cluster, call: Call) -> Outcome:
    return changing.update(cluster, call.target, call.body(), call.options)


def _patch(cluster: Cluster, call: Call) -> Outcome:
    return changing.patch(cluster, call.target, call.media_type, call.raw, call.options)


def _delete(cluster: Cluster, call: Call) -> Outcome:
    return Outcome(deleting.delete(cluster, call.target, call.body(), call.options))


def _delete_collection(cluster: Cluster, call: Call) -> Outcome:
    return Outcome(deleting.delete_collection(cluster, call.target, call.body(), call.options))


VERBS: dict[tuple[str, bool], Callable[[Cluster, Call], Outcome]] = {
    ("GET", False): _list,
    ("GET", True): _get,
    ("POST", False): _create,
    ("PUT", True): _update,
    ("PATCH", True): _patch,
    ("DELETE", True): _delete,
    ("DELETE", False): _delete_collection,
}


def _watched(cluster: Cluster, target: Target, options: Options, request: Request) -> Response:
    with cluster.lock:
        watching.start_version(cluster, options)  # refuse before the stream starts
    as_table = wants_table(request)

    async def lines() -> AsyncIterator[bytes]:
        definitions = True
        async for batch in watching.events(cluster, target, options):
            for event in batch:
                shown = event_table(cluster, target, event, request, definitions=definitions) if as_table else event
                definitions = False
                yield json.dumps(shown, separators=(",", ":")).encode() + b"\n"

    return StreamingResponse(lines(), media_type="application/json")


def _refusal(refused: ApiError) -> Response:
    headers = {"Retry-After": str(refused.retry_after_seconds)} if refused.retry_after_seconds else None
    return JSONResponse(refused.document, status_code=refused.code, headers=headers)
