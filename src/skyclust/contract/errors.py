"""What a cloud answered when it did not do as asked, told apart by what to do next.

    ProviderError
    ├── Transient            certainly not applied; try again later
    │   ├── Throttled        after `retry_after_seconds`
    │   ├── NotYet           something made a moment ago is not visible to this call yet
    │   ├── Unavailable      (reads only: a mutation that meets this is Ambiguous)
    │   └── TimedOut         (reads only, likewise)
    ├── NoCapacity           certainly not applied; the zone is out of machines
    ├── InUse                certainly not applied; something still depends on it: `blockers` names what
    │   └── Held             by what lets go by itself: ask again, as long as the driver is patient
    ├── Blocked              certainly not applied; the user must act
    │   ├── AuthenticationFailed
    │   ├── PermissionDenied
    │   └── QuotaExceeded
    ├── Permanent            certainly not applied; the same request can never succeed
    │   ├── InvalidSpec      `field` names the culprit where known
    │   ├── NotSupported
    │   └── NameTaken        exists, and its mark is not ours
    ├── Ambiguous            a mutation whose outcome is unknown: look for the mark before anything else
    └── Unclassified         an error nobody has met yet: treated as Ambiguous, with bounded retries

Raised by providers, read by the engine. Never reaches HTTP as such. Messages carry no secret and nothing SDK-shaped.
"""

from __future__ import annotations


class ProviderError(Exception):
    """Base of the tree. `operation` is the refused cloud call ("ec2:CreateVpc"), `code` the cloud's own error code."""

    #: True when the cloud certainly did not apply the call, so that no window has to be waited out.
    definitely_not_applied = True

    def __init__(self, message: str, *, operation: str = "", code: str = "") -> None:
        """Keep `message` fit to be shown to a user: what happened, why, what to do."""
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.code = code

    @property
    def reason(self) -> str:
        """CamelCase word for a condition's `reason`, as Kubernetes writes them."""
        return type(self).__name__


class Transient(ProviderError):
    """Try again later."""


class Throttled(Transient):
    """Slow down: the next call of this credential may start after `retry_after_seconds`."""

    def __init__(self, message: str, *, retry_after_seconds: float, operation: str = "", code: str = "") -> None:
        """`retry_after_seconds` is the cloud's word, or a sensible first step where it gives none."""
        super().__init__(message, operation=operation, code=code)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(Transient):
    """The cloud failed or could not be reached."""


class TimedOut(Transient):
    """No answer in time."""


class NotYet(Transient):
    """Refused because something made a moment ago is not visible to this call yet; certainly not applied."""


class NoCapacity(ProviderError):
    """The cloud has no machine of this type there now."""


class InUse(ProviderError):
    """Deletion refused because something depends on the resource. `blockers` are ids as far as the cloud names them."""

    def __init__(self, message: str, *, blockers: tuple[str, ...] = (), operation: str = "", code: str = "") -> None:
        """An empty `blockers` means the cloud did not say."""
        super().__init__(message, operation=operation, code=code)
        self.blockers = blockers


class Held(InUse):
    """In use by what is expected to let go by itself: a disruption budget, until other pods are ready.

    Asked again every `retry_after_seconds` (real ones) for as long as the driver is patient (`provider.Patient`).
    """

    def __init__(self, message: str, *, blockers: tuple[str, ...], retry_after_seconds: float) -> None:
        """Name who holds it."""
        super().__init__(message, blockers=blockers)
        self.retry_after_seconds = retry_after_seconds


class Blocked(ProviderError):
    """The user must act, then resume."""


class AuthenticationFailed(Blocked):
    """The credential is wrong, expired or revoked."""


class PermissionDenied(Blocked):
    """The credential is right, but may not do this."""


class QuotaExceeded(Blocked):
    """A limit of the account is reached."""


class Permanent(ProviderError):
    """The same request can never succeed."""


class InvalidSpec(Permanent):
    """The cloud refuses what was asked. `field` is a path into the spec ("node_pools/0/machine_type"), or ""."""

    def __init__(self, message: str, *, field: str = "", operation: str = "", code: str = "") -> None:
        """Name the field whenever the cloud's answer tells it."""
        super().__init__(message, operation=operation, code=code)
        self.field = field


class NotSupported(Permanent):
    """This provider does not offer that."""


class NameTaken(Permanent):
    """Something of that name exists and is not ours."""


class Ambiguous(ProviderError):
    """Lost reply, reset, time-out or 5xx on a mutation: it may or may not have been applied."""

    definitely_not_applied = False


class Unclassified(ProviderError):
    """Not in the provider's table. Report it with its code so that it gets a class."""

    definitely_not_applied = False
