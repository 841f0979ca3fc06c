"""What can go wrong with cloud accounts. No text here repeats anything a client sent as a secret."""

from __future__ import annotations

from collections.abc import Iterable

from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found


def credential_not_found() -> Problem:
    """404, also for another tenant's."""
    return not_found("credential")


def unknown_provider(name: str, installed: Iterable[str]) -> Problem:
    """422 naming what is installed."""
    choices = ", ".join(sorted(installed)) or "none"
    return invalid([FieldError("/provider", f"There is no provider {name!r} here. Installed: {choices}.")])


def credential_refused(message: str, operation: str) -> Problem:
    """422: the cloud said no; `operation` is the call it refused."""
    call = f" The refused call was {operation}." if operation and operation not in message else ""
    return Problem(
        422,
        "credential-refused",
        "The cloud refuses this credential",
        f"{message}{call}",
        errors=[FieldError("/data", message)],
        refused_call=operation,
    )


def cloud_unavailable(provider: str, message: str, retry_after_seconds: int) -> Problem:
    """503: nobody knows yet whether the credential is right."""
    return Problem(
        503,
        "cloud-unavailable",
        "The cloud did not answer",
        f"The credential could not be verified with {provider}: {message} Nothing was stored. Try again later.",
        headers={"Retry-After": str(retry_after_seconds)},
    )


def credential_in_use(stacks: int) -> Problem:
    """409 that says how many clusters and networks still need it."""
    return conflict(
        "credential-in-use",
        "The credential is in use",
        f"{stacks} cluster(s) and network(s) are managed with this credential. Delete them first.",
        count=stacks,
    )


def other_account(before: str, after: str, stacks: int) -> Problem:
    """409: the new secret would leave what was created with the old one unreachable."""
    return conflict(
        "credential-other-account",
        "The new secret belongs to another account",
        f"{stacks} cluster(s) and network(s) live in the account {before}; the new secret opens {after}. "
        "Enter it as another credential.",
        count=stacks,
    )


def name_taken(name: str) -> Problem:
    """409 naming the name."""
    return conflict(
        "credential-name-taken",
        "There is a credential of this name",
        f"The workspace has a credential named {name!r}. Choose another name, or replace that one's secret.",
    )


def nothing_to_change() -> Problem:
    """422."""
    return invalid([FieldError("", "Give a new `name`, new `data`, or both.")])


def no_issuer() -> Problem:
    """404: clouds cannot trust an installation that has no public address."""
    return Problem(
        404,
        "no-issuer",
        "This installation vouches for nobody",
        "Clouds trust an address, and this installation has none. Its operator sets SKYCLUST_PUBLIC_URL to the address "
        "under which people reach it.",
    )
