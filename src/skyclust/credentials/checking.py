"""Credential data before it is stored: its shape, then the cloud's word. Called by the routes with no session open.

Invariant: neither a problem raised here nor the exception behind it holds a secret, even if a provider's text does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyclust.contract.errors import (
    AuthenticationFailed,
    Blocked,
    InvalidSpec,
    Permanent,
    ProviderError,
    Throttled,
    Unavailable,
)
from skyclust.contract.provider import Provider, VerifiedIdentity
from skyclust.credentials.clouds import open_secret, secrets_of
from skyclust.credentials.errors import cloud_unavailable, credential_refused, unknown_provider
from skyclust.credentials.issuing import Issuer
from skyclust.credentials.models import CredentialRow
from skyclust.kit.json_schemas import schema_errors
from skyclust.kit.keys import KeySource, KeysSealedError
from skyclust.kit.problems import FieldError, Problem, invalid
from skyclust.kit.redacting import remember, scrub

_RETRY_AFTER_SECONDS = 30


def installed(providers: Mapping[str, Provider], name: str) -> Provider:
    """The provider; 422 naming the installed ones."""
    found = providers.get(name)
    if found is None:
        raise unknown_provider(name, providers)
    return found


def check_shape(provider: Provider, data: Mapping[str, Any]) -> None:
    """422 with a pointer for each wrong field."""
    reserved = [name for name in data if name.startswith("_")]
    errors = [FieldError(f"/data/{name}", "A name that begins with _ is never yours. Remove it.") for name in reserved]
    errors += schema_errors(provider.credential_schema, dict(data), "/data") if not reserved else ()
    if errors:
        raise invalid(errors)


async def ask_the_cloud(provider: Provider, data: Mapping[str, Any]) -> VerifiedIdentity:
    """Whose credential it is. 422 credential-refused when the cloud says no, 503 when it says nothing.

    `data` as a provider gets it (clouds.for_provider).
    """
    region = data.get("region")
    remember(secrets_of(provider.credential_schema, data))
    try:
        return await provider.verify(data, region if isinstance(region, str) else None)
    except ProviderError as error:
        # `from None`: the provider's exception may carry what was sent to it
        raise _problem(provider, error) from None


def unsealed(keys: KeySource, row: CredentialRow, issuer: Issuer) -> dict[str, object]:
    """The stored data; 422 when the envelope does not open."""
    try:
        return open_secret(keys, row, issuer)
    except AuthenticationFailed as error:
        raise credential_refused(error.message, error.operation) from None
    except Unavailable:
        raise KeysSealedError(keys.sealed) from None


def _problem(provider: Provider, error: ProviderError) -> Problem:
    message = scrub(error.message)
    if isinstance(error, InvalidSpec) and error.field:
        return invalid([FieldError(f"/data/{error.field.strip('/')}", message)])
    if isinstance(error, Blocked | Permanent):
        return credential_refused(message, error.operation)
    wait = error.retry_after_seconds if isinstance(error, Throttled) else _RETRY_AFTER_SECONDS
    return cloud_unavailable(provider.title, message, max(1, round(wait)))


def is_refusal(problem: Problem) -> bool:
    """Whether the cloud said no, as opposed to nothing."""
    return problem.status == 422
