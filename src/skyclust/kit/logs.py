"""Structured logs. Called once at start by each entry point.

Invariant: values under secret-looking keys, and secrets inside texts, never reach a sink, whoever logs them; and one
event is one line, whatever line breaks are in it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from skyclust.kit.redacting import REDACTED, scrub

_SECRET = re.compile(
    r"pass(word|wd)?|secret|token|private|authorization|cookie|api_?key|access_key|credential_data", re.IGNORECASE
)
#: The library's own `dict_tracebacks` writes local variables, secrets among them, into the log.
TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
_SAFE = {"trace_id", "credential_id", "token_seconds"}
#: Our own words, in every line: not looked through.
_OURS = {"trace_id", "timestamp", "level", "method"}


def configure_logging(stream: TextIO, *, level: int = logging.INFO) -> None:
    """One JSON object per line to `stream`; libraries' warnings go the same way."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            TRACEBACKS,
            redact,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LibraryLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class LibraryLines(logging.Formatter):
    """What libraries say, as our own lines are: an uncaught exception's text may hold what was sent to a cloud."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        line = {"level": record.levelname.lower(), "logger": record.name, "event": scrub(record.getMessage())}
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out values whose key sounds secret, at any depth."""
    for key, value in event.items():
        event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if key not in _SAFE and _SECRET.search(key):
        return REDACTED
    if isinstance(value, str):
        return value if key in _OURS else scrub(value)
    if isinstance(value, dict):
        return {inner: _redacted(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", item) for item in value]
    return value
