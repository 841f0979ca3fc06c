"""Secrets that sing when they are found where none may be. Loaded by tests/conftest.py; used by whoever hands secrets in.

`canary("label")` is a secret for tests; `remember` tells of one that a process made for itself, and of its folder. When
the whole session has ended, every file it left is searched: database files, write-ahead logs, message stores, logs.
Invariant: a secret in any spelling of `spellings` fails the session, whichever tests ran.
"""

import base64
import json
import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

#: In every canary, so that one search finds all. Letters and digits only: escaping for JSON, URLs and HTML changes nothing.
MARK = "Zk7wQx2xV9bNm4Z8"
#: Shorter pieces of a secret say nothing.
FRAGMENT = 12
#: Of longer ones every fourth piece is looked for: a part of fifteen letters is found, in a quarter of the time.
SHORT = 24
_REGISTRY = "SKYCLUST_TEST_CANARIES"
#: What an empty database server holds anyway: a template's files.
_TEMPLATES = {"1", "4", "5"}


def canary(label: str) -> str:
    """A secret for tests."""
    return f"{MARK}-{label}"


def remember(secrets: Iterable[str], folder: Path) -> None:
    """These are not to be found in any file under `folder`."""
    if _REGISTRY in os.environ:
        with Path(os.environ[_REGISTRY]).open("a") as registry:
            registry.writelines(json.dumps([secret, str(folder)]) + "\n" for secret in secrets)


def spellings(secret: str) -> dict[str, bytes]:
    """How a secret may look: what to call it -> what to look for, anywhere inside something longer."""
    raw = secret.encode()
    found = {
        "as it is": raw,
        "backwards": raw[::-1],
        "in hexadecimal": raw.hex().encode(),
        "in upper-case hexadecimal": raw.hex().upper().encode(),
        "in UTF-16": secret.encode("utf-16-le"),
        "percent-encoded": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "in JSON escapes": "".join(f"\\u{ord(letter):04x}" for letter in secret).encode(),
    }
    for offset in range(3):
        # of the first and the last group only those letters are certain that no neighbour has a part in
        whole = base64.b64encode(b"\0" * offset + raw)
        certain = whole.rstrip(b"=")[(0, 2, 3)[offset] : -1]
        found[f"in base64 at offset {offset}"] = certain
        found[f"in URL-safe base64 at offset {offset}"] = certain.translate(bytes.maketrans(b"+/", b"-_"))
    for start in range(0, len(raw) - FRAGMENT + 1, 1 if len(raw) <= SHORT else 4):
        found[f"a part from letter {start}"] = raw[start : start + FRAGMENT]
    return found


def search(folder: Path, secret: str, *, spare: Iterable[str] = ()) -> Iterator[str]:
    """Every file under `folder` with the secret in it, and how it is spelled; `spare` are globs of what may hold it."""
    wanted = spellings(secret)
    for path in _files(folder):
        if any(path.match(glob) for glob in spare):
            continue
        for name in _in_file(path, wanted):
            yield f"{path}: {name}"


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        if Path(place).name == "base":
            folders[:] = [name for name in folders if name not in _TEMPLATES]
        yield from (path for name in names if not (path := Path(place) / name).is_symlink() and path.is_file())


def _in_file(path: Path, wanted: dict[str, bytes]) -> Iterator[str]:
    if path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield from (name for name, needle in wanted.items() if content.find(needle) >= 0)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the one process that sees the end of all others
        config.pluginmanager.register(Watch(), "watch for canaries")


class Watch:
    """Searches when the session has ended."""

    #: The simulated clouds know their own keys; the sandbox's administrator is for whoever sits at the machine.
    SPARE = ("*/sandbox*/*", "*/sandbox*/*/*", "*/sandbox*/*/*/*", "*/admin.password", "*/canaries.jsonl")

    def __init__(self) -> None:
        self.found: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self.folder = session.config._tmp_path_factory.getbasetemp()
        os.environ[_REGISTRY] = str(self.folder / "canaries.jsonl")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.found += search(self.folder, MARK, spare=self.SPARE)
        registry = Path(os.environ[_REGISTRY])
        for line in sorted(set(registry.read_text().splitlines())) if registry.exists() else ():
            secret, folder = json.loads(line)
            self.found += search(Path(folder), secret, spare=self.SPARE)
        if self.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.found:
            terminalreporter.section("a secret was found where none may be")
            for line in self.found:
                terminalreporter.write_line(line)
