"""The tables of cloud accounts and of the issuer's keys. Secrets are sealed; everything else may be shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


def tenant_name(workspace_id: UUID) -> str:
    """How clouds know a workspace: unique, for good, and not its own choice."""
    return f"skyclust-{workspace_id}"


class IssuerKeyRow(Model):
    """An RSA key of the installation as an issuer, sealed under the key of the keyring that has its id."""

    __tablename__ = "issuer_keys"

    key_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class CredentialRow(Model):
    """A cloud account. `version` rises with each replacement of the secret and is part of what the seal binds."""

    __tablename__ = "credentials"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    provider: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(Integer)
    key_id: Mapped[str] = mapped_column(String(64), index=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: judging.State, and why
    state: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    account: Mapped[str] = mapped_column(String(256))
    principal: Mapped[str] = mapped_column(String(1024))
    missing_permissions: Mapped[list[Any]]
    #: When the cloud accepted it last, and when it was last asked.
    verified_at: Mapped[datetime]
    checked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    issued_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    check_due_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)
    check_leased_until: Mapped[datetime | None]
    #: Checks in a row to which nobody said anything.
    unanswered: Mapped[int] = mapped_column(Integer, server_default="0")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def external_id(self) -> str:
        """See `tenant_name`."""
        return tenant_name(self.workspace_id)

    def __repr__(self) -> str:
        return f"CredentialRow(id={self.id}, provider={self.provider!r})"
