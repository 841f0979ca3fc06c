"""Every statement of credentials. Each names the workspace, and is held by row-level security besides."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.credentials.models import CredentialRow


async def credential_in(
    session: AsyncSession, workspace_ids: Iterable[UUID], credential_id: UUID, *, lock: bool = False
) -> CredentialRow | None:
    """One credential, if it belongs to one of the workspaces; locked against changes when asked for."""
    statement = select(CredentialRow).where(
        CredentialRow.id == credential_id, CredentialRow.workspace_id.in_(list(workspace_ids))
    )
    return await session.scalar(statement.with_for_update() if lock else statement)


async def name_taken(session: AsyncSession, workspace_id: UUID, name: str, *, but: UUID | None = None) -> bool:
    """Whether another credential of the workspace has the name."""
    statement = select(CredentialRow.id).where(CredentialRow.workspace_id == workspace_id, CredentialRow.name == name)
    if but is not None:
        statement = statement.where(CredentialRow.id != but)
    return await session.scalar(statement) is not None


async def list_credentials(
    session: AsyncSession,
    workspace_ids: Iterable[UUID],
    *,
    provider: str | None,
    after: UUID | None,
    limit: int,
) -> list[CredentialRow]:
    """Oldest first (ids sort by creation), one more than `limit` when there are more."""
    statement = select(CredentialRow).where(CredentialRow.workspace_id.in_(list(workspace_ids)))
    if provider is not None:
        statement = statement.where(CredentialRow.provider == provider)
    if after is not None:
        statement = statement.where(CredentialRow.id > after)
    return list(await session.scalars(statement.order_by(CredentialRow.id).limit(limit + 1)))


async def sealed_under_other_keys(session: AsyncSession, key_id: str, *, limit: int) -> list[CredentialRow]:
    """Credentials of all workspaces whose envelope is not under `key_id`, locked; for the rotation of keys only."""
    statement = (
        select(CredentialRow)
        .where(CredentialRow.key_id != key_id)
        .order_by(CredentialRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(statement))
