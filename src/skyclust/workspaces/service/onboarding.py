"""The first administrator: an account of the installation with a workspace named "default".

Called by POST /auth/register, by the page behind the first start's link and by `skyclust up --sandbox`. It stands here,
above identity, because an account without a workspace could do nothing. Invariant: of several at once, one is first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity.schemas import Email
from skyclust.identity.service import UserRow, accounts
from skyclust.kit.db import visible_to
from skyclust.kit.ids import uuid7
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces import events
from skyclust.workspaces.models import MemberRow, WorkspaceRow
from skyclust.workspaces.permissions import Role

FIRST_WORKSPACE = "default"
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


async def create_first_admin(session: AsyncSession, email: str, password: str) -> UserRow:
    """Make sure that this administrator exists and signs in with this password. For the sandbox, at each start.

    Idempotent. The session sees the new workspace only afterwards.
    """
    email = _EMAIL.validate_python(email)
    existing = await accounts.user_of_email(session, email, disabled_too=True)
    if existing is not None:
        await accounts.set_password(existing, password)
        return existing
    now = datetime.now(UTC)
    user = accounts.new_user(
        uuid7(),
        email=email,
        password_hash=await accounts.hashed(password, email),
        display_name=None,
        is_platform_admin=True,
        now=now,
    )
    token = await accounts.create_bootstrap_token(session, now=now)
    await add_first_admin(session, user, token, address="", request_id="", workspace_id=uuid7())
    return user


async def create_bootstrap_token(session: AsyncSession) -> str | None:
    """The token of the first start's link; earlier ones stop working. None when there is a user."""
    return await accounts.create_bootstrap_token(session, now=datetime.now(UTC))


async def register_with_token(session: AsyncSession, *, token: str, email: str, password: str) -> UserRow:
    """What the page behind the link does."""
    await accounts.check_registration(session, token)
    try:
        email = _EMAIL.validate_python(email)
    except ValidationError:
        raise invalid([FieldError("/email", "Give an email address such as name@example.com.")]) from None
    password_hash = await accounts.hashed(password, email)
    user = accounts.new_user(
        uuid7(),
        email=email,
        password_hash=password_hash,
        display_name=None,
        is_platform_admin=True,
        now=datetime.now(UTC),
    )
    await add_first_admin(session, user, token, address="", request_id="", workspace_id=uuid7())
    return user


async def add_first_admin(
    session: AsyncSession, user: UserRow, token: str | None, *, address: str, request_id: str, workspace_id: UUID
) -> None:
    """The account, its workspace, its membership, in this transaction; 403 when somebody was first."""
    actor = Actor(user.id, user.email, address, request_id)
    await accounts.add_first_user(session, user, token, actor, user.created_at)
    await visible_to(session, [workspace_id])
    workspace = WorkspaceRow(id=workspace_id, name=FIRST_WORKSPACE, created_at=user.created_at)
    session.add(workspace)
    await session.flush()
    session.add(
        MemberRow(workspace_id=workspace_id, user_id=user.id, role=Role.ADMIN.value, created_at=user.created_at)
    )
    await publish(session, events.created(workspace, actor))
