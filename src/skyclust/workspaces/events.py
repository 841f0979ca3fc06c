"""What happened to workspaces and their members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from skyclust.events.publishing import Actor, Event
from skyclust.workspaces.models import InvitationRow, MemberRow, RoleRow, WorkspaceRow


def created(row: WorkspaceRow, actor: Actor) -> Event:
    """With its creator as administrator."""
    return Event("workspace.created", f"workspace/{row.id}", row.id, {"after": {"name": row.name}}, actor)


def renamed(row: WorkspaceRow, actor: Actor, before: str) -> Event:
    """Another name."""
    data = {"before": {"name": before}, "after": {"name": row.name}}
    return Event("workspace.updated", f"workspace/{row.id}", row.id, data, actor)


def suspended(row: WorkspaceRow, actor: Actor) -> Event:
    """Nothing may be changed in it any more, or everything again."""
    name = "workspace.suspended" if row.suspended_at else "workspace.resumed"
    return Event(name, f"workspace/{row.id}", row.id, {"reason": row.suspended_reason}, actor)


def quotas_changed(workspace_id: UUID, actor: Actor, before: dict[str, Any], after: dict[str, Any]) -> Event:
    """Other limits from the next request on."""
    data = {"before": before, "after": after}
    return Event("workspace.quotas_changed", f"workspace/{workspace_id}", workspace_id, data, actor)


def role_made(row: RoleRow, actor: Actor) -> Event:
    """A role of the workspace's own."""
    return _role("role.created", row, actor, None, {"permissions": row.permissions})


def role_changed(row: RoleRow, actor: Actor, before: list[str]) -> Event:
    """It means something else from the next request on."""
    return _role("role.updated", row, actor, {"permissions": before}, {"permissions": row.permissions})


def role_removed(row: RoleRow, actor: Actor) -> Event:
    """Nobody had it any more."""
    return _role("role.deleted", row, actor, {"permissions": row.permissions}, None)


def _role(name: str, row: RoleRow, actor: Actor, before: object, after: object) -> Event:
    data = {"role": row.name, "before": before, "after": after}
    return Event(name, f"workspace/{row.workspace_id}", row.workspace_id, data, actor)


def invited(row: InvitationRow, actor: Actor) -> Event:
    """A link was made by which somebody becomes a member."""
    return _invitation("invitation.created", row, actor)


def invitation_revoked(row: InvitationRow, actor: Actor) -> Event:
    """The link works no longer."""
    return _invitation("invitation.revoked", row, actor)


def invitation_accepted(row: InvitationRow, actor: Actor) -> Event:
    """Somebody became a member by it."""
    return _invitation("invitation.accepted", row, actor)


def _invitation(name: str, row: InvitationRow, actor: Actor) -> Event:
    data = {"invitation_id": str(row.id), "email": row.email, "role": row.role}
    return Event(name, f"workspace/{row.workspace_id}", row.workspace_id, data, actor)


def deleted(row: WorkspaceRow, actor: Actor) -> Event:
    """Gone with its members and credentials."""
    return Event("workspace.deleted", f"workspace/{row.id}", row.id, {"before": {"name": row.name}}, actor)


def member_added(row: MemberRow, actor: Actor) -> Event:
    """A user became a member."""
    return _member("member.added", row, actor, None, row.role)


def member_changed(row: MemberRow, actor: Actor, before: str) -> Event:
    """Another role."""
    return _member("member.updated", row, actor, before, row.role)


def member_removed(row: MemberRow, actor: Actor) -> Event:
    """Removed, or left."""
    return _member("member.removed", row, actor, row.role, None)


def _member(name: str, row: MemberRow, actor: Actor, before: str | None, after: str | None) -> Event:
    data = {key: {"role": role} for key, role in (("before", before), ("after", after)) if role is not None}
    topic = f"workspace/{row.workspace_id}/member/{row.user_id}"
    return Event(name, topic, row.workspace_id, data, actor)
