"""Wire shapes of cloud accounts. Secrets go in only: no answer has a field for one, and printing a body shows stars."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue, Secret, StringConstraints

from skyclust.kit.schemas import Answer, Body, Name, ShortText

ProviderName = Annotated[str, StringConstraints(min_length=1, max_length=50)]
SecretData = Annotated[
    Secret[dict[str, JsonValue]],
    Field(
        description="fields of the provider's credential_schema (GET /providers); never shown again",
        json_schema_extra={"writeOnly": True, "maxProperties": 50},
    ),
]


class CredentialBody(Body):
    """A new cloud account."""

    workspace_id: UUID | None = None
    name: Name
    provider: ProviderName
    data: SecretData


class CredentialPatch(Body):
    """A new name, a new secret for the same account, or both."""

    name: Name | None = None
    data: SecretData | None = None


class CredentialAnswer(Answer):
    """A cloud account as it may be shown."""

    id: UUID
    workspace_id: UUID
    name: ShortText
    provider: ShortText
    account: Annotated[str, Field(max_length=256, description="AWS account, GCP project, Azure subscription")]
    principal: Annotated[str, Field(max_length=1024)]
    state: Annotated[str, Field(max_length=32, description="valid | expiring | invalid | unverified")]
    reason: Annotated[str, Field(max_length=2048, description="why it is not valid, or will soon not be")]
    external_id: Annotated[
        str, Field(max_length=64, description="what a role that the server assumes must ask for in its trust policy")
    ]
    missing_permissions: Annotated[list[ShortText], Field(max_length=500)]
    version: int
    verified_at: Annotated[datetime, Field(description="when the cloud accepted it last")]
    checked_at: Annotated[datetime, Field(description="when the cloud was last asked about it")]
    issued_at: Annotated[datetime | None, Field(description="when its secret was made, where the cloud tells")]
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TrustGuide(Answer):
    """How an account of one cloud is made to trust a workspace."""

    provider: ShortText
    text: Annotated[str, Field(max_length=8192)]


class IdentityAnswer(Answer):
    """Who a workspace is to clouds that trust this installation as an OpenID Connect issuer."""

    workspace_id: UUID
    issuer: Annotated[str, Field(max_length=2048)]
    subject: Annotated[str, Field(max_length=64, description="the workspace's own; no tenant can choose it")]
    jwks_uri: Annotated[str, Field(max_length=2048)]
    guides: Annotated[list[TrustGuide], Field(max_length=100)]
