"""How the provider speaks of HTTP without an SDK: requests, answers, what can go wrong on the way.

Plain values; sdk.py makes and takes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

#: Seconds a socket may stay silent. Below the engine's limit of a call (25 s), which is below the lease (30 s).
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Apis:
    """googleapiclient resources. They only build requests, so threads share them."""

    compute: Any
    container: Any
    iam: Any
    projects: Any  # cloudresourcemanager.v1
    services: Any  # serviceusage.v1


class OutgoingRequest(Protocol):
    """What is used of a googleapiclient HttpRequest. Not its `execute`: that repeats, and raises SDK errors."""

    uri: str
    method: str
    body: str | None
    headers: Mapping[str, str]
    methodId: str  # noqa: N815 - googleapiclient's name


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and when it ends."""

    text: str = field(repr=False)
    expires_at: datetime


class NotSentError(Exception):
    """No byte of the request left. The argument is the kind of failure."""


class LostError(Exception):
    """No answer came, though the request may have been applied."""

    def __init__(self, kind: str, *, timed_out: bool = False) -> None:
        """`kind` is the name of the failure."""
        super().__init__(kind)
        self.kind = kind
        self.timed_out = timed_out


class KeyUnreadableError(Exception):
    """The private key is no key."""


class KeyRefusedError(Exception):
    """The token endpoint said no; `word` is OAuth's error word."""

    def __init__(self, word: str, *, retryable: bool) -> None:
        """`retryable` means that the endpoint failed rather than judged."""
        super().__init__(word)
        self.word = word
        self.retryable = retryable


class ImpersonationRefusedError(KeyRefusedError):
    """STS gave a token, and the service account may not be acted as with it."""
