"""/metrics for Prometheus: what this process has counted, and what the database holds now. For who bears the token.

Called by api.py, worker_page.py. Invariant: shown to nobody without SKYCLUST_METRICS_TOKEN, but in the sandbox, where
nothing is real; what is asked of the database is asked at most every few seconds, however often somebody looks.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client.metrics_core import Metric
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.entrypoints.wiring import Parts
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING
from skyclust.kit.metrics import Labels, gauge, rendered
from skyclust.kit.problems import Problem
from skyclust.kit.settings import Settings

FRESH_SECONDS = 5.0
_WAITING = (
    "FROM outbox o LEFT JOIN relays r ON r.name = 'bus' "
    "WHERE (o.transaction_id, o.position) > (coalesce(r.transaction_id, 0), coalesce(r.position, 0))"
)
_STEPS = (
    "SELECT s.state, count(*) FROM operation_steps s JOIN operations o ON o.id = s.operation_id "
    "WHERE o.created_at > now() - interval '1 day' GROUP BY 1 ORDER BY 1"
)
_LEASES = (
    "SELECT 'resource', count(*) FROM resources WHERE lease_until > clock_timestamp() "
    "UNION ALL SELECT 'sweep', count(*) FROM sweeps WHERE lease_until > clock_timestamp() "
    "UNION ALL SELECT 'check', count(*) FROM credentials WHERE check_leased_until > clock_timestamp() "
    "UNION ALL SELECT 'relay', count(*) FROM relays WHERE lease_until > clock_timestamp()"
)
#: name, what it says, labels, statement. The last column of each row is the number.
ASKED: tuple[tuple[str, str, Labels, str], ...] = (
    ("skyclust_operations", "Operations by kind and state", ("kind", "state"),
     "SELECT kind, state, count(*) FROM operations GROUP BY 1, 2 ORDER BY 1, 2"),
    ("skyclust_resources", "Resources that the engine keeps, by kind and state", ("kind", "state"),
     "SELECT kind, state, count(*) FROM resources WHERE state <> 'gone' GROUP BY 1, 2 ORDER BY 1, 2"),
    ("skyclust_steps", "Steps of the last day by state", ("state",), _STEPS),
    ("skyclust_leases", "What workers hold now", ("of",), _LEASES),
    ("skyclust_outbox_waiting", "Events that the bus has not been told", (), f"SELECT count(*) {_WAITING}"),
    ("skyclust_outbox_lag_seconds", "Age of the oldest event that the bus has not been told", (),
     f"SELECT coalesce(extract(epoch FROM clock_timestamp() - min(o.created_at)), 0) {_WAITING}"),  # noqa: S608 # nosec B608
)  # fmt: skip

router = APIRouter(include_in_schema=False)


class Shown:
    """What the database said last, and when; with what the process counts, all that there is to collect."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is asked before somebody looks."""
        self._parts = parts
        self._at: float | None = None
        self._told: list[Metric] = []

    async def page(self, accept: str) -> Response:
        """Everything, in the format that is asked for."""
        now = self._parts.clock.monotonic()
        if self._at is None or now - self._at >= FRESH_SECONDS:
            self._told, self._at = await self._asked(), now
        body, media_type = rendered(self, accept)
        return Response(body, headers={"content-type": media_type})

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks for it."""
        yield from self._parts.metrics.registry.collect()
        yield from self._told
        pool = self._parts.database.engine.pool
        used = getattr(pool, "checkedout", int)()
        kept = getattr(pool, "checkedin", int)()
        states: list[tuple[Labels, float]] = [(("used",), used), (("free",), kept)]
        yield gauge("skyclust_database_connections", "Connections of this process", ("state",), states)

    async def _asked(self) -> list[Metric]:
        try:
            async with self._parts.database.session(visible=EVERYTHING) as session:
                return [await _ask(session, *entry) for entry in ASKED]
        except DATABASE_AWAY:
            return []


async def _ask(session: AsyncSession, name: str, about: str, labels: Labels, statement: str) -> Metric:
    rows = (await session.execute(text(statement))).all()
    return gauge(name, about, labels, [(tuple(map(str, row[:-1])), float(row[-1])) for row in rows])


def check_reader(settings: Settings, authorization: str) -> None:
    """404 where metrics are switched off, 401 for whoever does not bear their token."""
    token = settings.metrics_token.get_secret_value()
    if not token and not settings.sandbox_control:
        detail = "Set SKYCLUST_METRICS_TOKEN and send it as a bearer token."
        raise Problem(404, "no-metrics", "Metrics are switched off", detail)
    scheme, _, given = authorization.partition(" ")
    right = hmac.compare_digest(given.strip().encode(), token.encode()) and scheme.lower() == "bearer"
    if token and not right:
        detail = "Send `Authorization: Bearer` with the value of SKYCLUST_METRICS_TOKEN."
        raise Problem(401, "unauthenticated", "Not signed in", detail, headers={"www-authenticate": "Bearer"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus, which sends the token as `authorization: {credentials: ...}` of its scrape configuration."""
    shown: Shown = request.app.state.shown
    check_reader(request.app.state.settings, request.headers.get("authorization", ""))
    return await shown.page(request.headers.get("accept", ""))
