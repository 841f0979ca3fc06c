"""The table of errors: Azure's answers and what they mean for the next attempt."""

import json

import pytest

from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    InUse,
    InvalidSpec,
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
from skyclust.providers.azure.classifying import NotFound, classify, lost, not_sent
from skyclust.providers.azure.drivers.failures import classify_failure, failure_of

WRITE, DELETE, READ = (f"Microsoft.Network/natGateways/{verb}" for verb in ("write", "delete", "read"))
SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/a"
CARD = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n/ipConfigurations/c"


def arm(code: str, message: str = "It is so.", **more) -> bytes:
    return json.dumps({"error": {"code": code, "message": message, **more}}).encode()


def aks(code: str, message: str = "It is so.", subcode: str = "") -> bytes:
    """Azure Kubernetes Service leaves the envelope out."""
    return json.dumps({"code": code, "message": message, "subcode": subcode}).encode()


TABLE = [
    (400, arm("InvalidParameter", "The value of parameter agentPool.count is invalid."), WRITE, InvalidSpec),
    (400, arm("NetcfgInvalidSubnet", "Subnet 'a' is not valid."), WRITE, InvalidSpec),
    (400, arm("PublicIPCountLimitReached"), WRITE, QuotaExceeded),
    (400, aks("ErrCode_InsufficientVCPUQuota", "Insufficient vcpu quota"), WRITE, QuotaExceeded),
    (403, aks("QuotaExceeded", "Provisioning failed: exceeding approved Total Regional Cores quota."), WRITE, QuotaExceeded),
    (409, arm("OperationNotAllowed", "Operation could not be completed as it results in exceeding approved "
              "standardDSv5Family Cores quota."), WRITE, QuotaExceeded),
    (409, arm("SkuNotAvailable", "The requested VM size is currently not available in location 'x'."), WRITE, NoCapacity),
    (400, aks("ReconcileVMSSAgentPoolFailed", "failed", "ZonalAllocationFailed"), WRITE, NoCapacity),
    (409, arm("AllocationFailed"), WRITE, NoCapacity),
    (429, arm("TooManyRequests"), WRITE, Throttled),
    (429, arm("SubscriptionRequestsThrottled"), READ, Throttled),
    (429, arm("ReferencedResourceNotProvisioned", "is not in Succeeded state"), WRITE, NotYet),
    (409, arm("AnotherOperationInProgress"), WRITE, NotYet),
    (409, aks("OperationNotAllowed", "Another operation (Updating) is in progress."), DELETE, NotYet),
    (409, arm("ResourceGroupBeingDeleted"), WRITE, NotYet),
    (404, arm("ResourceGroupNotFound"), WRITE, NotYet),
    (404, arm("ResourceGroupNotFound"), READ, NotFound),
    (404, arm("ResourceGroupNotFound"), DELETE, NotFound),
    (404, arm("ResourceNotFound"), READ, NotFound),
    (412, arm("PreconditionFailed"), WRITE, NotYet),
    (400, arm("InUseSubnetCannotBeDeleted", f"Subnet a is in use by {CARD} and cannot be deleted."), DELETE, InUse),
    (400, arm("PublicIPAddressCannotBeDeleted", f"Public IP {SUBNET} can not be deleted."), DELETE, InUse),
    (401, arm("ExpiredAuthenticationToken"), READ, AuthenticationFailed),
    (401, b"", READ, AuthenticationFailed),
    (403, arm("AuthorizationFailed", "does not have authorization to perform action"), WRITE, PermissionDenied),
    (403, arm("RequestDisallowedByPolicy"), WRITE, PermissionDenied),
    (403, b"<html>", WRITE, PermissionDenied),
    (404, arm("SubscriptionNotFound"), READ, PermissionDenied),
    (409, arm("MissingSubscriptionRegistration", "not registered to use namespace"), WRITE, PermissionDenied),
    (409, arm("ScopeLocked", "The scope cannot perform write operation because a lock"), DELETE, PermissionDenied),
    (409, arm("SomethingNew"), WRITE, Unclassified),
    (501, b"", WRITE, NotSupported),
    (500, arm("InternalServerError"), WRITE, Ambiguous),
    (503, b"<html>oops</html>", WRITE, Ambiguous),
    (503, arm("ServerTimeout"), READ, Unavailable),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "operation", "expected"), TABLE)
def test_every_answer_has_its_class(status, body, operation, expected):
    error = classify(status, body, operation=operation, mutating=operation != READ)
    assert type(error) is expected or isinstance(error, expected), repr(error)
    assert error.operation == operation
    assert len(error.message) > 10


def test_only_what_may_have_been_applied_is_ambiguous():
    for status, body, operation, _ in TABLE:
        error = classify(status, body, operation=operation, mutating=operation != READ)
        assert error.definitely_not_applied is not isinstance(error, Ambiguous | Unclassified), repr(error)


def test_throttling_tells_how_long():
    told = classify(429, arm("TooManyRequests"), operation=WRITE, mutating=True, headers={"retry-after": "17"})
    assert told.retry_after_seconds == 17
    silent = classify(429, arm("TooManyRequests"), operation=WRITE, mutating=True)
    assert silent.retry_after_seconds > 0


def test_what_is_in_use_names_who_uses_it():
    body = arm("InUseSubnetCannotBeDeleted", f"Subnet a is in use by {CARD} and cannot be deleted.")
    assert classify(400, body, operation=DELETE, mutating=True).blockers == (CARD,)


def test_details_say_more_than_their_envelope():
    details = [{"code": "PublicIPCountLimitReached", "message": "Cannot create more than 3.", "target": "x"}]
    error = classify(400, arm("InvalidRequest", "See details.", details=details), operation=WRITE, mutating=True)
    assert isinstance(error, QuotaExceeded)
    assert "more than 3" in error.message


def test_a_wrong_field_is_named():
    error = classify(400, arm("InvalidParameter", target="agentPool.count"), operation=WRITE, mutating=True)
    assert error.field == "agentPool.count"


@pytest.mark.parametrize(
    ("mutating", "timed_out", "expected"),
    [(True, False, Ambiguous), (True, True, Ambiguous), (False, True, TimedOut), (False, False, Unavailable)],
)
def test_a_lost_answer_has_its_class(mutating, timed_out, expected):
    assert type(lost("reset", operation=READ, mutating=mutating, timed_out=timed_out)) is expected


def test_what_was_never_sent_is_not_ambiguous():
    assert isinstance(not_sent("refused", operation=WRITE, mutating=True), NotYet)
    assert isinstance(not_sent("refused", operation=READ, mutating=False), Unavailable)


def test_a_failed_operation_is_told_by_what_aks_says_of_it():
    error = {"code": "ReconcileVMSSAgentPoolFailed", "message": "no room", "details": [{"code": "AllocationFailed"}]}
    pool = {"properties": {"provisioningState": "Failed", "status": {"provisioningError": error}}}
    assert isinstance(classify_failure(pool, "Microsoft.ContainerService/managedClusters/agentPools/write"), NoCapacity)
    assert "no room" in failure_of(pool)
    silent = {"properties": {"provisioningState": "Failed"}}
    assert failure_of(silent) == "Azure gave no reason."
    assert isinstance(classify_failure(silent, WRITE), InvalidSpec)
    assert failure_of({"properties": {"provisioningState": "Succeeded"}}) == ""
