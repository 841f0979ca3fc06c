"""What happened to workspaces and their members."""

from __future__ import annotations

from skyclust.events.publishing import Actor, Event
from skyclust.workspaces.models import MemberRow, WorkspaceRow


def created(row: WorkspaceRow, actor: Actor) -> Event:
    """With its creator as administrator."""
    return Event("workspace.created", f"workspace/{row.id}", row.id, {"after": {"name": row.name}}, actor)


def renamed(row: WorkspaceRow, actor: Actor, before: str) -> Event:
    """Another name."""
    data = {"before": {"name": before}, "after": {"name": row.name}}
    return Event("workspace.updated", f"workspace/{row.id}", row.id, data, actor)


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
