"""The errors the GCP emulator answers with, in the JSON shape Google's clients parse.

Every refusal in this package is a `GoogleError`; the application turns it into the HTTP answer.
Shapes and wording follow public error logs of compute.v1 and container.v1.
"""

from typing import Any

Json = dict[str, Any]

_STATUS_OF_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class GoogleError(Exception):
    """A refusal: HTTP code, Google's machine-readable reason, and the sentence a person reads."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        status: str = "",
        domain: str = "global",
        details: list[Json] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status or _STATUS_OF_CODE.get(code, "UNKNOWN")
        self.domain = domain
        self.details = details or []
        self.headers = headers or {}

    def body(self) -> Json:
        error: Json = {
            "code": self.code,
            "message": self.message,
            "errors": [{"message": self.message, "domain": self.domain, "reason": self.reason}],
            "status": self.status,
        }
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str, *, reason: str = "invalid") -> GoogleError:
    return GoogleError(400, reason, message)


def invalid_field(field: str, value: object, why: str) -> GoogleError:
    """compute.v1's sentence for a field whose value breaks a rule."""
    return GoogleError(400, "invalid", f"Invalid value for field '{field}': '{value}'. {why}")


def required(field: str) -> GoogleError:
    return GoogleError(400, "required", f"Required field '{field}' not specified")


def bad_argument(message: str) -> GoogleError:
    """container.v1's refusal of a value."""
    return GoogleError(400, "badRequest", message)


def failed_precondition(message: str) -> GoogleError:
    return GoogleError(400, "failedPrecondition", message, status="FAILED_PRECONDITION")


def compute_not_found(path: str) -> GoogleError:
    return GoogleError(404, "notFound", f"The resource '{path}' was not found")


def compute_exists(path: str) -> GoogleError:
    return GoogleError(409, "alreadyExists", f"The resource '{path}' already exists")


def not_ready(path: str) -> GoogleError:
    return GoogleError(400, "resourceNotReady", f"The resource '{path}' is not ready")


def in_use(path: str, user: str) -> GoogleError:
    message = f"The {_noun(path)} resource '{path}' is already being used by '{user}'"
    return GoogleError(400, "resourceInUseByAnotherResource", message)


def _noun(path: str) -> str:
    plural = path.split("/")[-2]
    return {"addresses": "address"}.get(plural, plural.removesuffix("s"))


def quota_exceeded(metric: str, limit: float, scope: str) -> GoogleError:
    where = "globally" if scope == "global" else f"in region {scope}"
    return GoogleError(
        403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: {limit:.1f} {where}.", domain="usageLimits"
    )


def unauthenticated(*, missing: bool = False) -> GoogleError:
    problem = "Request is missing required" if missing else "Request had invalid"
    return GoogleError(
        401,
        "required" if missing else "authError",
        f"{problem} authentication credential{'' if missing else 's'}. Expected OAuth 2 access token, login cookie or "
        "other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "CREDENTIALS_MISSING" if missing else "ACCESS_TOKEN_TYPE_UNSUPPORTED",
                "domain": "googleapis.com",
            }
        ],
        headers={"www-authenticate": 'Bearer realm="https://accounts.google.com/"'},
    )


def rate_limited(service: str, retry_after: object = None) -> GoogleError:
    """compute.v1 answers 403 rateLimitExceeded, the newer APIs 429 RESOURCE_EXHAUSTED."""
    message = f"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of '{service}.googleapis.com'."
    details: list[Json] = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "domain": "googleapis.com",
            "metadata": {"service": f"{service}.googleapis.com"},
        }
    ]
    headers = {"retry-after": str(retry_after)} if retry_after is not None else None
    if service == "compute":
        return GoogleError(403, "rateLimitExceeded", message, domain="usageLimits", details=details, headers=headers)
    return GoogleError(429, "rateLimitExceeded", message, details=details, headers=headers)


def resource_exhausted() -> GoogleError:
    return GoogleError(429, "quotaExceeded", "The maximum number of such resources in this project has been reached.")


def unavailable() -> GoogleError:
    return GoogleError(503, "backendError", "The service is currently unavailable.")


def unknown_project(service: str, project: str) -> GoogleError:
    if service == "compute":
        return GoogleError(404, "notFound", f"The resource 'projects/{project}' was not found")
    return GoogleError(403, "forbidden", f"Permission denied on resource project {project}.")


def unknown_route(method: str, path: str) -> GoogleError:
    return GoogleError(404, "notFound", f"The requested URL {path} was not found on this server for {method}.")


def already_exists(what: str) -> GoogleError:
    """container.v1 and iam.v1."""
    return GoogleError(409, "alreadyExists", f"Already exists: {what}.")


def not_found(what: str) -> GoogleError:
    """container.v1."""
    return GoogleError(404, "notFound", f"Not found: {what}.")


def cluster_busy(operation: str) -> GoogleError:
    """container.v1's refusal of a second operation on a cluster."""
    return GoogleError(
        400,
        "failedPrecondition",
        f"Cluster is running incompatible operation {operation}.",
        status="FAILED_PRECONDITION",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "CLUSTER_ALREADY_HAS_OPERATION",
                "domain": "container.googleapis.com",
            }
        ],
    )


def service_disabled(name: str, title: str, project: str) -> GoogleError:
    return GoogleError(
        403,
        "accessNotConfigured",
        f"{title} has not been used in project {project} before or it is disabled. Enable it, then retry.",
        domain="usageLimits",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": name, "consumer": f"projects/{project}"},
            }
        ],
    )


def permission_denied(permission: str, project: str) -> GoogleError:
    return GoogleError(403, "forbidden", f"Required '{permission}' permission for 'projects/{project}'")
