"""What happened to users and sessions. They belong to no workspace: platform administrators see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from skyclust.events.publishing import Actor, Event
from skyclust.identity.models import ApiTokenRow, SessionRow, UserRow


def account(user: UserRow) -> dict[str, Any]:
    """What may be told of a user."""
    return {
        "email": user.email,
        "display_name": user.display_name,
        "is_platform_admin": user.is_platform_admin,
        "disabled": user.disabled_at is not None,
    }


def user_created(user: UserRow, actor: Actor) -> Event:
    """A new account."""
    return Event("user.created", f"user/{user.id}", None, {"after": account(user)}, actor)


def user_updated(user: UserRow, actor: Actor, before: dict[str, Any]) -> Event:
    """Disabled, enabled, renamed, made administrator or not."""
    return Event("user.updated", f"user/{user.id}", None, {"before": before, "after": account(user)}, actor)


def password_changed(user: UserRow, actor: Actor) -> Event:
    """By the user."""
    return Event("user.password_changed", f"user/{user.id}", None, {}, actor)


def signed_in(row: SessionRow, actor: Actor) -> Event:
    """A new session."""
    return Event("user.signed_in", f"user/{row.user_id}", None, {"session_id": str(row.id)}, actor)


def identity_linked(user: UserRow, issuer: str, actor: Actor) -> Event:
    """An account at the identity provider is this user's from now on."""
    return Event("user.identity_linked", f"user/{user.id}", None, {"issuer": issuer}, actor)


def factor_begun(user_id: UUID, actor: Actor) -> Event:
    """This user was shown the secret of a second factor; it counts once it is confirmed."""
    return Event("user.second_factor_begun", f"user/{user_id}", None, {}, actor)


def factor_enabled(user_id: UUID, actor: Actor) -> Event:
    """From now on this user signs in with a code."""
    return Event("user.second_factor_enabled", f"user/{user_id}", None, {}, actor)


def factor_disabled(user_id: UUID, actor: Actor) -> Event:
    """By the user, or by an administrator of the installation."""
    return Event("user.second_factor_disabled", f"user/{user_id}", None, {}, actor)


def sign_in_refused(user: UserRow | None, address: str, request_id: str, *, factor: str = "password") -> Event:
    """A wrong password or code. Of an unknown user nothing typed is kept: it may be a password in the wrong field."""
    actor = Actor(user.id if user else None, user.email if user else "unknown account", address, request_id)
    topic = f"user/{user.id}" if user else "user/unknown"
    return Event("user.sign_in_refused", topic, None, {"factor": factor}, actor, outcome="failure")


def session_ended(row: SessionRow, actor: Actor, reason: str) -> Event:
    """Signed out, or ended from another session."""
    data = {"session_id": str(row.id), "reason": reason}
    return Event("user.session_ended", f"user/{row.user_id}", None, data, actor)


def sessions_ended(user_id: UUID, actor: Actor, count: int) -> Event:
    """Several at once, by the user or by an administrator of the installation."""
    return Event("user.sessions_ended", f"user/{user_id}", None, {"count": count}, actor)


def reauthenticated(user_id: UUID, session_id: UUID, actor: Actor) -> Event:
    """They proved again who they are; this session was replaced by a new one."""
    return Event("user.reauthenticated", f"user/{user_id}", None, {"replaced_session_id": str(session_id)}, actor)


def api_token_created(row: ApiTokenRow, actor: Actor) -> Event:
    """A token for a program."""
    return Event("api_token.created", f"user/{row.user_id}", None, {"after": _token(row)}, actor)


def api_token_revoked(row: ApiTokenRow, actor: Actor) -> Event:
    """It works no longer."""
    return Event("api_token.revoked", f"user/{row.user_id}", None, {"before": _token(row)}, actor)


def _token(row: ApiTokenRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "scopes": row.scopes,
        "workspace_id": str(row.limited_to) if row.limited_to else None,
        "expires_at": row.expires_at.isoformat(),
    }


def refresh_reused(row: SessionRow, address: str, request_id: str) -> Event:
    """A used refresh token came again: somebody has a copy, so the session was ended."""
    actor = Actor(row.user_id, "refresh token", address, request_id)
    data = {"session_id": str(row.id)}
    return Event("user.refresh_token_reused", f"user/{row.user_id}", None, data, actor, outcome="failure")
