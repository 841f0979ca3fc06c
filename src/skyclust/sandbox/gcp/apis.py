"""One request in, one reply out: credential, faults, discovery checks, handler. Called by the ASGI front in a thread.

Invariant: under one lock and in one store transaction, so a killed sandbox knows either all of a call or nothing of it;
what must happen later is in the store before the reply leaves.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from skyclust.sandbox.gcp import compute_operations, service_accounts, sts
from skyclust.sandbox.gcp.cloud import Call, Cloud, Project, render, unsupported
from skyclust.sandbox.gcp.discovery import Method, discovery
from skyclust.sandbox.gcp.errors import (
    GoogleError,
    Json,
    rate_limited,
    resource_exhausted,
    unauthenticated,
    unavailable,
    unknown_project,
    unknown_route,
)
from skyclust.sandbox.gcp.gke_clusters import CLUSTERS, remove_cluster, serve_all
from skyclust.sandbox.gcp.identities import Identities, InvalidGrantError
from skyclust.sandbox.gcp.methods import EFFECTS, HANDLERS
from skyclust.sandbox.gcp.project_services import check_allowed
from skyclust.sandbox.kernel import Call as LoggedCall
from skyclust.sandbox.kernel import Fault, Kernel, Mode, Reply
from skyclust.sandbox.kernel import json_reply as kernel_json_reply

PROVIDER = "gcp"
PROJECT = Project("skyclust-sandbox", "415104041262")
TOKEN_PATH, STS_PATH = "/token", "/v1/token"
PROJECT_PARAMETERS = ("project", "projectId", "projectsId")
CONTAINER_NAMES = {
    "projectsId": "project", "projectId": "project", "locationsId": "location", "zone": "location",
    "clustersId": "cluster", "clusterId": "cluster", "nodePoolsId": "nodePool", "nodePoolId": "nodePool",
    "operationsId": "operation", "operationId": "operation",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    base_url: str


def json_reply(status: int, document: Json, headers: dict[str, str] | None = None) -> Reply:
    fixed = {"content-type": "application/json; charset=UTF-8", "cache-control": "private"}
    return kernel_json_reply(status, document, fixed | (headers or {}))


_FAILURES = (Mode.THROTTLE, Mode.ERROR_BEFORE, Mode.ERROR_AFTER)
_FAILED = json_reply(503, {"error": "internal_failure", "error_description": "Backend error."})


class GoogleApis:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.lock = threading.RLock()
        self.identities = Identities(kernel.store, kernel.data_dir, PROJECT.id)
        self.cloud = Cloud(kernel, PROJECT, self.identities.caller, self.identities.issue)
        self.cloud.effects |= EFFECTS

    def resume(self) -> None:
        """Go on where a stopped or killed process left off; called once, before the first request."""
        with self.lock:
            self.cloud.catch_up()
            service_accounts.install(self.cloud, self.identities)
            serve_all(self.cloud)  # before effects that give nodes to clusters
            self.cloud.settle()

    def reset(self) -> None:
        """Forget every resource; the credential stays."""
        with self.lock:
            for path, _ in self.cloud.all(CLUSTERS):
                remove_cluster(self.cloud, path)
            self.cloud.clear()
            service_accounts.install(self.cloud, self.identities)

    def is_running(self, operation: str) -> bool:
        """Whether a compute operation, by path, has yet to end."""
        with self.lock:
            document = self.cloud.get(compute_operations.KIND, operation)
            return document is not None and compute_operations.current(self.cloud, document)["status"] != "DONE"

    def handle(self, request: Request) -> tuple[Reply, Fault | None]:
        """Answer; a fault that concerns the connection (slow, lost reply) is returned for the front to act out."""
        if request.path == STS_PATH and request.method == "POST":
            return self._sts(request)
        with self.lock:
            self.cloud.settle()
            if request.path == TOKEN_PATH:
                return self._token(request)
            return self._call(request)

    # the token endpoints

    def _sts(self, request: Request) -> tuple[Reply, Fault | None]:
        """The lock is not held while an issuer's keys are fetched."""
        fault = self.kernel.faults.decide(PROVIDER, "sts.token", "")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        try:
            if fault is not None and fault.mode in _FAILURES:
                reply = _FAILED
            else:
                sts.check_form(form)
                with self.lock:
                    provider = sts.trusted(self.cloud, form.get("audience", ""))
                principal = sts.principal_of(provider, form.get("subject_token", ""))
                reply = json_reply(200, sts.exchanged(self.identities.issue(principal)))
        except sts.RefusedError as refused:
            reply = json_reply(400, {"error": refused.word, "error_description": str(refused)})
        self._log("sts.token", reply.status, fault, "")
        return reply, fault

    def _token(self, request: Request) -> tuple[Reply, Fault | None]:
        fault = self.kernel.faults.decide(PROVIDER, "oauth2.token", self.identities.email)
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        try:
            if fault is not None and fault.mode in _FAILURES:
                reply = _FAILED
            elif fault is not None and fault.mode is Mode.REVOKED:
                raise InvalidGrantError("Account has been deleted or disabled.")  # noqa: TRY301 - one place forms the refusal
            else:
                reply = json_reply(200, self.identities.exchange(form))
        except InvalidGrantError as refused:
            reply = json_reply(400, {"error": "invalid_grant", "error_description": str(refused)})
        self._log("oauth2.token", reply.status, fault, "")
        return reply, fault

    # everything else

    def _call(self, request: Request) -> tuple[Reply, Fault | None]:
        request = _as_meant(request)
        found = discovery().match(request.method, request.path)
        name = found[0].id if found else f"{request.method} {request.path}"
        fault: Fault | None = None
        target = ""
        try:
            caller = self._caller(request)
            if found is None:
                raise unknown_route(request.method, request.path)
            method, parameters = found
            fault = self.kernel.faults.decide(PROVIDER, method.id, caller)
            _fail_before(method, fault)
            answer = self._answer(request, self._read(request, method, parameters, caller, fault))
            target = str(answer.get("targetLink") or answer.get("selfLink") or answer.get("name") or "")
            if fault is not None and fault.mode is Mode.ERROR_AFTER:
                raise unavailable()
            reply = json_reply(200, render(answer, request.base_url))
        except GoogleError as refused:
            reply = json_reply(refused.code, refused.body(), refused.headers)
        self._log(name, reply.status, fault, target)
        return reply, fault

    def _caller(self, request: Request) -> str:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise unauthenticated(missing=True)
        caller = self.identities.caller(token.strip()) if kind.lower() == "bearer" else None
        if caller is None:
            raise unauthenticated()
        return caller

    def _read(
        self, request: Request, method: Method, parameters: dict[str, str], caller: str, fault: Fault | None
    ) -> Call:
        """The validated call; the names of path parameters are the same for every form of a container method."""
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        discovery().check_query(method, query)
        body = discovery().check_body(method, _json(request.body)) if method.request else {}
        named = {key: self._own_project(method, key, value) for key, value in parameters.items()}
        if method.service == "container":
            named = {CONTAINER_NAMES.get(key, key): value for key, value in named.items()}
        trouble = fault.mode.value if fault and fault.mode in (Mode.QUOTA, Mode.NO_CAPACITY) else ""
        return Call(method, named, query, body, request.base_url, caller, trouble)

    def _own_project(self, method: Method, parameter: str, value: str) -> str:
        if parameter not in PROJECT_PARAMETERS or value in (self.cloud.project.id, "-"):
            return value
        if value != self.cloud.project.number:
            raise unknown_project(method.service, value)
        return self.cloud.project.id

    def _answer(self, request: Request, call: Call) -> Json:
        handler = HANDLERS.get(f"{call.method.api}:{call.method.id}") or HANDLERS.get(call.method.id)
        if handler is None:
            raise unsupported(call)
        check_allowed(self.cloud, call)
        if request.method == "GET":
            lag = self.kernel.faults.lag(PROVIDER, call.method.id, call.caller)
            self.cloud.hidden = self.cloud.lag.hidden(lag, request.path, self.cloud.now())
            try:
                return handler(self.cloud, call)
            finally:
                self.cloud.hidden = frozenset()
        with self.kernel.store.transaction():
            answer = handler(self.cloud, call)
            self.cloud.remember_time()
        return answer

    def _log(self, operation: str, status: int, fault: Fault | None, target: str) -> None:
        at = self.cloud.now().isoformat()
        mode = fault.mode.value if fault else ""
        self.kernel.calls.record(LoggedCall(PROVIDER, operation, status, at, "", target, mode))

    # the outside world's side

    def as_outsider(self, act: Callable[[Cloud], Json]) -> Json:
        with self.lock:
            self.cloud.settle()
            with self.kernel.store.transaction():
                answer = act(self.cloud)
                self.cloud.remember_time()
            return answer

    def look(self, read: Callable[[Cloud], list[Json]]) -> list[Json]:
        with self.lock:
            self.cloud.settle()
            return read(self.cloud)


def _as_meant(request: Request) -> Request:
    """Google's client sends a GET whose URL is too long as a POST whose body is the query."""
    if request.method != "POST" or request.headers.get("x-http-method-override") != "GET":
        return request
    return replace(request, method="GET", query=request.body.decode("utf-8", "replace"), body=b"")


def _fail_before(method: Method, fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.mode is Mode.THROTTLE:
        raise rate_limited(method.service, fault.params.get("retry_after"))
    if fault.mode in (Mode.ERROR_BEFORE, Mode.LOST_REQUEST):
        raise unavailable()
    if fault.mode is Mode.REVOKED:
        raise unauthenticated()
    if fault.mode is Mode.QUOTA and method.service not in ("compute", "container"):
        raise resource_exhausted()


def _json(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except ValueError as wrong:
        raise GoogleError(400, "parseError", f"Invalid JSON payload received. {wrong}") from None
