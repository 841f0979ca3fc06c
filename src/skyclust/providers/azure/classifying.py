"""What Azure's answer means for the next attempt. Called by sessions.py for every call that did not succeed.

Pure: status, body and headers in, a ProviderError out. Tables follow
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors and
https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/welcome-azure-kubernetes.
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


class Busy(NotYet):
    """Certainly not applied: the resource is busy with another operation and takes no change now."""


class Changed(NotYet):
    """Certainly not applied: a condition of the request (If-Match, If-None-Match) does not hold any more."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


_THROTTLED = _codes(
    "TooManyRequests SubscriptionRequestsThrottled ResourceRequestsThrottled RequestThrottled OperationThrottled "
    "ThrottlingError TooManyRequestsReceived Throttled"
)
_QUOTA = _codes(
    "QuotaExceeded ResourceQuotaExceeded ResourceGroupQuotaExceeded SubscriptionQuotaExceeded InsufficientVCPUQuota "
    "ErrCode_InsufficientVCPUQuota InsufficientQuota CoresQuotaExceeded ClusterQuotaExceeded"
)
_QUOTA_ENDS = ("limitreached", "limitexceeded", "quotaexceeded")
_QUOTA_WORDS = re.compile(r"(?i)exceed\w*.{0,60}quota|quota.{0,60}(exceed|insufficient|not enough)|quota limit")
_CAPACITY = _codes(
    "SkuNotAvailable AllocationFailed ZonalAllocationFailed OverconstrainedAllocationRequest VMSizeNotAvailable "
    "OverconstrainedZonalAllocationRequest AKSCapacityError AKSCapacityHeavyUsage InsufficientCapacity "
    "CapacityNotAvailable SpotAllocationFailed AvailabilityZoneNotSupported"
)
_BUSY = _codes(
    "AnotherOperationInProgress OperationInProgress OperationPreempted OperationPreemptedByAnotherOperation "
    "ReferencedResourceNotProvisioned RetryableError RetryableErrorDueToAnotherOperation ResourceGroupBeingDeleted "
    "ResourceGroupNotFound ParentResourceNotFound ControlPlaneNotReady ClusterIsUpgrading EtagMismatch "
    "ResourceNotReady ConcurrentUpdate ResourceIsBeingDeleted ResourceBeingDeleted NotReady"
)
_BUSY_WORDS = re.compile(
    r"(?i)another (conflicting )?operation|operation .{0,160}(in progress|is being|currently)|in progress|"
    r"being (deleted|updated|created|deprovisioned)|is (updating|deleting|creating)|not (yet )?(ready|provisioned)"
)
_USED = re.compile(r"^(inuse\w*|\w*inuse|\w*cannotbedeleted\w*|\w*cannotbe(deleted|removed)|\w*inuseby\w*)$")
_IDS = re.compile(r"/subscriptions/[^\s,;'\"\]\)]+")
_FORBIDDEN = _codes(
    "AuthorizationFailed LinkedAuthorizationFailed LinkedInvalidPropertyId RequestDisallowedByPolicy Forbidden "
    "SubscriptionNotFound ReadOnlyDisabledSubscription SubscriptionNotRegistered DisallowedProvider"
)
_UNREGISTERED = _codes("MissingSubscriptionRegistration SubscriptionNotRegistered MissingRegistrationForType")
#: Seconds to wait when Azure throttles without saying for how long.
THROTTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer, taken apart. `codes` are all of its codes, in lower case."""

    status: int
    code: str
    message: str
    target: str
    codes: frozenset[str]


def parse_refusal(status: int, body: bytes) -> Refusal:
    """ARM's shape ({"error": {...}}) and that of AKS (the same without "error"); anything else keeps the status."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        document = None
    error = document.get("error", document) if isinstance(document, dict) else None
    if not isinstance(error, dict) or not (error.get("code") or error.get("message")):
        return Refusal(status, str(status), f"HTTP status {status}", "", frozenset())
    return refusal_of(status, error)


def refusal_of(status: int, error: Mapping[str, Any]) -> Refusal:
    """From an ErrorDetail: the code and message that say most, which often stand in `details`."""
    rows = [error, *_details(error)]
    codes = frozenset(str(row.get(key, "")).lower() for row in rows for key in ("code", "subcode") if row.get(key))
    told = [str(row["message"]) for row in rows if row.get("message")]
    message = " ".join(dict.fromkeys(" ".join(text.split()) for text in told))[:600]
    target = next((str(row["target"]) for row in rows if row.get("target")), "")
    return Refusal(status, str(error.get("code") or status), message or f"HTTP status {status}", target, codes)


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = [row for row in error.get("details") or [] if isinstance(row, dict)]
    return [*rows, *(inner for row in rows for inner in _details(row))]


