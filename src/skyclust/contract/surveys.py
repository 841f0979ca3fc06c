"""Seeing what there is without asking for each: the protocol behind drift and orphan sweeps. Optional for a provider.

A provider that offers it declares the capability "drift" and passes the conformance rules of surveys; without it the
sweeps ask for each known resource by its id, and orphans of that cloud are not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject, Observed


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
