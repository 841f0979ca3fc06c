"""When a service account's key was made and when it ends, if the account may look at its own keys. Called by `verify`.

https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.keys
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from skyclust.contract.errors import ProviderError
from skyclust.contract.resources import JsonObject
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.credentials import Login, ServiceAccountKey
from skyclust.providers.gcp.sessions import GcpSession

#: Both come from the key file, and go into a path.
_EMAIL = re.compile(r"[a-z0-9][a-z0-9.-]{0,127}@[a-z0-9.-]{1,126}")
_KEY_ID = re.compile(r"[0-9a-f]{40}")
#: Google writes the year 9999 where a key never ends.
_NEVER_YEAR = 9999


@dataclass(frozen=True, slots=True)
class Lifetime:
    """None where nothing is known, or where it never ends."""

    made_at: datetime | None = None
    ends_at: datetime | None = None


async def lifetime_of(gcp: GcpSession, key: Login) -> Lifetime:
    """An empty one when Google does not tell: most accounts may not read their keys (iam.serviceAccountKeys.get).

    A trust has no key, and no end.
    """
    if not isinstance(key, ServiceAccountKey) or not (_EMAIL.fullmatch(key.email) and _KEY_ID.fullmatch(key.key_id)):
        return Lifetime()
    try:
        return parse_lifetime(await gcp.read(partial(_key, key)))
    except ProviderError:
        return Lifetime()


def parse_lifetime(document: JsonObject) -> Lifetime:
    """From a ServiceAccountKey."""
    made, ends = _moment(document.get("validAfterTime")), _moment(document.get("validBeforeTime"))
    return Lifetime(made, None if ends is not None and ends.year == _NEVER_YEAR else ends)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def _key(key: ServiceAccountKey, apis: Apis) -> Any:
    name = f"projects/-/serviceAccounts/{key.email}/keys/{key.key_id}"
    return apis.iam.projects().serviceAccounts().keys().get(name=name)
