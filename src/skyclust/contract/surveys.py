"""Seeing what there is without asking for each: the protocol behind drift and orphan sweeps. Optional for a provider.

A provider that offers it declares the capability "drift" and passes the conformance rules of surveys; without it the
sweeps ask for each known resource by its id, and orphans of that cloud are not found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from skyclust.contract.provider import Session
from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, JsonObject, Observed

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DESCRIBED = re.compile(rf"skyclust:resource=({_UUID})(?: skyclust:stack=({_UUID}))?")
#: The keys of `Mark.tags` and of `Mark.labels`.
_KEYS = ((TAG_RESOURCE, TAG_STACK), ("skyclust-resource", "skyclust-stack"))


@dataclass(frozen=True, slots=True)
class Known:
    """A resource that a row says exists. `spec` is resolved, as drivers get it."""

    kind: str
    external_id: str
    spec: JsonObject


@dataclass(frozen=True, slots=True)
class Ownership:
    """The mark as it was read back from the cloud. `stack_id` is None where the kind has no room for it.

    proof   what carries it, for a person: "tag skyclust:resource=0f1e..."
    """

    resource_id: UUID
    stack_id: UUID | None
    proof: str


def owner_by_tags(tags: Mapping[str, str]) -> Ownership | None:
    """The mark in tags or labels; None when there is none, or none that can be ours."""
    for resource_key, stack_key in _KEYS:
        resource, stack = tags.get(resource_key, ""), tags.get(stack_key, "")
        if re.fullmatch(_UUID, resource):
            known = UUID(stack) if re.fullmatch(_UUID, stack) else None
            return Ownership(UUID(resource), known, f"tag {resource_key}={resource}")
    return None


def owner_by_description(text: str | None) -> Ownership | None:
    """The mark in a description that `Mark.description` wrote."""
    found = _DESCRIBED.search(text or "")
    if found is None:
        return None
    return Ownership(UUID(found[1]), UUID(found[2]) if found[2] else None, f"description skyclust:resource={found[1]}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One resource that a survey saw.

    kind         the driver's kind
    external_id  as the driver's `observe` and `delete` take it
    name         what a person calls it in the cloud's console; "" where it has none
    owner        None when it carries no mark of ours
    observed     equal to what the driver's `observe` answers; None when the listing does not show enough for that
    created_at   where the cloud tells
    """

    kind: str
    external_id: str
    name: str
    owner: Ownership | None
    observed: Observed | None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What one region of one account holds of ours. `unread`: kinds that could not be listed, and why.

    Nothing is concluded about a kind that is unread.
    """

    sightings: tuple[Sighting, ...]
    unread: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Surveying(Protocol):
    """What a `Provider` may offer besides. Reads only."""

    async def survey(self, session: Session, known: Mapping[str, Sequence[Known]]) -> Survey:
        """Everything in the session's region that carries a mark of ours (of any stack, of any kind that the drivers
        make), and everything of `known` (by kind) that still exists, marked or not.

        With as few calls as the cloud allows: their number grows with kinds, pages and clusters, never with the other
        resources. Kinds whose drivers create nothing (sweeps) do not appear. A kind that is refused goes to `unread`;
        only what concerns the whole session (a revoked credential) is raised.
        What is outside of regions (GCP networks, IAM) is seen from every region. What is being deleted is left out.
        """
        ...
