"""From AWS's error codes to the contract's error tree. Called by the session around every call.

Invariant: nothing SDK-shaped and no secret leaves this module, and a mutation of unknown outcome is always Ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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

#: AWS names no waiting time; its own SDKs begin with about this much for throttled calls.
RETRY_AFTER_SECONDS = 2.0


class NotFound(NotYet):
    """What the call names does not exist. Drivers turn it into absence where absence is an answer.

    Left alone it means that a dependency made a moment ago is not visible to this call yet.
    """


THROTTLED = frozenset(
    {
        "RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "EC2ThrottledException", "SlowDown",
        "PriorRequestNotComplete", "BandwidthLimitExceeded",
    }
)  # fmt: skip
AUTHENTICATION = frozenset(
    {
        "AuthFailure", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "ExpiredToken",
        "ExpiredTokenException", "InvalidAccessKeyId", "InvalidSignatureException", "IncompleteSignature",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestExpired", "InvalidToken",
        "IncompleteSignatureException", "InvalidIdentityToken", "TokenRefreshRequired", "NotAuthorized",
    }
)  # fmt: skip
DENIED = frozenset(
    {
        "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "Forbidden", "ForbiddenException",
        "OptInRequired", "Blocked", "PendingVerification", "RegionDisabledException", "UnauthorizedException",
        "OperationNotPermitted", "AuthorizationErrorException", "SubscriptionRequiredException",
    }
)  # fmt: skip
QUOTA = frozenset(
    {
        "LimitExceeded", "LimitExceededException", "ResourceLimitExceeded", "ResourceLimitExceededException",
        "ServiceQuotaExceededException", "RulesPerSecurityGroupLimitExceeded", "InstanceLimitExceeded",
        "MaxSpotInstanceCountExceeded", "TagLimitExceeded", "TooManyTags", "TooManyTagsException",
    }
)  # fmt: skip
NO_CAPACITY = frozenset(
    {
        "InsufficientInstanceCapacity", "InsufficientCapacity", "InsufficientHostCapacity",
        "InsufficientAddressCapacity",
        "InsufficientCapacityOnOutpost", "UnsupportedAvailabilityZoneException", "SpotMaxPriceTooLow",
        "InsufficientReservedInstanceCapacity",
    }
)  # fmt: skip
IN_USE = frozenset(
    {
        "DependencyViolation", "ResourceInUse", "ResourceInUseException", "InvalidIPAddress.InUse", "DeleteConflict",
        "DeleteConflictException", "InvalidNetworkInterface.InUse", "InvalidGroup.InUse", "VolumeInUse",
        "Resource.AlreadyAssociated", "IncorrectState", "IncorrectInstanceState", "ConcurrentModification",
        "ConcurrentModificationException", "InvalidAssociation.InUse", "NetworkInterfaceInUse",
    }
)  # fmt: skip
TAKEN = frozenset(
    {
        "EntityAlreadyExists", "EntityAlreadyExistsException", "InvalidGroup.Duplicate", "IdempotentParameterMismatch",
        "RouteAlreadyExists", "InvalidPermission.Duplicate", "ResourceAlreadyExistsException",
        "AlreadyExistsException", "InvalidKeyPair.Duplicate", "DuplicateLoadBalancerName",
    }
)  # fmt: skip
UNSUPPORTED = frozenset(
    {
        "UnsupportedOperation", "UnsupportedOperationException", "Unsupported", "UnsupportedFeatureException",
        "InvalidAction", "UnknownOperationException", "NotImplemented", "UnsupportedAddonModificationException",
    }
)  # fmt: skip
FAULTS = frozenset(
    {
        "InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "InternalServerException",
        "ServerException", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "ServiceFailure",
        "ServiceFailureException",
    }
)  # fmt: skip
TIMED_OUT = frozenset({"RequestTimeout", "RequestTimeoutException", "GatewayTimeout"})
NOT_FOUND = re.compile(
    r"(NotFound|NotFoundException|NoSuchEntity|NoSuchEntityException|\.NotFound|NoSuchResourceException|"
    r"InvalidAllocationID\.NotFound|InvalidGroupId\.NotFound|NatGatewayNotFound|LoadBalancerNotFound)$"
)
INVALID = re.compile(
    r"^(Invalid|Malformed|Missing|Validation|UnknownParameter|UnsupportedProtocol|VPCIdNotSpecified|ClientException|"
    r"CannotDelete|Filter|NotStabilized|OperationNotSupported|ConflictException|BadRequest|Gateway\.NotAttached)"
)
LIMIT = re.compile(r"LimitExceeded(Exception)?$")
#: What EKS says while IAM still spreads a fresh role, and EC2 a fresh subnet: true in a moment.
NOT_VISIBLE = re.compile(
    r"(cannot be assumed|does not exist|is not authorized to perform: iam:PassRole on a new)", re.IGNORECASE
)

_FIELDS = (
    (re.compile(r"instance type", re.IGNORECASE), "node_pools/0/machine_type"),
    (re.compile(r"kubernetes (minor )?version", re.IGNORECASE), "version"),
    (re.compile(r"cidr", re.IGNORECASE), "network/cidr_block"),
)


def from_code(
    code: str, said: str, status: int, operation: str, *, mutating: bool, retry_after: float | None = None
) -> ProviderError:
    """The error for what AWS answered. `operation` is "ec2:CreateVpc"; `said` is AWS's own sentence."""
    told = {"operation": operation, "code": code}
    refused = f"AWS refused {operation} ({code})"
    if code in THROTTLED or status == 429:
        wait = retry_after if retry_after is not None else RETRY_AFTER_SECONDS
        return Throttled(f"AWS asks to call {operation} less often.", retry_after_seconds=wait, **told)
    if code in AUTHENTICATION:
        message = (
            f"{refused}: the access key is unknown, revoked or expired, its secret is wrong, or the region is not "
            "enabled for the account. Renew the credential, or choose another region."
        )
        return AuthenticationFailed(message, **told)
    if code in DENIED:
        return PermissionDenied(f"{refused}: {_short(said)} Allow {operation} to this credential in IAM.", **told)
    if code in NO_CAPACITY:
        return NoCapacity(f"{refused}: {_short(said)} Choose another zone or machine type, or try later.", **told)
    if code in QUOTA or LIMIT.search(code):
        return QuotaExceeded(
            f"{refused}: {_short(said)} Raise the quota in Service Quotas, or free some of it.", **told
        )
    if NOT_FOUND.search(code):
        return NotFound(f"{refused}: {_short(said)}", **told)
    if code in FAULTS or (status >= 500 and code not in IN_USE):
        return _unknown(f"AWS failed inside {operation} ({code}).", Unavailable, told, mutating=mutating)
    if code in TIMED_OUT:
        return _unknown(f"AWS did not finish {operation} in time.", TimedOut, told, mutating=mutating)
    return _refusal(code, said, refused, told)


