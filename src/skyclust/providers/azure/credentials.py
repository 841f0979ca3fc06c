"""The service principal a user hands in, with a secret or with a trust instead. Read by `connect` and `verify`.

Invariant: the secret never reaches repr or an error; where tokens come from is said by the machine, not by the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.identities import IDENTITY, WorkspaceIdentity
from skyclust.contract.provider import TENANT
from skyclust.contract.resources import JsonObject

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GUIDS = ("subscription_id", "tenant_id", "client_id")


def _id(title: str) -> JsonObject:
    return {"type": "string", "title": title, "pattern": f"^{_GUID}$", "maxLength": 36}


#: A secret, or none where the application trusts this workspace (federation.py).
CREDENTIAL_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Microsoft Azure: app registration with a client secret, or with a federated credential",
    "description": "An app registration of Microsoft Entra ID, Contributor on the subscription, and Azure Kubernetes "
    "Service RBAC Cluster Admin to open clusters. Without a client secret it must trust this workspace.",
    "type": "object",
    "required": ["subscription_id", "tenant_id", "client_id"],
    "additionalProperties": False,
    "properties": {
        "subscription_id": _id("Subscription ID"),
        "tenant_id": _id("Directory (tenant) ID"),
        "client_id": _id("Application (client) ID"),
        "client_secret": {
            "type": "string", "title": "Client secret", "minLength": 1, "maxLength": 256, "writeOnly": True,
            "description": "The secret's value, not its ID. Leave it out if the application has a federated credential "
            "for this workspace.",
        },
    },
    "oneOf": [
        {"title": "Client secret", "required": ["client_secret"]},
        {"title": "Workload identity federation", "properties": {"client_secret": {"not": {}}}},
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """Who calls, and for which subscription: with a secret, or as a workspace that the application trusts.

    `workspace` keeps the tokens of two workspaces apart, whatever else is equal; empty where there is a secret.
    """

    subscription: str
    tenant: str
    client: str
    secret: str = field(default="", repr=False)
    workspace: str = ""
    identity: WorkspaceIdentity | None = field(default=None, repr=False, compare=False)


def parse_principal(data: Mapping[str, Any]) -> ServicePrincipal:
    """The principal in `data`; AuthenticationFailed names the field that is missing or malformed, never its value."""
    for name in _GUIDS:
        if not isinstance(data.get(name), str) or not re.fullmatch(_GUID, data[name]):
            raise AuthenticationFailed(
                f"The credential's {name} is not an id like 00000000-0000-0000-0000-000000000000. Copy it from the "
                "app registration (subscription_id: from the subscription) in the Azure portal.",
                operation="oauth2.token",
            )
    ids = (data["subscription_id"].lower(), data["tenant_id"].lower(), data["client_id"].lower())
    if "client_secret" not in data:
        return ServicePrincipal(*ids, workspace=str(data[TENANT]), identity=_identity(data))
    if not isinstance(data["client_secret"], str) or not data["client_secret"]:
        raise AuthenticationFailed(
            "The credential's client_secret is empty. Create one under Certificates & secrets of the app registration, "
            "or leave the field out and give the application a federated credential for this workspace.",
            operation="oauth2.token",
        )
    return ServicePrincipal(*ids, data["client_secret"])


def _identity(data: Mapping[str, Any]) -> WorkspaceIdentity:
    identity: WorkspaceIdentity | None = data.get(IDENTITY)
    if identity is None:
        raise AuthenticationFailed(
            "The credential has no client_secret, and this installation has no public address that Microsoft Entra ID "
            "could trust instead. Give a secret, or have its operator set SKYCLUST_PUBLIC_URL.",
            operation="oauth2.token",
        )
    return identity
