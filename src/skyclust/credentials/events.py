"""What happened to a cloud account, for the outbox and the audit log. Metadata only."""

from __future__ import annotations

from typing import Any

from skyclust.credentials.models import CredentialRow
from skyclust.events.publishing import Actor, Event


def metadata(row: CredentialRow) -> dict[str, Any]:
    """What may be told of a credential."""
    return {
        "name": row.name,
        "provider": row.provider,
        "account": row.account,
        "principal": row.principal,
        "version": row.version,
        "state": row.state,
        "reason": row.reason,
        "missing_permissions": row.missing_permissions,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }


def created(row: CredentialRow, actor: Actor) -> Event:
    """Entered and verified."""
    return _event("credential.created", row, actor, {"after": metadata(row)})


def updated(row: CredentialRow, actor: Actor, before: dict[str, Any]) -> Event:
    """Renamed, or given a new secret (then the version rises)."""
    return _event("credential.updated", row, actor, {"before": before, "after": metadata(row)})


def verified(row: CredentialRow, actor: Actor, before: dict[str, Any]) -> Event:
    """Asked the cloud again; `state` says what it answered."""
    outcome = "failure" if row.state == "invalid" else "success"
    return _event("credential.verified", row, actor, {"before": before, "after": metadata(row)}, outcome)


def judged(row: CredentialRow, actor: Actor | None, before: dict[str, Any]) -> Event:
    """Its state is another one now: `credential.valid`, `.expiring`, `.invalid` or `.unverified`."""
    return _event(f"credential.{row.state}", row, actor, {"before": before, "after": metadata(row)})


def deleted(row: CredentialRow, actor: Actor) -> Event:
    """Gone, its secret with it."""
    return _event("credential.deleted", row, actor, {"before": metadata(row)})


def _event(name: str, row: CredentialRow, actor: Actor | None, data: dict[str, Any], outcome: str = "success") -> Event:
    return Event(name, f"credential/{row.id}", row.workspace_id, data, actor, outcome)
