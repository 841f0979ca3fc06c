"""Where the command line remembers the server and the login: one file, readable by its owner only.

SKYCLUST_CONFIG names another file; SKYCLUST_URL and SKYCLUST_TOKEN win over the file, for scripts.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Context:
    """The server and the tokens of the last login. `path` is where it is kept."""

    path: Path
    url: str = DEFAULT_URL
    email: str = ""
    access_token: str = ""
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Without the tokens."""
        return f"Context({self.url!r}, {self.email!r})"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Held by one command at a time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def save(self) -> None:
        """Write the file, mode 0600 from the start."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        staged = self.path.with_suffix(".tmp")
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({key: value for key, value in asdict(self).items() if key != "path"}, file)
        staged.replace(self.path)


def load_context(environ: Mapping[str, str]) -> Context:
    """The remembered context, overridden by the environment."""
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".config")
    path = Path(environ.get("SKYCLUST_CONFIG") or home / "skyclust" / "config.json")
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = json.loads(path.read_text())
        except ValueError:
            known = {}
    fields = {key: str(known[key]) for key in ("url", "email", "access_token", "refresh_token") if key in known}
    context = Context(path, **fields)
    if "SKYCLUST_URL" in environ:
        context = replace(context, url=environ["SKYCLUST_URL"])
    if "SKYCLUST_TOKEN" in environ:
        context = replace(context, access_token=environ["SKYCLUST_TOKEN"], refresh_token="")
    return context
