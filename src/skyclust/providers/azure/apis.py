"""How the provider speaks of Azure without an SDK: places, requests, answers, versions, what can go wrong on the way.

Plain values; sdk.py sends and makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Seconds a call may take as a whole. Below the engine's limit of a call (25 s), which is below the lease (30 s).
TIMEOUT_SECONDS = 20.0

#: Versions of the installed SDKs (azure-mgmt-*), by resource provider; tests hold them against the SDKs.
API_VERSIONS = {
    "microsoft.authorization": "2022-04-01",
    "microsoft.compute": "2026-04-01",
    "microsoft.compute/disks": "2026-03-02",
    "microsoft.compute/skus": "2021-07-01",
    "microsoft.containerservice": "2026-08-01",
    "microsoft.network": "2026-03-01",
    "microsoft.resources": "2025-04-01",
    "microsoft.resources/subscriptions": "2022-12-01",
}

_AZURE = "https://management.azure.com"
_ENTRA = "https://login.microsoftonline.com"


@dataclass(frozen=True, slots=True)
class Places:
    """Where Azure is: from the machine's environment, never from a user.

    arm        Resource Manager, without a trailing slash
    audience   what tokens for Resource Manager are made out to; another one in sovereign clouds
    authority  Microsoft Entra ID
    ca_file    certificates to trust instead of the machine's; None = the machine's
    """

    arm: str
    audience: str
    authority: str
    ca_file: str | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Places:
        """From SKYCLUST_AZURE_ENDPOINT, _AUDIENCE, _AUTHORITY and _CA_FILE."""
        return cls(
            (environ.get("SKYCLUST_AZURE_ENDPOINT") or _AZURE).rstrip("/"),
            (environ.get("SKYCLUST_AZURE_AUDIENCE") or _AZURE).rstrip("/"),
            (environ.get("SKYCLUST_AZURE_AUTHORITY") or _ENTRA).rstrip("/"),
            environ.get("SKYCLUST_AZURE_CA_FILE") or None,
        )

    @property
    def arm_scope(self) -> str:
        """The scope of tokens for Resource Manager."""
        return f"{self.audience}/.default"


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """One call. `url` is complete; `operation` is how Azure calls the right to make it."""

    method: str
    url: str
    operation: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def mutating(self) -> bool:
        """False for GET, and for actions that only show something (their names begin with "list")."""
        if self.method == "POST":
            return not self.operation.split("/")[-2].startswith("list")
        return self.method != "GET"


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


class KeyRefusedError(Exception):
    """Entra ID said no; `word` is its code ("AADSTS7000215")."""

    def __init__(self, word: str, *, retryable: bool) -> None:
        """`retryable` means that the endpoint failed rather than judged."""
        super().__init__(word)
        self.word = word
        self.retryable = retryable
