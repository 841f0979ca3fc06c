"""The HTTP application: every slice's routes under /api/v1, health, documentation. Called by `up`, `api` and tests."""

from __future__ import annotations

import re
from typing import Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from skyclust.audit.router import router as audit
from skyclust.catalogue.router import router as catalogue
from skyclust.clusters.router import router as clusters
from skyclust.credentials.router import of_workspaces as credentials_of_workspaces
from skyclust.credentials.router import router as credentials
from skyclust.credentials.router import well_known
from skyclust.drift.router import router as drift
from skyclust.entrypoints import console
from skyclust.entrypoints.docs_page import STYLE, render_docs
from skyclust.entrypoints.health import readiness
from skyclust.entrypoints.metrics_page import Shown
from skyclust.entrypoints.metrics_page import router as metrics_page
from skyclust.entrypoints.setup_page import router as setup_page
from skyclust.entrypoints.wiring import Parts
from skyclust.identity.callers import BearerDep, count_request, principal_of
from skyclust.identity.router import router as identity
from skyclust.identity.service import policy_of
from skyclust.kit import problems
from skyclust.kit.db import DatabaseDep
from skyclust.kit.documenting import BEFORE_ALL, Documented
from skyclust.kit.http import Done, Guard, surface_of
from skyclust.kit.placing import placed
from skyclust.kit.rates import Asking, Buckets, Limiter, Rate, Shared
from skyclust.kit.schemas import Answer
from skyclust.kit.settings import LOOPBACK, Settings
from skyclust.networks.router import router as networks
from skyclust.operations.router import router as operations
from skyclust.workspaces.router import router as workspaces
from skyclust.workspaces.service.single_sign_on import sign_on_of

PREFIX = "/api/v1"
ABOUT = (
    "Kubernetes clusters and the networks under them, on every cloud you use. Long work answers 202 with an operation; "
    "errors are RFC 9457 problems; lists page with `limit` and `cursor`; every mutation takes `dry_run=true`. "
    + BEFORE_ALL
)
#: What a page of an allowed origin may send, and see of an answer.
READ_HEADERS = ("authorization", "content-type", "idempotency-key", "if-match", "last-event-id")
SHOWN_HEADERS = (
    "content-disposition",
    "etag",
    "location",
    "retry-after",
    "x-trace-id",
    "ratelimit-limit",
    "ratelimit-remaining",
)
#: Where whoever asks is not known yet.
ENTRIES = re.compile(
    r"/setup|/api/v1/(auth/(login|refresh|register|password|reauthenticate|oidc/.+)|invitations:accept)"
)
#: Pages whose form sends no JSON.
FORMS = frozenset({"/setup"})
#: Fixed paths first: /clusters must not be taken for a provider's name.
ROUTERS = (
    identity,
    workspaces,
    credentials,
    credentials_of_workspaces,
    audit,
    operations,
    catalogue,
    drift,
    clusters,
    networks,
)


def described_app() -> FastAPI:
    """Every route of the API, without the parts that would serve it: enough for its description."""
    app = Documented(
        title="SkyClust",
        version="1",
        description=ABOUT,
        openapi_url=None,  # `pages` has it, guarded
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_name,
    )
    for router in (*ROUTERS, health):
        app.router.routes.extend(placed(router, PREFIX, _operation_name))
    return app


def create_app(parts: Parts) -> FastAPI:
    """The application on these parts."""
    app = described_app()
    for name in ("settings", "database", "clock", "providers", "keyring", "clouds", "bus"):
        setattr(app.state, name, getattr(parts, name))
    app.state.engine_bell = parts.ring
    problems.install(app)
    for router in (pages, well_known, metrics_page, setup_page):
        app.router.routes.extend(placed(router, "", _operation_name))
    console.install(app, console.BUILT)
    app.state.shown = Shown(parts)
    policy_of(parts.settings)  # ValueError now, and not with the first request
    app.state.sign_on = sign_on_of(parts.settings, parts.clock.monotonic)
    _guard(app, parts)
    return app


