"""The table of errors: Google's answers and what they mean for the next attempt."""

import json

import pytest

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
    QuotaExceeded,
    Throttled,
    TimedOut,
    Unavailable,
    Unclassified,
)
from skyclust.providers.gcp.classifying import classify, classify_operation_error, lost, not_sent


def compute(code: int, reason: str, message: str = "It is so.") -> bytes:
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return json.dumps({"error": {"code": code, "message": message, "errors": errors}}).encode()


def rpc(code: int, status: str, message: str = "It is so.", reason: str = "") -> bytes:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return json.dumps({"error": {"code": code, "status": status, "message": message, "details": details}}).encode()


BUSY = "Cluster is running incompatible operation operation-1700000000000-abcd."
TABLE = [
    (400, compute(400, "invalid", "Invalid value for field 'resource.mtu': '9'. No."), InvalidSpec),
    (400, compute(400, "resourceInUseByAnotherResource", "The x is already being used by 'projects/p/y'"), InUse),
    (400, compute(400, "resourceNotReady", "The resource is not ready"), NotYet),
    (400, rpc(400, "FAILED_PRECONDITION", BUSY), NotYet),
    (400, rpc(400, "FAILED_PRECONDITION", BUSY, "CLUSTER_ALREADY_HAS_OPERATION"), NotYet),
    (400, rpc(400, "FAILED_PRECONDITION", "Legacy ABAC is not allowed."), InvalidSpec),
    (400, rpc(400, "INVALID_ARGUMENT", "Service account x@y.com does not exist."), NotYet),
    (401, rpc(401, "UNAUTHENTICATED"), AuthenticationFailed),
    (403, compute(403, "forbidden", "Required 'compute.networks.create' permission"), PermissionDenied),
    (403, compute(403, "accessNotConfigured"), PermissionDenied),
    (403, rpc(403, "PERMISSION_DENIED", reason="SERVICE_DISABLED"), PermissionDenied),
    (403, compute(403, "quotaExceeded", "Quota 'NETWORKS' exceeded.  Limit: 5.0 globally."), QuotaExceeded),
    (403, compute(403, "rateLimitExceeded"), Throttled),
    (403, rpc(403, "PERMISSION_DENIED", "Insufficient regional quota to satisfy request"), QuotaExceeded),
    (404, compute(404, "notFound"), InvalidSpec),
    (409, compute(409, "alreadyExists"), NameTaken),
    (409, rpc(409, "ALREADY_EXISTS"), NameTaken),
    (409, rpc(409, "ABORTED", "There were concurrent policy changes. Please retry."), NotYet),
    (412, compute(412, "conditionNotMet"), NotYet),
    (429, rpc(429, "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED"), Throttled),
    (501, rpc(501, "UNIMPLEMENTED"), NotSupported),
    (503, compute(503, "backendError"), Ambiguous),
    (500, b"<html>oops</html>", Ambiguous),
    (418, b"", Unclassified),
]


@pytest.mark.parametrize(("status", "body", "expected"), TABLE)
def test_every_answer_to_a_mutation_has_its_class(status, body, expected):
    error = classify(status, body, operation="compute.networks.insert", mutating=True)
    assert isinstance(error, expected), repr(error)
    assert error.operation == "compute.networks.insert"
    assert "compute.networks.insert" in error.message


def test_a_failed_read_is_unavailable_not_ambiguous():
    assert isinstance(classify(503, b"", operation="x.get", mutating=False), Unavailable)
    assert isinstance(lost("ConnectionResetError", operation="x.get", mutating=False), Unavailable)
    assert isinstance(lost("TimeoutError", operation="x.get", mutating=False, timed_out=True), TimedOut)


def test_a_mutation_without_an_answer_is_ambiguous_unless_nothing_left():
    assert isinstance(lost("ConnectionResetError", operation="x.insert", mutating=True), Ambiguous)
    refused = not_sent("ConnectionRefusedError", operation="x.insert", mutating=True)
    assert isinstance(refused, NotYet)
    assert refused.definitely_not_applied


def test_throttling_says_for_how_long():
    told = classify(429, b"", operation="x", mutating=True, headers={"retry-after": "7"})
    assert told.retry_after_seconds == 7
    untold = classify(429, b"", operation="x", mutating=True)
    assert untold.retry_after_seconds > 0


def test_the_blocker_of_a_deletion_is_named():
    body = compute(400, "resourceInUseByAnotherResource", "The n resource 'a' is already being used by 'projects/p/b'")
    assert classify(400, body, operation="x.delete", mutating=True).blockers == ("projects/p/b",)


def test_the_field_of_a_bad_value_is_named():
    body = compute(400, "invalid", "Invalid value for field 'resource.mtu': '9'. Must be more.")
    assert classify(400, body, operation="x.insert", mutating=True).field == "resource.mtu"


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("QUOTA_EXCEEDED", "Quota 'CPUS' exceeded.", QuotaExceeded),
        ("ZONE_RESOURCE_POOL_EXHAUSTED", "The zone does not have enough resources available.", NoCapacity),
        ("8", "Insufficient regional quota to satisfy request: resource 'CPUS'. (QUOTA_EXCEEDED)", QuotaExceeded),
        ("8", "The zone 'a' does not have enough resources available to fulfill the request.", NoCapacity),
        ("3", "Bad things.", InvalidSpec),
    ],
)
def test_errors_of_long_operations_have_their_class(code, message, expected):
    assert isinstance(classify_operation_error(code, message, "x"), expected)
