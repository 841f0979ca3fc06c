"""uvicorn's HTTP/1.1 with an end to a request's head: so many bytes, so many seconds. Used by `up` and `api`.

uvicorn 0.54 bounds neither with httptools: a client could send header lines for ever, or one byte a minute. It can go
when uvicorn has such limits. Invariant: a body or an answer is never cut by this.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
HEAD_SECONDS = 20.0


class BoundedHeads(HttpToolsProtocol):
    """One connection."""

    seconds: ClassVar[float] = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """No alarm is left behind."""
        self._silence()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that has not ended."""
        if self._alarm is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A head begins, perhaps on a connection that has served others."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """It has ended in time."""
        self._silence()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._silence()
        self._alarm = self.loop.call_later(self.seconds, self._too_slow)

    def _silence(self) -> None:
        self._head_bytes = 0
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _too_slow(self) -> None:
        self._alarm = None
        answering = self.cycle is not None and not self.cycle.response_complete
        if not answering and not self.transport.is_closing():
            self.transport.close()