def _guard(app: FastAPI, parts: Parts) -> None:
    """Limits, headers and the pages of others. What is added last is outermost."""
    settings = parts.settings
    surface = surface_of(settings, ENTRIES, FORMS)
    limiter = Limiter(Buckets(parts.clock.monotonic), _shared_rates(parts))
    costly = Rate("costly requests (plans, imports, exports, checks)", settings.costly_per_minute)
    app.state.asking = Asking(limiter, Rate("requests", settings.requests_per_minute), costly)
    if surface.pages:
        app.add_middleware(
            CORSMiddleware, allow_origins=sorted(surface.pages), allow_credentials=False,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"], allow_headers=list(READ_HEADERS),
            expose_headers=list(SHOWN_HEADERS), max_age=600,
        )  # fmt: skip
    app.add_middleware(Guard, surface=surface, limiter=limiter, told=lambda done: _count(parts, done))


def _shared_rates(parts: Parts) -> Shared | None:
    """In Redis where it is named: what all processes of the API count together."""
    if parts.settings.redis_url is None:
        return None
    try:
        from skyclust.kit.shared_rates import redis_buckets
    except ImportError as missing:
        raise ValueError("SKYCLUST_REDIS_URL needs a package more: pip install 'skyclust[redis]'") from missing
    url = parts.settings.redis_url.get_secret_value()
    shared = redis_buckets(url, parts.clock.monotonic, parts.metrics.rates_shared.set)
    parts.closing.append(shared.close)
    return shared


def _count(parts: Parts, done: Done) -> None:
    """A path that no route has is not told apart from others: its text is the client's."""
    parts.metrics.requests.of(done.method, done.route or "none", str(done.status)).observe(done.seconds)


def _operation_name(route: APIRoute) -> str:
    methods = "-".join(sorted(route.methods or ())).lower()
    path = "-".join(part.strip("{}") for part in route.path_format.removeprefix(PREFIX).split("/") if part)
    return f"{methods}-{path}".replace(":", "-").replace("}", "")


health = APIRouter(tags=["health"])
pages = APIRouter(include_in_schema=False)


@health.get("/health/live")
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


class ReadinessAnswer(Answer):
    """`checks` says of each thing that is needed "ok", or what is wrong."""

    status: Literal["ready", "not ready"]
    checks: dict[str, str]


NOT_READY: dict[int | str, dict[str, Any]] = {
    200: {"model": ReadinessAnswer},
    503: {"model": ReadinessAnswer, "description": "Not ready; `checks` says why"},
}


@health.get("/health/ready", responses=NOT_READY)
async def ready(request: Request) -> Response:
    """Requests can be served: the database answers and has the schema this version needs."""
    return await readiness(request.app.state.database, request.app.state.keyring)


async def may_read(request: Request, database: DatabaseDep, bearer: BearerDep) -> None:
    """401 for strangers where the API can be reached from elsewhere: its description is a map."""
    settings: Settings = request.app.state.settings
    if not docs_are_open(settings):
        async with database.session() as session:
            principal = await principal_of(request, session, bearer)
        await count_request(request, principal)


def docs_are_open(settings: Settings) -> bool:
    """Whether everybody may read the description of the API."""
    if settings.docs == "auto":
        return bool(settings.sandbox_control) or (settings.host in LOOPBACK and not settings.public_url)
    return settings.docs == "open"


@pages.get(f"{PREFIX}/openapi.json", dependencies=[Depends(may_read)])
async def openapi(request: Request) -> JSONResponse:
    """The API for a machine."""
    return JSONResponse(request.app.openapi())


@pages.get("/docs", dependencies=[Depends(may_read)])
async def docs(request: Request) -> HTMLResponse:
    """The API for a reader."""
    return HTMLResponse(render_docs(request.app.openapi()))


@pages.get("/docs.css")
async def docs_css() -> PlainTextResponse:
    """The style of our few pages."""
    return PlainTextResponse(STYLE, media_type="text/css")
