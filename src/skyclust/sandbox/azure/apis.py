"""One request in, one reply out: credential, faults, rights, handler. Called by the ASGI front in a thread.

Invariant: under one lock and in one store transaction, so a killed sandbox knows either all of a call or nothing of it;
what must happen later is in the store before the reply leaves.
"""

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from skyclust.sandbox.azure import authority
from skyclust.sandbox.azure.aks_clusters import CLUSTER, serve_all
from skyclust.sandbox.azure.cloud import GROUPS, Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import (
    ArmError,
    Json,
    bad_request,
    internal_error,
    method_not_allowed,
    missing_api_version,
    subscription_not_found,
    throttled,
    token_expired,
    unauthenticated,
    unknown_route,
)
from skyclust.sandbox.azure.identities import ARM_AUDIENCES, Identities
from skyclust.sandbox.azure.methods import EFFECTS, KINDS, ROUTES
from skyclust.sandbox.azure.permissions import check_allowed
from skyclust.sandbox.azure.resources import forget
from skyclust.sandbox.azure.routing import Router
from skyclust.sandbox.azure.subscriptions import check_registered
from skyclust.sandbox.kernel import Call as LoggedCall
from skyclust.sandbox.kernel import Fault, Kernel, Mode, Received, Reply, json_reply

PROVIDER = "azure"
RETRY_SECONDS = 10
_WRITES = {"PUT", "PATCH", "POST", "DELETE"}


class AzureApis:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.lock = threading.RLock()
        self.identities = Identities(kernel.store, kernel.data_dir)
        self.cloud = Cloud(kernel, self.identities)
        self.cloud.effects |= EFFECTS
        self.cloud.kinds |= KINDS
        self.router = Router(ROUTES)

    def resume(self) -> None:
        """Go on where a stopped or killed process left off; called once, before the first request."""
        with self.lock:
            self.cloud.catch_up()
            serve_all(self.cloud)  # before effects that give nodes to clusters
            self.cloud.settle()

    def reset(self) -> None:
        """Forget every resource; the credential stays."""
        with self.lock:
            for _, cluster in self.cloud.all(CLUSTER.collection):
                forget(self.cloud, CLUSTER, cluster)
            self.cloud.clear()

    def handle(self, request: Received, base_url: str) -> tuple[Reply, Fault | None]:
        """Answer; a fault that concerns the connection (slow, lost reply) is returned for the front to act out."""
        with self.lock:
            self.cloud.settle()
            if authority.is_token_request(request):
                return self._token(request)
            public = authority.look_up(request, self.identities, base_url)
            if public is not None:
                return _reply(public, request), None
            return self._call(request, base_url)

    def _token(self, request: Received) -> tuple[Reply, Fault | None]:
        fault = self.kernel.faults.decide(PROVIDER, authority.TOKEN_OPERATION, self.identities.account.client)
        reply = _reply(authority.exchange(request, self.identities, fault), request)
        self._log(authority.TOKEN_OPERATION, reply, fault, "")
        return reply, fault

    # resource manager

    def _call(self, request: Received, base_url: str) -> tuple[Reply, Fault | None]:
        path = unquote(request.path).rstrip("/")
        found = self.router.match(request.method, path)
        name = found[0].action if found else f"{request.method} {path}"
        fault: Fault | None = None
        try:
            self._check_caller(request)
            if found is None:
                allowed = self.router.methods_of(path)
                raise method_not_allowed(request.method, path) if allowed else unknown_route(path)
            route, parameters = found
            alias = route.alias(self.cloud, parameters) if route.alias else ""
            fault = self.kernel.faults.decide(PROVIDER, route.action, self.identities.account.client, alias=alias)
            self._fail_before(fault)
            answer = self._answer(route, self._read(request, route, parameters, base_url + path, base_url, fault))
            if fault is not None and fault.mode is Mode.ERROR_AFTER:
                raise internal_error()
        except ArmError as refused:
            answer = Answer(refused.status, refused.body(), refused.headers)
        reply = _reply(answer, request)
        self._log(name, reply, fault, path)
        return reply, fault

    def _check_caller(self, request: Received) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise unauthenticated(missing=True)
        claims = self.identities.claims(token.strip()) if kind.lower() == "bearer" else None
        if claims is None or claims["aud"] not in ARM_AUDIENCES:
            raise unauthenticated()
        if not self.identities.is_current(claims):
            raise token_expired()

    def _fail_before(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.mode is Mode.THROTTLE:
            raise throttled(fault.params.get("retry_after", max(round(RETRY_SECONDS / self.kernel.clock.speed), 1)))
        if fault.mode in (Mode.ERROR_BEFORE, Mode.LOST_REQUEST):
            raise internal_error()
        if fault.mode is Mode.REVOKED:
            raise unauthenticated()

    def _read(
        self, request: Received, route: Route, parameters: dict[str, str], url: str, base_url: str, fault: Fault | None
    ) -> Call:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        query = {("api-version" if name.lower() == "api-version" else name): value for name, value in query.items()}
        if not query.get("api-version"):
            raise missing_api_version()
        given = parameters.get("subscription", self.cloud.account.subscription)
        if given.lower() != self.cloud.account.subscription:
            raise subscription_not_found(given)
        trouble = fault.mode.value if fault and fault.mode in (Mode.QUOTA, Mode.NO_CAPACITY) else ""
        body = _json(request.body)
        return Call(request.method, route.action, parameters, query, request.headers, body, url, base_url, trouble)

    def _answer(self, route: Route, call: Call) -> Answer:
        check_allowed(self.cloud, route.action, call)
        if call.method not in _WRITES:
            lag = self.kernel.faults.lag(PROVIDER, route.action, self.identities.account.client)
            asked = call.url.removeprefix(call.base_url).lower()
            self.cloud.hidden = _of_kind(self.cloud.lag.hidden(lag, asked, self.cloud.now()), route.action)
            try:
                return route.handler(self.cloud, call)
            finally:
                self.cloud.hidden = frozenset()
        if call.method == "PUT":
            check_registered(self.cloud, route.action.partition("/")[0])
        with self.kernel.store.transaction():
            answer = route.handler(self.cloud, call)
            self.cloud.remember_time()
        return answer

    def _log(self, operation: str, reply: Reply, fault: Fault | None, target: str) -> None:
        at = self.cloud.now().isoformat()
        mode = fault.mode.value if fault else ""
        request_id = reply.headers.get("x-ms-request-id", "")
        self.kernel.calls.record(LoggedCall(PROVIDER, operation, reply.status, at, request_id, target, mode))

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


def _of_kind(hidden: frozenset[tuple[str, str]], action: str) -> frozenset[tuple[str, str]]:
    """A read of one kind lags for that kind, not for what is above it; the list of all resources lags for all."""
    kind = action.removesuffix("/read").lower().replace("/subscriptions/", "/")
    return frozenset(pair for pair in hidden if pair[0] == kind) if kind in {*KINDS, GROUPS} else hidden


def _reply(answer: Answer, request: Received) -> Reply:
    request_id = str(uuid.uuid4())
    headers = {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-cache",
        f"x-ms-ratelimit-remaining-subscription-{'reads' if request.method == 'GET' else 'writes'}": "11999",
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id") or request_id,
        **answer.headers,
    }
    if answer.body is None or request.method == "HEAD":
        return Reply(answer.status, headers, b"")
    return json_reply(answer.status, answer.body, headers)


def _json(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except ValueError as wrong:
        raise bad_request(
            "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{wrong}'"
        ) from None
