"""/metrics for Prometheus: what this process has counted, and what the database holds now. For who bears the token.

Called by api.py. Invariant: shown to nobody without SKYCLUST_METRICS_TOKEN, but in the sandbox, where nothing is real;
what is asked of the database is asked at most every few seconds, however often somebody looks.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.entrypoints.wiring import Parts
from skyclust.identity.callers import BearerDep
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING
from skyclust.kit.metrics import MEDIA_TYPE, Labels, gauge
from skyclust.kit.problems import Problem

FRESH_SECONDS = 5.0
_WAITING = (
    "FROM outbox o LEFT JOIN relays r ON r.name = 'bus' "
    "WHERE (o.transaction_id, o.position) > (coalesce(r.transaction_id, 0), coalesce(r.position, 0))"
)
_STEPS = (
    "SELECT s.state, count(*) FROM operation_steps s JOIN operations o ON o.id = s.operation_id "
    "WHERE o.created_at > now() - interval '1 day' GROUP BY 1 ORDER BY 1"
)
#: name, what it says, labels, statement. The last column of each row is the number.
ASKED: tuple[tuple[str, str, Labels, str], ...] = (
    ("skyclust_operations", "Operations by kind and state", ("kind", "state"),
     "SELECT kind, state, count(*) FROM operations GROUP BY 1, 2 ORDER BY 1, 2"),
    ("skyclust_resources", "Resources that the engine keeps, by kind and state", ("kind", "state"),
     "SELECT kind, state, count(*) FROM resources WHERE state <> 'gone' GROUP BY 1, 2 ORDER BY 1, 2"),
    ("skyclust_steps", "Steps of the last day by state", ("state",), _STEPS),
    ("skyclust_outbox_waiting", "Events that the bus has not been told", (), f"SELECT count(*) {_WAITING}"),
    ("skyclust_outbox_lag_seconds", "Age of the oldest event that the bus has not been told", (),
     f"SELECT coalesce(extract(epoch FROM clock_timestamp() - min(o.created_at)), 0) {_WAITING}"),  # noqa: S608 # nosec B608
)  # fmt: skip

router = APIRouter(include_in_schema=False)


@dataclass
class Shown:
    """What the database said last, and when."""

    parts: Parts
    _at: float | None = None
    _lines: list[str] = field(default_factory=list)

    async def lines(self) -> list[str]:
        """Everything."""
        now = self.parts.clock.monotonic()
        if self._at is None or now - self._at >= FRESH_SECONDS:
            self._lines, self._at = await self._asked(), now
        return [*self.parts.metrics.lines(), *self._lines, *self._pool()]

    async def _asked(self) -> list[str]:
        try:
            async with self.parts.database.session(visible=EVERYTHING) as session:
                return [line for entry in ASKED for line in await _ask(session, *entry)]
        except DATABASE_AWAY:
            return []

    def _pool(self) -> Iterator[str]:
        pool = self.parts.database.engine.pool
        used = getattr(pool, "checkedout", int)()
        kept = getattr(pool, "checkedin", int)()
        states: list[tuple[Labels, float]] = [(("used",), used), (("free",), kept)]
        yield from gauge("skyclust_database_connections", "Connections of this process", ("state",), states)


async def _ask(session: AsyncSession, name: str, about: str, labels: Labels, statement: str) -> list[str]:
    rows = (await session.execute(text(statement))).all()
    return list(gauge(name, about, labels, [(tuple(map(str, row[:-1])), float(row[-1])) for row in rows]))


@router.get("/metrics")
async def metrics(request: Request, bearer: BearerDep) -> PlainTextResponse:
    """For Prometheus, which sends the token as `authorization: {credentials: ...}` of its scrape configuration."""
    shown: Shown = request.app.state.shown
    settings = shown.parts.settings
    token = settings.metrics_token.get_secret_value()
    if not token and not settings.sandbox_control:
        detail = "Set SKYCLUST_METRICS_TOKEN and send it as a bearer token."
        raise Problem(404, "no-metrics", "Metrics are switched off", detail)
    given = bearer.credentials if bearer is not None else ""
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        detail = "Send `Authorization: Bearer` with the value of SKYCLUST_METRICS_TOKEN."
        raise Problem(401, "unauthenticated", "Not signed in", detail, headers={"www-authenticate": "Bearer"})
    return PlainTextResponse("\n".join([*await shown.lines(), ""]), media_type=MEDIA_TYPE)
