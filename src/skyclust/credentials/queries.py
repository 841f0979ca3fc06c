"""Every statement of credentials. Each names the workspace, and is held by row-level security besides.

The issuer's keys are the installation's and of no workspace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Select, Uuid, bindparam, column, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.credentials.models import CredentialRow, IssuerKeyRow
from skyclust.provisioning.living import holds_something, lasting
from skyclust.provisioning.models import StackRecord


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A credential's data key as it lies in the database, and what it is bound to."""

    id: UUID
    workspace_id: UUID
    version: int
    key_id: str
    wrapped_key: bytes = field(repr=False)


_WRAPPED = (
    CredentialRow.id,
    CredentialRow.workspace_id,
    CredentialRow.version,
    CredentialRow.key_id,
    CredentialRow.wrapped_key,
)


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
            lasting(),
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


async def lease_due_checks(session: AsyncSession, now: datetime, until: datetime, *, limit: int) -> list[CredentialRow]:
    """Credentials of all workspaces whose check is due and nobody's, leased `until`; longest waiting first."""
    free = or_(CredentialRow.check_leased_until.is_(None), CredentialRow.check_leased_until <= now)
    due = (
        select(CredentialRow.id)
        .where(CredentialRow.check_due_at <= now, free)
        .order_by(CredentialRow.check_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("due")  # as a plain subquery it may be run once per row, and the limit would not hold
    )
    leased = (
        update(CredentialRow)
        .where(CredentialRow.id == due.c.id)
        .values(check_leased_until=until)
        .returning(CredentialRow)
        .execution_options(synchronize_session=False)
    )
    return list(await session.scalars(leased))


async def sealed_under(session: AsyncSession, key_ids: Iterable[str], *, limit: int) -> Sequence[WrappedKey]:
    """Of credentials of all workspaces whose envelope is under one of these: what wrapping anew takes. Locked.

    Those that somebody else holds are left out, so that several may do this at once. By the index on the key, since
    the order of ids would lead over everything that is done already.
    """
    chosen = CredentialRow.key_id.in_(list(key_ids))
    return await _wrapped_keys(session, select(*_WRAPPED).where(chosen).limit(limit), skip_locked=True)


async def sealed_under_another_key(session: AsyncSession, key_id: str, *, limit: int) -> Sequence[WrappedKey]:
    """Likewise of all that are not under `key_id`, whatever they are under. Waits for those that somebody holds."""
    chosen = select(*_WRAPPED).where(CredentialRow.key_id != key_id).order_by(CredentialRow.id).limit(limit)
    return await _wrapped_keys(session, chosen, skip_locked=False)


async def _wrapped_keys(
    session: AsyncSession, chosen: Select[*tuple[Any, ...]], *, skip_locked: bool
) -> list[WrappedKey]:
    # key_share: whoever merely uses a credential (Lock.KEEP) is no reason to wait or to leave it out
    found = await session.execute(chosen.with_for_update(key_share=True, skip_locked=skip_locked))
    return [WrappedKey(*row) for row in found]


async def put_wrapped_keys(session: AsyncSession, key_id: str, wrapped: Mapping[UUID, bytes]) -> None:
    """Write data keys that were wrapped anew, in one statement."""
    given = (
        func.unnest(
            bindparam("ids", list(wrapped), ARRAY(Uuid)), bindparam("keys", list(wrapped.values()), ARRAY(LargeBinary))
        )
        .table_valued(column("id", Uuid), column("wrapped", LargeBinary))
        .render_derived()
    )
    await session.execute(
        update(CredentialRow)
        .where(CredentialRow.id == given.c.id)
        .values(key_id=key_id, wrapped_key=given.c.wrapped)
        .execution_options(synchronize_session=False)
    )


async def count_by_key(session: AsyncSession) -> dict[str, int]:
    """How many credentials lie under which key."""
    rows = await session.execute(select(CredentialRow.key_id, func.count()).group_by(CredentialRow.key_id))
    return {row[0]: row[1] for row in rows}


async def issuer_keys(session: AsyncSession, key_ids: Iterable[str]) -> dict[str, bytes]:
    """The sealed RSA keys that belong to these keys of the keyring."""
    chosen = select(IssuerKeyRow.key_id, IssuerKeyRow.sealed).where(IssuerKeyRow.key_id.in_(list(key_ids)))
    return {row[0]: row[1] for row in await session.execute(chosen)}


async def add_issuer_key(session: AsyncSession, key_id: str, sealed: bytes) -> None:
    """Store it unless there is one already."""
    await session.execute(insert(IssuerKeyRow).values(key_id=key_id, sealed=sealed).on_conflict_do_nothing())
