"""The errors the Azure emulator answers with, in the envelope that Azure's clients parse.

Every refusal in this package is an `ArmError`; the dispatcher turns it into the HTTP answer. Codes and wording follow
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors, the AKS error pages
and public logs of az and terraform.
"""

from typing import Any

Json = dict[str, Any]


class ArmError(Exception):
    """A refusal: HTTP status, Azure's code, and the sentence a person reads."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str = "",
        headers: dict[str, str] | None = None,
        details: list[Json] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers = headers or {}
        self.details = details or []

    def error(self) -> Json:
        found: Json = {"code": self.code, "message": self.message}
        if self.target:
            found["target"] = self.target
        if self.details:
            found["details"] = self.details
        return found

    def body(self) -> Json:
        return {"error": self.error()}


def bad_request(code: str, message: str, target: str = "") -> ArmError:
    return ArmError(400, code, message, target=target)


def invalid_parameter(field: str, message: str) -> ArmError:
    """ContainerService's refusal of a value."""
    return ArmError(400, "InvalidParameter", message, target=field)


def group_not_found(name: str) -> ArmError:
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_not_found(kind: str, name: str, group: str) -> ArmError:
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def child_not_found(resource_id: str) -> ArmError:
    """Network's answer for something inside a resource."""
    return ArmError(404, "NotFound", f"Resource {resource_id} not found.")


def another_operation(resource_id: str) -> ArmError:
    return ArmError(
        409,
        "AnotherOperationInProgress",
        "Another operation on this or dependent resource is in progress. To retrieve status of the operation use "
        f"uri: {resource_id}.",
    )


def operation_not_allowed(message: str) -> ArmError:
    """ContainerService's refusal of a change at the wrong time."""
    return ArmError(409, "OperationNotAllowed", message)


def precondition_failed(resource_id: str) -> ArmError:
    return ArmError(412, "PreconditionFailed", f"Precondition failed: the etag given for {resource_id} is not current.")


def missing_api_version() -> ArmError:
    return bad_request(
        "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."
    )


def unauthenticated(*, missing: bool = False) -> ArmError:
    code, message = (
        ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if missing
        else ("InvalidAuthenticationToken", "The access token is invalid.")
    )
    challenge = 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token", '
    return ArmError(401, code, message, headers={"www-authenticate": f'{challenge}error_description="{message}"'})


def token_expired() -> ArmError:
    return ArmError(401, "ExpiredAuthenticationToken", "The access token expiry UTC time is in the past.")


def authorization_failed(client: str, object_id: str, action: str, scope: str) -> ArmError:
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{client}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials.",
    )


def subscription_not_found(name: str) -> ArmError:
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{name}' could not be found.")


def throttled(retry_after: object) -> ArmError:
    """The subscription's token bucket is empty; the limits' headers are in Azure's names."""
    headers = {"x-ms-ratelimit-remaining-subscription-reads": "0", "x-ms-ratelimit-remaining-subscription-writes": "0"}
    return ArmError(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of requests for subscription exceeded the limit. Please try again after {retry_after} seconds.",
        headers={**headers, "retry-after": str(retry_after)},
    )


def internal_error() -> ArmError:
    return ArmError(500, "InternalServerError", "Encountered internal server error. Diagnostic information: sandbox.")


def unknown_route(path: str) -> ArmError:
    parts = [part for part in path.split("/") if part]
    lowered = [part.lower() for part in parts]
    if "providers" in lowered:
        where = lowered.index("providers")
        namespace, kind = (*parts[where + 1 : where + 3], "", "")[:2]
        return ArmError(
            404,
            "InvalidResourceType",
            f"The resource type '{kind}' could not be found in the namespace '{namespace}' for the given api "
            "version, or the sandbox does not simulate it.",
        )
    return ArmError(404, "NotFound", f"The sandbox has no route for {path}.")


def method_not_allowed(method: str, path: str) -> ArmError:
    return ArmError(405, "MethodNotAllowed", f"The resource at {path} does not support the HTTP method {method}.")


class LoginError(Exception):
    """The authority's refusal: an OAuth error and the AADSTS number and sentence."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.number, self.message = status, error, number, message
