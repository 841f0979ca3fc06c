"""The service principal a user hands in. Read by `connect` and `verify`.

Invariant: the secret never reaches repr or an error; where tokens come from is said by the machine, not by the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.resources import JsonObject

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GUIDS = ("subscription_id", "tenant_id", "client_id")


def _id(title: str) -> JsonObject:
    return {"type": "string", "title": title, "pattern": f"^{_GUID}$", "maxLength": 36}


CREDENTIAL_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Service principal",
    "description": "An app registration of Microsoft Entra ID with a client secret, Contributor on the subscription, "
    "and Azure Kubernetes Service RBAC Cluster Admin to open clusters.",
    "type": "object",
    "required": ["subscription_id", "tenant_id", "client_id", "client_secret"],
    "additionalProperties": False,
    "properties": {
        "subscription_id": _id("Subscription ID"),
        "tenant_id": _id("Directory (tenant) ID"),
        "client_id": _id("Application (client) ID"),
        "client_secret": {
            "type": "string", "title": "Client secret", "minLength": 1, "maxLength": 256, "writeOnly": True,
            "description": "The secret's value, not its ID.",
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """Who calls, and for which subscription."""

    subscription: str
    tenant: str
    client: str
    secret: str = field(repr=False)


def parse_principal(data: Mapping[str, Any]) -> ServicePrincipal:
    """The principal in `data`; AuthenticationFailed names the field that is missing or malformed, never its value."""
    for name in _GUIDS:
        if not isinstance(data.get(name), str) or not re.fullmatch(_GUID, data[name]):
            raise AuthenticationFailed(
                f"The credential's {name} is not an id like 00000000-0000-0000-0000-000000000000. Copy it from the "
                "app registration (subscription_id: from the subscription) in the Azure portal.",
                operation="oauth2.token",
            )
    if not isinstance(data.get("client_secret"), str) or not data["client_secret"]:
        raise AuthenticationFailed(
            "The credential has no client_secret. Create one under Certificates & secrets of the app registration.",
            operation="oauth2.token",
        )
    return ServicePrincipal(
        data["subscription_id"].lower(), data["tenant_id"].lower(), data["client_id"].lower(), data["client_secret"]
    )
