"""What Google's answer means for the next attempt. Called by sessions.py for every call that did not succeed.

Pure: status, body and headers in, a ProviderError out. Tables follow
https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-api-errors and
https://cloud.google.com/apis/design/errors (google.rpc codes, ErrorInfo reasons).
Invariant: nothing of the SDK and nothing that was sent is part of an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    InUse,
    InvalidSpec,
    NameTaken,
    NoCapacity,
    NotSupported,
    NotYet,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    Throttled,
    TimedOut,
    Unavailable,
    Unclassified,
)


class NotFound(InvalidSpec):
    """A call names something that does not exist. Reads turn it into None; elsewhere the request is wrong."""


class AlreadyExists(NameTaken):
    """The name is held by something. The driver looks whose it is before this leaves it."""


class Busy(NotYet):
    """Certainly not applied: the resource is busy with another operation and takes no change now."""


_THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "concurrentLimitExceeded"})
_QUOTA = frozenset({"quotaExceeded", "QUOTA_EXCEEDED", "limitExceeded", "dailyLimitExceeded", "GCE_QUOTA_EXCEEDED"})
_QUOTA_WORDS = re.compile(r"(?i)\bquota\b.*\b(exceeded|insufficient)|insufficient .*quota|exceeded quota")
_CAPACITY = frozenset(
    {
        "ZONE_RESOURCE_POOL_EXHAUSTED",
        "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
        "resourcePoolExhausted",
        "GCE_STOCKOUT",
        "stockout",
    }
)
_CAPACITY_WORDS = re.compile(r"(?i)does not have enough resources|GCE_STOCKOUT|out of resources in the zone")
_DISABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED", "serviceDisabled"})
_BUSY = frozenset({"resourceNotReady", "operationInProgress", "CLUSTER_ALREADY_HAS_OPERATION", "conditionNotMet"})
_BUSY_WORDS = re.compile(
    r"(?i)incompatible operation|operation .{0,120}(is|are) (currently |already )?(in progress|running)|"
    r"currently (upgrading|creating|deleting|updating|being)|concurrent policy changes|is not ready|"
    r"service account .{1,300} does not exist"
)
_USER = re.compile(r"already being used by '([^']+)'")
_FIELD = re.compile(r"[Ii]nvalid value for field '([^']+)'|[Ff]ield '?\"?([A-Za-z_.\[\]0-9]+)'?\"? ")
#: Seconds to wait when Google throttles without saying for how long.
THROTTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer, taken apart. `reasons` are all machine-readable words it holds."""

    status: int
    code: str
    message: str
    reasons: frozenset[str]


def parse_refusal(status: int, body: bytes) -> Refusal:
    """Google's two error shapes (errors[].reason; status and details[].reason); anything else keeps only the status."""
    try:
        error: Any = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return Refusal(status, str(status), f"HTTP status {status}", frozenset())
    if not isinstance(error, dict):
        return Refusal(status, str(error)[:60], f"HTTP status {status}", frozenset())
    details = [row for row in [*error.get("errors", []), *error.get("details", [])] if isinstance(row, dict)]
    reasons = [str(row["reason"]) for row in details if row.get("reason")]
    code = reasons[-1] if reasons else str(error.get("status") or status)
    words = frozenset([*reasons, str(error.get("status", ""))])
    return Refusal(status, code, str(error.get("message", ""))[:600], words)


def classify(
    status: int, body: bytes, *, operation: str, mutating: bool, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """The class of an answer with an error status. `operation` is the method's id ("compute.networks.insert")."""
    refusal = parse_refusal(status, body)
    error = classify_reason(refusal, operation, _retry_after(headers or {}), mutating=mutating)
    if error is not None:
        return error
    said = _sentence(refusal, operation)
    by_status = {400: InvalidSpec, 401: AuthenticationFailed, 403: PermissionDenied, 404: NotFound, 409: AlreadyExists}
    if status in by_status:
        return _of(by_status[status], refusal, operation, said)
    if status in (408, 500, 502, 503, 504):
        return (Ambiguous if mutating else Unavailable)(said, operation=operation, code=refusal.code)
    if status == 501:
        return NotSupported(said, operation=operation, code=refusal.code)
    return Unclassified(said, operation=operation, code=refusal.code)


def classify_reason(refusal: Refusal, operation: str, retry_after: float, *, mutating: bool) -> ProviderError | None:
    """The class its reasons tell, None when only the status does."""
    said = _sentence(refusal, operation)
    named = {"operation": operation, "code": refusal.code}
    if refusal.reasons & _THROTTLED or (refusal.status == 429 and not refusal.reasons & _QUOTA):
        return Throttled(said, retry_after_seconds=retry_after or THROTTLE_SECONDS, **named)
    if refusal.reasons & _CAPACITY or _CAPACITY_WORDS.search(refusal.message):
        return NoCapacity(said, **named)
    if refusal.reasons & _QUOTA or (refusal.status in (400, 403, 429) and _QUOTA_WORDS.search(refusal.message)):
        return QuotaExceeded(f"{said} Ask for more in IAM & Admin > Quotas, or free some, then resume.", **named)
    if refusal.reasons & _DISABLED:
        return PermissionDenied(f"{said} Enable the API for the project, then resume.", **named)
    if "resourceInUseByAnotherResource" in refusal.reasons:
        return InUse(said, blockers=tuple(_USER.findall(refusal.message)), **named)
    if refusal.reasons & _BUSY or (refusal.status in (400, 409, 412) and _BUSY_WORDS.search(refusal.message)):
        return Busy(said, **named)
    if refusal.reasons & {"FAILED_PRECONDITION", "failedPrecondition"} and mutating and refusal.status == 400:
        return InvalidSpec(said, **named)
    if "alreadyExists" in refusal.reasons or "ALREADY_EXISTS" in refusal.reasons:
        return AlreadyExists(said, **named)
    return None


def classify_operation_error(code: str, message: str, operation: str) -> ProviderError:
    """The class of an error that a long operation ended with, after it had been accepted."""
    refusal = Refusal(400, code, message[:600], frozenset({code}))
    found = classify_reason(refusal, operation, 0.0, mutating=True)
    return found or InvalidSpec(_sentence(refusal, operation), operation=operation, code=code)


def lost(kind: str, *, operation: str, mutating: bool, timed_out: bool = False) -> ProviderError:
    """The class of a call that was sent and has no answer."""
    if mutating:
        return Ambiguous(
            f"The answer to {operation} was lost ({kind}). Whether it was applied will be looked up.",
            operation=operation,
        )
    if timed_out:
        return TimedOut(f"Google did not answer {operation} in time.", operation=operation)
    return Unavailable(f"The answer to {operation} was lost ({kind}).", operation=operation)


def not_sent(kind: str, *, operation: str, mutating: bool) -> ProviderError:
    """The class of a call of which no byte left."""
    said = f"Google could not be reached for {operation} ({kind}); nothing was sent."
    return (Busy if mutating else Unavailable)(said, operation=operation)


def _of(kind: type[ProviderError], refusal: Refusal, operation: str, said: str) -> ProviderError:
    if issubclass(kind, InvalidSpec):
        found = _FIELD.search(refusal.message)
        field = (found[1] or found[2] or "") if found else ""
        return kind(said, field=field, operation=operation, code=refusal.code)
    if kind is AuthenticationFailed:
        said = f"Google no longer accepts the credential ({operation}). Replace the key, then resume."
    return kind(said, operation=operation, code=refusal.code)


def _sentence(refusal: Refusal, operation: str) -> str:
    text = " ".join(refusal.message.split()) or f"HTTP status {refusal.status}"
    return f"{operation}: {text}" + ("" if text.endswith((".", "!", "?")) else ".")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After header; dates (never seen from these APIs) count as absent."""
    text = headers.get("retry-after", "")
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
