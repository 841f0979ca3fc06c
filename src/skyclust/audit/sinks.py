"""Where signed heads are kept outside the database: a file, a webhook. Called by head_exporting.py.

Invariant: when `write` returns, the sink has the lines; a line that comes twice does no harm.
"""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from skyclust.kit import egress
from skyclust.kit.egress import FOR_OPERATORS, EgressError, Policy
from skyclust.kit.settings import Settings

FILE_NAME = "audit-heads.jsonl"
MEDIA_TYPE = "application/x-ndjson"


class SinkError(Exception):
    """A sink did not take the lines. The text says why, names no secret, and may be shown."""


class Sink(Protocol):
    """One place for heads. `name` is the same on every machine."""

    name: str

    async def write(self, lines: bytes) -> None:
        """Keep whole lines of JSON; SinkError when they are not kept for sure."""
        ...


@dataclass
class FileSink:
    """A file that only grows, for its owner's eyes; on the disk before `write` returns."""

    path: Path
    name: str = "file"

    async def write(self, lines: bytes) -> None:
        """Append."""
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            raise SinkError(f"{self.path} cannot be written: {error.strerror or error}.") from error

    def _append(self, lines: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            found = os.fstat(file.fileno())
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise SinkError(f"{self.path} can be read or written by others. Run `chmod 600 {self.path}`.")
            if found.st_size and os.pread(file.fileno(), 1, found.st_size - 1) != b"\n":
                lines = b"\n" + lines  # after a line that a crash has cut
            if file.write(lines) != len(lines):
                raise SinkError(f"{self.path} took a part only. Is the disk full?")
            os.fsync(file.fileno())
        if fresh:
            _sync_folder(self.path.parent)


@dataclass
class WebhookSink:
    """An address that the operator has set; any 2xx answer means it is kept."""

    url: str
    name: str = "webhook"
    policy: Policy = FOR_OPERATORS

    async def write(self, lines: bytes) -> None:
        """POST the lines."""
        try:
            reply = await egress.request(
                "POST", self.url, policy=self.policy, headers={"content-type": MEDIA_TYPE}, content=lines
            )
        except EgressError as error:
            raise SinkError(str(error)) from error
        if not 200 <= reply.status < 300:
            raise SinkError(f"The webhook answered {reply.status}.")


def sinks_of(settings: Settings) -> list[Sink]:
    """Always the file; the webhook when there is one."""
    sinks: list[Sink] = [FileSink(settings.audit_heads_file or settings.data_dir / FILE_NAME)]
    if settings.audit_heads_webhook is not None:
        sinks.append(WebhookSink(settings.audit_heads_webhook.get_secret_value()))
    return sinks


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
