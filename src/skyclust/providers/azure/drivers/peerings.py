"""azure.network.peering: virtual network peering, which each network has a resource of its own of.

Azure routes between the two by itself once both are there. Neither takes tags, so the names carry our mark. One call
makes or removes one of them: a side that the other left is Disconnected, and put again before the other is made.
https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from skyclust.contract.provider import Session
from skyclust.contract.resources import TAG_RESOURCE, Change, JsonObject, Mark, Observed, Phase
from skyclust.contract.surveys import Ownership
from skyclust.providers.azure.drivers.arm import phase_of
from skyclust.providers.azure.naming import last_segment
from skyclust.providers.azure.sessions import AzureSession, azure_session, gather

KIND = "azure.network.peering"
MINE, THEIRS = "mine", "theirs"
BOTH = [MINE, THEIRS]
PEER = "-peer"
_NAME = re.compile(r"skyclust-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-peer)?")
_WORD = "virtualNetworkPeerings"


@dataclass(frozen=True, slots=True)
class Side:
    """One network's peering: where it is, or would be, and what Azure shows of it."""

    path: str
    document: JsonObject | None

    @property
    def network(self) -> str:
        """Whose it is."""
        return self.path.partition(f"/{_WORD}/")[0]

    @property
    def left(self) -> bool:
        """The other network's is gone, and this one cannot join a new one as it is."""
        return self.state == "Disconnected"

    @property
    def state(self) -> str:
        """Initiated, Connected or Disconnected; "" when there is none."""
        return str((self.document or {}).get("properties", {}).get("peeringState", ""))


class PeeringDriver:
    """Spec: name, network, peer, forwarded. `network` and `peer` are ids; the outputs are the id alone."""

    kind = KIND
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Two calls one after the other."""
        del spec
        return {"create": 22.0, "update": 11.0, "delete": 22.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By the name that the mark gives."""
        return await self.observe(session, _id_of(mark, spec), spec)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None when neither network has its own."""
        return shown(external_id, *await _sides(azure_session(session), external_id, spec))

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Our network's; the other's follows as an update."""
        az, external_id = azure_session(session), _id_of(mark, spec)
        found = await self.observe(session, external_id, spec)
        if found is not None:
            return found
        await az.put(external_id, _body(spec["peer"], spec))
        return Observed(external_id, Phase.SETTLING, {"id": external_id}, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Which of the two are there and joined, and whether both pass on what others sent."""
        wanted = {"sides": BOTH, "forwarded": spec["forwarded"]}
        seen = observed.fields
        return tuple(Change(name, seen.get(name), value) for name, value in wanted.items() if seen.get(name) != value)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One PUT: of a side that was left, else of one that is missing, else of one that is otherwise."""
        del changes, mark
        az = azure_session(session)
        mine, theirs = await _sides(az, external_id, spec)
        other = {mine.path: spec["peer"], theirs.path: spec["network"]}
        for is_next in (_is_left, _is_missing, lambda side: _forwards(side) != spec["forwarded"]):
            for side in (mine, theirs):
                if is_next(side):
                    await az.put(side.path, _body(other[side.path], spec))
                    return

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """One a call, the other network's first: ours tells which network that is. The name is the mark."""
        del mark
        az = azure_session(session)
        mine, theirs = await _sides(az, external_id, spec)
        for side in (theirs, mine):
            if side.document is not None:
                await az.delete(side.path)
                return


def shown(external_id: str, mine: Side, theirs: Side) -> Observed | None:
    """What a read of both says."""
    there = [side for side in (mine, theirs) if side.document is not None]
    if not there:
        return None
    joined = [word for word, side in ((MINE, mine), (THEIRS, theirs)) if side.state in ("Initiated", "Connected")]
    forwarded = {_forwards(side) for side in there}
    fields = {"sides": joined, "forwarded": forwarded.pop() if len(forwarded) == 1 else None}
    return Observed(external_id, _phase(mine, theirs), {"id": external_id}, fields, "")


def _phase(mine: Side, theirs: Side) -> Phase:
    phases = {phase_of(side.document) for side in (mine, theirs) if side.document is not None}
    for phase in (Phase.DELETING, Phase.SETTLING, Phase.FAILED):
        if phase in phases:
            return phase
    both = mine.document is not None and theirs.document is not None
    return Phase.SETTLING if both and {mine.state, theirs.state} == {"Initiated", "Connected"} else Phase.READY


def owner_of(name: str) -> Ownership | None:
    """Whose mark the name of a peering is."""
    found = _NAME.fullmatch(name.lower())
    return Ownership(UUID(found[1]), None, f"name {TAG_RESOURCE}={found[1]}") if found else None


def peer_path(document: JsonObject | None, external_id: str, spec: JsonObject) -> str:
    """Where the other network's is; "" when neither ours nor the spec tells which network that is."""
    told = ((document or {}).get("properties", {}).get("remoteVirtualNetwork") or {}).get("id") or spec.get("peer")
    return f"{told}/{_WORD}/{last_segment(external_id)}{PEER}" if told else ""


def side_in(documents: Mapping[str, JsonObject], path: str) -> Side:
    """From documents by id in lower case."""
    return Side(path, documents.get(path.lower()))


async def _sides(az: AzureSession, external_id: str, spec: JsonObject) -> tuple[Side, Side]:
    """With a spec both are read at once."""
    if spec.get("peer"):
        path = peer_path(None, external_id, spec)
        mine, theirs = await gather(az.get_or_none(external_id), az.get_or_none(path))
        return Side(external_id, mine), Side(path, theirs)
    mine = await az.get_or_none(external_id)
    path = peer_path(mine, external_id, spec)
    return Side(external_id, mine), Side(path, await az.get_or_none(path) if path else None)


def _is_left(side: Side) -> bool:
    return side.left


def _is_missing(side: Side) -> bool:
    return side.document is None


def _forwards(side: Side) -> bool:
    return bool((side.document or {}).get("properties", {}).get("allowForwardedTraffic"))


def _id_of(mark: Mark, spec: JsonObject) -> str:
    return f"{spec['network']}/{_WORD}/skyclust-{mark.resource_id}"


def _body(remote: str, spec: JsonObject) -> JsonObject:
    return {
        "properties": {
            "remoteVirtualNetwork": {"id": remote}, "allowVirtualNetworkAccess": True,
            "allowForwardedTraffic": spec["forwarded"], "allowGatewayTransit": False, "useRemoteGateways": False,
        }
    }  # fmt: skip
