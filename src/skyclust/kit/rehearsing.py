"""`?dry_run=true` for mutations that are one transaction: everything is checked and done, then rolled back.

Routes list `REHEARSABLE` among their dependencies; those with transactions of their own take `DryRun` and call
`end_rehearsal` last. Invariant: nothing of a rehearsal stays, neither row nor event nor audit entry.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.kit.db import SessionDep

DryRun = Annotated[bool, Query(description="check everything and answer what would be, without doing it")]


async def rehearsed(session: SessionDep, *, dry_run: DryRun = False) -> AsyncIterator[None]:
    """After the route and before the commit: undo when it was a rehearsal."""
    yield
    await end_rehearsal(session, dry_run=dry_run)


async def end_rehearsal(session: AsyncSession, *, dry_run: bool) -> None:
    """Write what is still pending, so that the database has its say, then undo all of it."""
    if dry_run:
        await session.flush()
        await session.rollback()


REHEARSABLE = [Depends(rehearsed, scope="function")]