def _refusal(code: str, said: str, refused: str, told: dict[str, str]) -> ProviderError:
    message = f"{refused}: {_short(said)}"
    if code in IN_USE:
        return InUse(message, operation=told["operation"], code=code)
    if code in TAKEN:
        return NameTaken(message, **told)
    if code in UNSUPPORTED:
        return NotSupported(message, **told)
    if INVALID.match(code):
        if NOT_VISIBLE.search(said) and "role" in said.lower():
            return NotYet(message, **told)
        return InvalidSpec(message, field=_field(said), **told)
    return Unclassified(message, **told)


def from_exception(error: BaseException, operation: str, *, mutating: bool) -> ProviderError:
    """The error for whatever aiobotocore raised."""
    from botocore import exceptions as sdk  # noqa: PLC0415 - the SDK is loaded when something called it
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    told = {"operation": operation, "code": type(error).__name__}
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, sdk.ClientError):
        return _from_client_error(error.response, operation, mutating=mutating)
    if isinstance(error, sdk.ParamValidationError):
        return InvalidSpec(f"{operation} was not sent: its parameters are not valid.", **told)
    if isinstance(error, sdk.NoCredentialsError | sdk.PartialCredentialsError | sdk.CredentialRetrievalError):
        message = f"There is no credential to sign {operation} with. Give an access key, or run where AWS offers one."
        return AuthenticationFailed(message, **told)
    if isinstance(error, TimeoutError | sdk.ReadTimeoutError | sdk.ConnectTimeoutError):
        return _unknown(f"AWS did not answer {operation} in time.", TimedOut, told, mutating=mutating)
    if isinstance(
        error, OSError | sdk.HTTPClientError | sdk.ConnectionError | ResponseParserError | sdk.IncompleteReadError
    ):
        return _unknown(f"The connection to AWS was lost during {operation}.", Unavailable, told, mutating=mutating)
    return Unclassified(f"{operation} failed with {type(error).__name__}, which nobody has classified yet.", **told)


def _from_client_error(response: dict[str, Any], operation: str, *, mutating: bool) -> ProviderError:
    error = response.get("Error", {})
    meta = response.get("ResponseMetadata", {})
    after = meta.get("HTTPHeaders", {}).get("retry-after", "")
    return from_code(
        str(error.get("Code", "")), str(error.get("Message", "")), int(meta.get("HTTPStatusCode", 0)), operation,
        mutating=mutating, retry_after=float(after) if str(after).isdigit() else None,
    )  # fmt: skip


def _unknown(
    message: str, when_reading: Callable[..., ProviderError], told: dict[str, str], *, mutating: bool
) -> ProviderError:
    if mutating:
        return Ambiguous(f"{message} It may or may not have taken effect; that is looked up next.", **told)
    return when_reading(message, **told)


def _field(said: str) -> str:
    return next((field for pattern, field in _FIELDS if pattern.search(said)), "")


def _short(said: str) -> str:
    """AWS's sentence without the encoded authorization blob, at most 400 characters, ending in a full stop."""
    text = re.sub(r"Encoded authorization failure message:.*", "", said, flags=re.DOTALL).strip()
    text = (text[:399] + "…") if len(text) > 400 else text
    return text if not text or text.endswith((".", "…", "!")) else f"{text}."
