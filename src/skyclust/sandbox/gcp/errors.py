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
        self, code: int, reason: str, message: str, *, status: str = "", domain: str = "global", details: list[Json] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status or _STATUS_OF_CODE.get(code, "UNKNOWN")
        self.domain = domain
        self.details = details or []

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
    return GoogleError(403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: {limit:.1f} {where}.", domain="usageLimits")


def unauthenticated() -> GoogleError:
    return GoogleError(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )
