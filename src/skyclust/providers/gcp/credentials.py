"""The service-account key a user hands in. Read by `connect` and `verify`.

Invariant: the key file is input from outside. Its `token_uri`, `auth_uri` and every other address in it are ignored,
because whoever is named there would receive a signed assertion; and its private key never reaches repr or an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.resources import JsonObject

#: 6 to 30 characters, older ones with a domain ("example.com:id"):
#: https://cloud.google.com/resource-manager/docs/creating-managing-projects
_PROJECT = re.compile(r"(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")

#: The `data` of a credential is the key file as Google's console downloads it.
CREDENTIAL_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Service account key (JSON)",
    "type": "object",
    "required": ["type", "project_id", "private_key", "client_email"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "service_account", "title": "Type"},
        "project_id": {"type": "string", "title": "Project ID", "maxLength": 94, "pattern": f"^{_PROJECT.pattern}$"},
        "private_key_id": {"type": "string", "title": "Private key ID", "maxLength": 128},
        "private_key": {"type": "string", "title": "Private key", "maxLength": 8192, "writeOnly": True},
        "client_email": {"type": "string", "title": "Service account", "maxLength": 254},
        "client_id": {"type": "string", "title": "Client ID", "maxLength": 64},
        "auth_uri": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "token_uri": {"type": "string", "maxLength": 512, "description": "Ignored: tokens come from Google only."},
        "auth_provider_x509_cert_url": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "client_x509_cert_url": {"type": "string", "maxLength": 512, "description": "Ignored."},
        "universe_domain": {"const": "googleapis.com", "title": "Universe domain"},
    },
}


@dataclass(frozen=True, slots=True)
class ServiceAccountKey:
    """The four fields of the key file that are used."""

    project: str
    email: str
    private_key: str = field(repr=False)
    key_id: str = ""


def parse_key(data: Mapping[str, Any]) -> ServiceAccountKey:
    """The key in `data`; AuthenticationFailed names the field that is missing or malformed, never its value."""
    for name in ("project_id", "client_email", "private_key"):
        if not isinstance(data.get(name), str) or not data[name]:
            raise AuthenticationFailed(
                f"The service-account key has no {name}. Give the whole JSON file that Google's console downloads."
            )
    if data.get("type") != "service_account":
        raise AuthenticationFailed('The key file is not of the type "service_account". Create a key for one in IAM.')
    if not _PROJECT.fullmatch(data["project_id"]):
        raise AuthenticationFailed("The project_id of the service-account key is not a Google Cloud project ID.")
    return ServiceAccountKey(
        data["project_id"], data["client_email"], data["private_key"], str(data.get("private_key_id") or "")
    )
