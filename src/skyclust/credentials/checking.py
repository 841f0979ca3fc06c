"""Credential data before it is stored: its shape, then the cloud's word. Called by the routes with no session open.

Invariant: neither a problem raised here nor the exception behind it holds a secret, even if a provider's text does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from skyclust.credentials.clouds import open_secret
from skyclust.credentials.errors import cloud_unavailable, credential_refused, unknown_provider
from skyclust.credentials.models import CredentialRow
from skyclust.kit.json_schemas import schema_errors
from skyclust.kit.keys import KeySource, KeysSealedError
from skyclust.kit.problems import FieldError, Problem, invalid

_RETRY_AFTER_SECONDS = 30
#: Shorter values occur in ordinary words; no real secret is that short.
_SHORTEST_SECRET = 6


def installed(providers: Mapping[str, Provider], name: str) -> Provider:
    """The provider; 422 naming the installed ones."""
    found = providers.get(name)
    if found is None:
        raise unknown_provider(name, providers)
    return found


def check_shape(provider: Provider, data: Mapping[str, Any]) -> None:
    """422 with a pointer for each wrong field."""
    errors = list(schema_errors(provider.credential_schema, dict(data), "/data"))
    if errors:
        raise invalid(errors)


async def ask_the_cloud(provider: Provider, data: Mapping[str, Any]) -> VerifiedIdentity:
    """Whose credential it is. 422 credential-refused when the cloud says no, 503 when it says nothing."""
    region = data.get("region")
    try:
        return await provider.verify(data, region if isinstance(region, str) else None)
    except ProviderError as error:
        # `from None`: the provider's exception may carry what was sent to it
        raise _problem(provider, data, error) from None


def unsealed(keys: KeySource, row: CredentialRow) -> dict[str, object]:
    """The stored data; 422 when the envelope does not open."""
    try:
        return open_secret(keys, row)
    except AuthenticationFailed as error:
        raise credential_refused(error.message, error.operation) from None
    except Unavailable:
        raise KeysSealedError(keys.sealed) from None


def _problem(provider: Provider, data: Mapping[str, Any], error: ProviderError) -> Problem:
    message = without_secrets(error.message, provider.credential_schema, data)
    if isinstance(error, InvalidSpec) and error.field:
        return invalid([FieldError(f"/data/{error.field.strip('/')}", message)])
    if isinstance(error, Blocked | Permanent):
        return credential_refused(message, error.operation)
    wait = error.retry_after_seconds if isinstance(error, Throttled) else _RETRY_AFTER_SECONDS
    return cloud_unavailable(provider.title, message, max(1, round(wait)))


def is_refusal(problem: Problem) -> bool:
    """Whether the cloud said no, as opposed to nothing."""
    return problem.status == 422


def without_secrets(text: str, schema: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """`text` with every secret of `data` blanked out, should it hold one."""
    for secret in sorted(_secrets(schema, data), key=len, reverse=True):
        text = text.replace(secret, "[redacted]")
    return text


def _secrets(schema: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    for choice in choices:
        yield from _secrets(choice, data)
    for name, inner in schema.get("properties", {}).items():
        value = data.get(name)
        if isinstance(value, str) and inner.get("writeOnly"):
            yield from (part for part in (value, *value.splitlines()) if len(part) >= _SHORTEST_SECRET)
        elif isinstance(value, Mapping):
            yield from _secrets(inner, value)
