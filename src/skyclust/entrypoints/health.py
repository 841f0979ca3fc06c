"""Whether a process can do its work: the database answers and fits, the keys can be opened. For API and worker."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from skyclust.credentials import service as credentials
from skyclust.identity.service import factors
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING, Database
from skyclust.kit.keys import KeySource
from skyclust.kit.migrating import head_revision


async def readiness(database: Database, keys: KeySource) -> Response:
    """200, or 503 with what is not as it should be."""
    checks = {"database": await _database_state(database), "keys": await _keys_state(database, keys)}
    good = all(value == "ok" for value in checks.values())
    document: dict[str, Any] = {"status": "ready" if good else "not ready", "checks": checks}
    return JSONResponse(document, 200 if good else 503, headers={} if good else {"retry-after": "2"})


async def _database_state(database: Database) -> str:
    try:
        async with database.session() as session:
            revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except DATABASE_AWAY:
        return "does not answer"
    wanted = head_revision()
    return "ok" if revision == wanted else f"has schema {revision}, this version needs {wanted}: skyclust migrate"


async def _keys_state(database: Database, keys: KeySource) -> str:
    """Sealed: keys are locked, or what the database holds lies under a key that this process does not have."""
    try:
        async with database.session(visible=EVERYTHING) as session:
            used = {**await credentials.keys_in_use(session), **await factors.keys_in_use(session)}
    except DATABASE_AWAY:
        return "not known while the database does not answer"
    if keys.sealed:
        return f"sealed: {keys.sealed} It is asked again until it answers"
    missing = sorted(used.keys() - keys.ids)
    if not missing:
        return "ok"
    return f"sealed: the keyring lacks {', '.join(missing)}. Restore its backup, or set SKYCLUST_ENCRYPTION_KEY"
