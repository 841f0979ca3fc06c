"""What flows that talk to a cloud stand on, and the two ways they touch it. Also used by clusters.

Law: no cloud call while a database session is open. `Errand.session` and `Errand.cloud` are never nested.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.errors import ProviderError
from skyclust.contract.provider import Provider, Session
from skyclust.credentials.clouds import CloudSessions
from skyclust.credentials.service import keep_credential, usable_credential
from skyclust.kit.clock import Clock
from skyclust.kit.db import Database
from skyclust.kit.documenting import Answers
from skyclust.kit.ids import uuid7
from skyclust.networks.errors import Pointer, refused, same, unknown_provider, wrong_provider, wrong_workspace
from skyclust.provisioning.asking import Asked, AskedDep
from skyclust.workspaces.callers import Caller, CallerDep, caller_session
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Limits, default_limits, kept


@dataclass(frozen=True, slots=True)
class Account:
    """The cloud account a request works in."""

    credential_id: UUID
    workspace_id: UUID
    provider: str
    account: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Database, clouds, clock and the engine's bell: the same for every request."""

    database: Database
    providers: Mapping[str, Provider]
    clouds: CloudSessions
    clock: Clock
    ring: Callable[[], None]
    cloud_speed: float = 1.0
    #: Of workspaces without limits of their own.
    limits: Limits = field(default_factory=Limits)
    new_id: Callable[[], UUID] = uuid7


@dataclass(frozen=True, slots=True)
class Errand:
    """One request on its way: the ground, who asks, and how they want it done."""

    ground: Ground
    caller: Caller
    asked: Asked = field(default_factory=Asked)

    def citing(self, plan_digest: str | None) -> Errand:
        """With the digest that the body cites."""
        return replace(self, asked=self.asked.citing(plan_digest))

    def provider(self, name: str) -> Provider:
        """The installed provider; 404 otherwise."""
        if name not in self.ground.providers:
            raise unknown_provider(name, self.ground.providers)
        return self.ground.providers[name]

    def now(self) -> datetime:
        """The application's time."""
        return self.ground.clock.now()

    def new_id(self) -> UUID:
        """An id for a row."""
        return self.ground.new_id()

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction that sees what the caller may see."""
        return caller_session(self.ground.database, self.caller)

    @asynccontextmanager
    async def adding(self, workspace_id: UUID, credential_id: UUID | None = None) -> AsyncIterator[AsyncSession]:
        """A transaction that may give the workspace more: every one that begins an operation but a deletion.

        Workspace and credential are not deleted meanwhile, and the quotas hold at its end.
        """
        async with self.session() as session, self._kept(session, workspace_id):
            if credential_id is not None:
                await keep_credential(session, workspace_id, credential_id)
            yield session

    def _kept(self, session: AsyncSession, workspace_id: UUID) -> AbstractAsyncContextManager[None]:
        return kept(session, workspace_id, self.ground.providers, self.ground.limits)

    async def default_region(self, account: Account) -> str | None:
        """The region that the account's credential names, if it names one."""
        try:
            return await self.ground.clouds.default_region(account.workspace_id, account.credential_id)
        except ProviderError as error:
            raise refused(error) from error

    @asynccontextmanager
    async def cloud(
        self, workspace_id: UUID, credential_id: UUID, region: str, pointer: Pointer = same
    ) -> AsyncIterator[Session]:
        """An open session with the cloud; what the cloud refuses becomes a problem."""
        try:
            yield await self.ground.clouds.session_for(workspace_id, credential_id, region)
        except ProviderError as error:
            raise refused(error, pointer) from error


def errand(request: Request, caller: CallerDep, asked: AskedDep) -> Errand:
    """From what the entry point wired, the caller and the request's headers."""
    state = request.app.state
    ground = Ground(
        state.database, state.providers, state.clouds, state.clock, state.engine_bell, state.settings.cloud_speed,
        default_limits(state.settings),
    )  # fmt: skip
    return Errand(ground, caller, asked)


@Answers(never={403})
def reading(request: Request, caller: CallerDep) -> Errand:
    """For reads: nothing is asked but to be answered."""
    return errand(request, caller, Asked())


ErrandDep = Annotated[Errand, Depends(errand)]
ReadingDep = Annotated[Errand, Depends(reading)]


async def account_for(
    session: AsyncSession,
    caller: Caller,
    *,
    credential_id: UUID,
    provider: str,
    workspace_id: UUID | None,
    permission: Permission,
) -> Account:
    """The account behind a credential that the caller may use for this: 404, 403 or 422 otherwise."""
    row = await usable_credential(session, caller, credential_id)
    caller.require(row.workspace_id, permission)
    if workspace_id is not None and workspace_id != row.workspace_id:
        caller.require(workspace_id, permission)
        raise wrong_workspace()
    if row.provider != provider:
        raise wrong_provider(row.provider, provider)
    return Account(row.id, row.workspace_id, row.provider, row.account)
