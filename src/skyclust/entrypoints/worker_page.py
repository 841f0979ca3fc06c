"""What `skyclust worker` alone shows of itself: /metrics and /health, on a port of its own. Called by roles.py.

Invariant: nothing is asked or changed here but that; a worker whose page cannot be served still works.
"""

from __future__ import annotations

import socket

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from skyclust.entrypoints.health import readiness
from skyclust.entrypoints.metrics_page import Shown, check_reader
from skyclust.entrypoints.wiring import Parts
from skyclust.kit.http import NOWHERE, Guard, surface_of
from skyclust.kit.problems import Problem
from skyclust.kit.settings import Settings

log = structlog.get_logger(__name__)


def create_worker_page(parts: Parts) -> ASGIApp:
    """Three addresses behind the same guard as the API's."""
    shown = Shown(parts)

    async def metrics(request: Request) -> Response:
        check_reader(parts.settings, request.headers.get("authorization", ""))
        return await shown.page(request.headers.get("accept", ""))

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        return await readiness(parts.database, parts.keyring)

    routes = [Route("/metrics", metrics), Route("/health/live", live), Route("/health/ready", ready)]
    return Guard(Router(routes, default=_nothing_else), surface_of(parts.settings, NOWHERE, frozenset()))


async def _nothing_else(_scope: Scope, _receive: Receive, _send: Send) -> None:
    detail = "A worker has /metrics, /health/live and /health/ready. The API is served by `skyclust api`."
    raise Problem(404, "not-found", "There is nothing here", detail)


def page_socket(settings: Settings) -> socket.socket | None:
    """Where the page is served. None when it is switched off, or the port that nobody chose is taken.

    Several workers run on one machine without a word: one of them has the default port. OSError when a chosen port is
    taken.
    """
    host, port = settings.worker_metrics_host, settings.worker_metrics_port
    if not port:
        return None
    try:
        remedy = "set another SKYCLUST_WORKER_METRICS_PORT, or 0 for none"
        return listen(host, port, remedy, serving=True)
    except OSError as taken:
        if "worker_metrics_port" in settings.model_fields_set:
            raise
        log.warning("this worker shows no metrics", reason=str(taken))
        return None


def listen(host: str, port: int, remedy: str, *, serving: bool = False) -> socket.socket:
    """A socket bound before anything slow begins, so that a taken port is told at once.

    Of several processes that start at one moment all can bind; only one gets to listen, which `serving` does here.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        if serving:
            listener.listen()
    except OSError as taken:
        listener.close()
        raise OSError(f"port {port} of {host} cannot be used ({taken.strerror}); {remedy}") from taken
    return listener
