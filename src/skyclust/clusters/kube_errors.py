"""Why a cluster's own API did not do as asked: told apart by what a person does next. Raised by kube.py.

Routes turn it into a problem (`unreachable_problem`), drivers into what the engine understands (`as_provider_error`).
Invariant: what the API itself said is shortened, and never taken for ours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    Blocked,
    PermissionDenied,
    ProviderError,
    TimedOut,
    Unavailable,
    Unclassified,
)
from skyclust.kit.problems import FieldError, Problem, invalid


class Trouble(StrEnum):
    """What is wrong. The value is the problem's member `reason`."""

    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NO_ADDRESS = "no_address"
    TLS = "tls"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    BUSY = "busy"
    TOO_MUCH = "too_much"
    GARBAGE = "garbage"
    REFUSED = "refused"


_OF_STATUS = {
    401: Trouble.UNAUTHENTICATED, 403: Trouble.FORBIDDEN, 404: Trouble.NOT_FOUND, 410: Trouble.EXPIRED,
    429: Trouble.BUSY, 503: Trouble.BUSY,
}  # fmt: skip
#: No answer, or none of the cluster's own API.
NOT_REACHED = frozenset({Trouble.TIMED_OUT, Trouble.UNREACHABLE, Trouble.NO_ADDRESS, Trouble.TLS})

_WHAT = {
    Trouble.TIMED_OUT: "did not answer in time",
    Trouble.UNREACHABLE: "could not be reached",
    Trouble.NO_ADDRESS: "has an endpoint whose name leads nowhere from here",
    Trouble.TLS: "does not show the certificate that the cloud told us to expect",
    Trouble.UNAUTHENTICATED: "does not accept the identity behind the credential (401)",
    Trouble.FORBIDDEN: "does not allow this to the identity behind the credential (403)",
    Trouble.BUSY: "has too much to do now",
    Trouble.TOO_MUCH: "has more to tell than is read at once",
    Trouble.GARBAGE: "answered something that is not Kubernetes",
}
_PRIVATE = (
    "Its endpoint is private: only machines inside its network reach it. Open its public endpoint to SkyClust's "
    "address, or run SkyClust where that network can be reached."
)
_NEXT = {
    Trouble.TIMED_OUT: "Allow SkyClust's address in the endpoint's authorized networks and firewall, then try again.",
    Trouble.UNREACHABLE: "Look whether the control plane is well, and allow SkyClust's address at its endpoint.",
    Trouble.NO_ADDRESS: (
        "Private clusters have names that only their own network knows: open the public endpoint, or run SkyClust "
        "where that name resolves."
    ),
    Trouble.TLS: "Something in between answers in its place, or its CA was rotated: look at both.",
    Trouble.UNAUTHENTICATED: "Let the cluster know that identity (access entry, IAM or role binding), then try again.",
    Trouble.FORBIDDEN: "Give that identity the named right in the cluster (access entry or role), then try again.",
    Trouble.BUSY: "Try again in a moment.",
    Trouble.TOO_MUCH: "Ask for less: narrow it by namespace, or read smaller pages.",
    Trouble.GARBAGE: "Look what answers at that address.",
}


class KubeError(Exception):
    """`private`: the endpoint is inside a network. `status`: of the API's own answer, 0 when there was none."""

    def __init__(self, trouble: Trouble, message: str = "", *, status: int = 0, private: bool = False) -> None:
        """`message` is what is known besides."""
        super().__init__(f"{trouble}: {message}")
        self.trouble = trouble
        self.message = message
        self.status = status
        self.private = private

    @classmethod
    def refused(cls, status: int, message: str) -> KubeError:
        """By the API's own answer."""
        return cls(_OF_STATUS.get(status, Trouble.REFUSED), message, status=status)

    @property
    def told(self) -> str:
        """One sentence: what happened, with what is known besides."""
        what = _WHAT.get(self.trouble, f"refused the request ({self.status})")
        besides = f": {self.message.rstrip('.')}" if self.message and self.trouble not in _QUIET else ""
        return f"The cluster's Kubernetes API {what}{besides}."

    @property
    def next(self) -> str:
        """What to do next."""
        if self.private and self.trouble in NOT_REACHED:
            return _PRIVATE
        return _NEXT.get(self.trouble, "Read what it says; everything else of the cluster goes on working.")


#: Whose message is a name of ours for people who read code.
_QUIET = frozenset({Trouble.TIMED_OUT, Trouble.UNREACHABLE})


def kube_problem(error: KubeError) -> Problem:
    """502 (503 while it is busy) with `reason`; 422 for a page that the API has forgotten."""
    if error.trouble is Trouble.EXPIRED:
        return invalid([FieldError("?cursor", "The cluster has forgotten this list. Begin again without a cursor.")])
    told = f"{error.told} {error.next}"
    extra: dict[str, Any] = {"reason": error.trouble.value, "private_endpoint": error.private}
    if error.trouble is Trouble.BUSY:
        title = "The cluster's API is busy"
        return Problem(503, "kubernetes-busy", title, told, headers={"retry-after": "2"}, **extra)
    if error.trouble in NOT_REACHED:
        detail = f"{told} Everything else of the cluster works."
        return Problem(502, "kubernetes-unreachable", "The cluster's API does not answer", detail, **extra)
    return Problem(502, "kubernetes-refused", "The cluster's API refused the request", told, **extra)


def as_provider_error(error: KubeError, *, mutating: bool) -> ProviderError:
    """What the engine does about it: wait, look again, or have a person see to it."""
    told = f"{error.told} {error.next}"
    match error.trouble:
        case Trouble.UNAUTHENTICATED:
            return AuthenticationFailed(told)
        case Trouble.FORBIDDEN:
            return PermissionDenied(told)
        case Trouble.TLS | Trouble.TOO_MUCH:
            return Blocked(told)
        case Trouble.TIMED_OUT | Trouble.UNREACHABLE | Trouble.NO_ADDRESS | Trouble.BUSY:
            if mutating and error.trouble is not Trouble.BUSY:
                return Ambiguous(told)
            return TimedOut(told) if error.trouble is Trouble.TIMED_OUT else Unavailable(told)
        case _:
            return Unclassified(told)