def classify(
    status: int, body: bytes, *, operation: str, mutating: bool, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """The class of an answer with an error status. `operation` is "Microsoft.Network/natGateways/write"."""
    refusal = parse_refusal(status, body)
    error = classify_refusal(refusal, operation, _retry_after(headers or {}), mutating=mutating)
    if error is not None:
        return error
    said = _sentence(refusal, operation)
    named = {"operation": operation, "code": refusal.code}
    if status == 401:
        return AuthenticationFailed(
            f"Azure no longer accepts the credential ({operation}). Replace the secret, then resume.", **named
        )
    if status == 403:
        return PermissionDenied(_denied(said, operation), **named)
    if status == 404:
        return NotFound(said, **named)
    if status == 412:
        return Changed(said, **named)
    if status == 400:
        return InvalidSpec(said, field=refusal.target, **named)
    if status in (408, 500, 502, 503, 504):
        return (Ambiguous if mutating else Unavailable)(said, **named)
    if status == 501:
        return NotSupported(said, **named)
    return Unclassified(said, **named)


def classify_refusal(refusal: Refusal, operation: str, retry_after: float, *, mutating: bool) -> ProviderError | None:
    """The class its codes tell, None when only the status does."""
    said = _sentence(refusal, operation)
    named = {"operation": operation, "code": refusal.code}
    told = refusal.codes
    if operation.endswith("/delete") and refusal.status == 404:
        return NotFound(said, **named)
    if mutating and told & _BUSY:
        return Busy(said, **named)
    if told & _UNREGISTERED:
        return PermissionDenied(
            f"{said} Register the resource provider for the subscription (az provider register), then resume.", **named
        )
    if _is_quota(refusal):
        return QuotaExceeded(f"{said} Ask for more under Quotas in the portal, or free some, then resume.", **named)
    if told & _CAPACITY:
        return NoCapacity(said, **named)
    if told & _THROTTLED or refusal.status == 429:
        return Throttled(said, retry_after_seconds=retry_after or THROTTLE_SECONDS, **named)
    if told & _FORBIDDEN:
        return PermissionDenied(_denied(said, operation), **named)
    if "scopelocked" in told:
        return PermissionDenied(f"{said} Remove the lock, then resume.", **named)
    if operation.endswith("/delete") and refusal.status in (400, 409) and any(_USED.match(code) for code in told):
        return InUse(said, blockers=tuple(dict.fromkeys(_IDS.findall(refusal.message))), **named)
    if mutating and refusal.status in (400, 409) and _BUSY_WORDS.search(refusal.message):
        return Busy(said, **named)
    return None


def _is_quota(refusal: Refusal) -> bool:
    if refusal.codes & _QUOTA or any(code.endswith(_QUOTA_ENDS) for code in refusal.codes):
        return True
    return refusal.status in (400, 403, 409) and bool(_QUOTA_WORDS.search(refusal.message))


def lost(kind: str, *, operation: str, mutating: bool, timed_out: bool = False) -> ProviderError:
    """The class of a call that was sent and has no answer."""
    if mutating:
        return Ambiguous(
            f"The answer to {operation} was lost ({kind}). Whether it was applied will be looked up.",
            operation=operation,
        )
    if timed_out:
        return TimedOut(f"Azure did not answer {operation} in time.", operation=operation)
    return Unavailable(f"The answer to {operation} was lost ({kind}).", operation=operation)


def not_sent(kind: str, *, operation: str, mutating: bool) -> ProviderError:
    """The class of a call of which no byte left."""
    said = f"Azure could not be reached for {operation} ({kind}); nothing was sent."
    return (Busy if mutating else Unavailable)(said, operation=operation)


def _denied(said: str, operation: str) -> str:
    return f"{said} The credential needs {operation} (Contributor has it), then resume."


def _sentence(refusal: Refusal, operation: str) -> str:
    text = refusal.message
    return f"{operation}: {text}" + ("" if text.endswith((".", "!", "?")) else ".")


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After header; dates (never seen from these APIs) count as absent."""
    text = headers.get("retry-after", "")
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0
