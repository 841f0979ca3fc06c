"""Processes of the product that start in a moment: forked from an interpreter that has imported everything.

`python -m soak.killing.nursery` is that interpreter; `Nursery` talks to it. A child runs the command line itself
(`skyclust api ...`) with its own environment; only the imports are done already. Invariant: no child outlives it.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Imported before the first fork. The harness itself must not need them.
MODULES = (
    "aiobotocore.session",
    "googleapiclient.discovery",
    "google.oauth2.service_account",
    "nats",
    "skyclust.entrypoints.api",
    "skyclust.entrypoints.cli.app",
    "skyclust.entrypoints.roles",
    "skyclust.events.nats_bus",
)


class Nursery:
    """The interpreter that forks. Answers come in the order of the questions."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "soak.killing.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )

    def bear(self, words: Sequence[str], environ: Mapping[str, str], log: Path) -> int:
        """Start `skyclust <words>`; its process id."""
        return int(self._ask({"words": list(words), "environ": dict(environ), "log": str(log)})["pid"])

    def bury(self, pid: int) -> int:
        """Wait for the end of a child; its exit code, negative for a signal."""
        return int(self._ask({"bury": pid})["code"])

    def close(self) -> None:
        """Every child ends with it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the nursery has died"
        return dict(json.loads(line))


def main() -> None:
    """Serve until standard input ends."""
    _warm()
    children: set[int] = set()
    for line in sys.stdin:
        question = json.loads(line)
        if "bury" in question:
            _, status = os.waitpid(question["bury"], 0)
            children.discard(question["bury"])
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            pid = os.fork()
            if pid == 0:
                _live(question)
            children.add(pid)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _warm() -> None:
    """What every role would load first thing. Nothing here may start a thread or open a connection."""
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("skyclust.contract.registry").load_providers({}, without=frozenset({"sim"}))
    aws = importlib.import_module("skyclust.providers.aws.sessions")
    aws._new_sdk_session()  # fills the cache of the SDK's model files
    for service in ("ec2", "eks", "iam", "sts"):
        aws._preload(service)


def _live(question: dict[str, Any]) -> None:
    """In the child: become the command, and never come back."""
    os.environ.clear()
    os.environ.update(question["environ"])
    log = os.open(question["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    code = 1
    try:
        code = importlib.import_module("skyclust.entrypoints.cli.app").run(question["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
