"""Every statement of credentials. Each names the workspace, and is held by row-level security besides."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.credentials.models import CredentialRow
from skyclust.provisioning.living import holds_something
from skyclust.provisioning.models import StackRecord


class Lock(Enum):
    """KEEP: nobody deletes it before this transaction ends. CHANGE: nobody else changes or deletes it either."""

    KEEP = "keep"
    CHANGE = "change"


async def credential_in(
    session: AsyncSession, workspace_ids: Iterable[UUID], credential_id: UUID, *, lock: Lock | None = None
) -> CredentialRow | None:
    """One credential, if it belongs to one of the workspaces."""
    statement = select(CredentialRow).where(
        CredentialRow.id == credential_id, CredentialRow.workspace_id.in_(list(workspace_ids))
    )
    if lock is Lock.KEEP:
        statement = statement.with_for_update(read=True, key_share=True)
    elif lock is Lock.CHANGE:
        statement = statement.with_for_update()
    return await session.scalar(statement)


async def count_stacks(session: AsyncSession, row: CredentialRow) -> int:
    """How many clusters and networks still hold something that only this credential can manage."""
    statement = (
        select(func.count())
        .select_from(StackRecord)
        .where(
            StackRecord.workspace_id == row.workspace_id,
            StackRecord.credential_id == row.id,
            holds_something(StackRecord.id),
        )
    )
    return int(await session.scalar(statement) or 0)


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
