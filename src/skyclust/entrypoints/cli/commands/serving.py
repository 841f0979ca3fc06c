"""Commands that serve: everything at once, or one role each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def up(
    *,
    sandbox: Annotated[bool, Parameter(negative=())] = False,
    data_dir: Path = Path("data"),
    host: str = "127.0.0.1",
    port: int = 8080,
    speed: float = 60.0,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Start everything and serve until SIGTERM or Ctrl-C.

    Parameters
    ----------
    sandbox
        Also run simulated clouds, with an administrator and cloud credentials printed.
    data_dir
        Database, keys and sandbox state; the same folder goes on where it stopped.
    host
        Address to listen at.
    port
        Port to listen at; 0 takes a free one.
    speed
        How many times faster than real time the simulated clouds run.
    json
        Print one JSON line when ready, for programs.
    """
    from skyclust.entrypoints.up import Options, run

    return run(Options(data_dir, host, port, sandbox, speed, json))


def api(*, host: str = "127.0.0.1", port: int = 8080) -> int:
    """Serve the API only; SKYCLUST_DATABASE_URL names the database."""
    from skyclust.entrypoints.roles import run_api

    return run_api(host, port)


def worker() -> int:
    """Run a worker only; as many as you like on one database."""
    from skyclust.entrypoints.roles import run_worker

    return run_worker()


def migrate() -> int:
    """Bring the database to the current schema; SKYCLUST_DATABASE_URL must name its owner."""
    from skyclust.entrypoints.roles import run_migrations

    return run_migrations()


def sandbox(*, data_dir: Path = Path("data/sandbox"), speed: float = 60.0, host: str = "127.0.0.1") -> int:
    """Run the simulated clouds only and print where they are."""
    import subprocess
    import sys

    command = [
        sys.executable,
        "-m",
        "skyclust.sandbox",
        "--data-dir",
        str(data_dir),
        "--speed",
        str(speed),
        "--host",
        host,
    ]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter and module
    except KeyboardInterrupt:
        return 0
