"""gcp.compute.peering: VPC Network Peering, which each network has an entry of in its own document.

Google routes between the two by itself once both entries are there. An entry has neither labels nor a description, so
its name carries our mark; entries are made and removed one call at a time, since Google works on one at a time.
https://cloud.google.com/vpc/docs/vpc-peering
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from skyclust.contract.provider import Session
from skyclust.contract.resources import TAG_RESOURCE, Change, JsonObject, Mark, Observed, Phase
from skyclust.contract.surveys import Known, Ownership, Sighting
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import NotFound
from skyclust.providers.gcp.drivers.operations import operations_on
from skyclust.providers.gcp.naming import last_segment, network_path, relative_path, segment_after
from skyclust.providers.gcp.sessions import GcpSession, gcp_session

KIND = "gcp.compute.peering"
MINE, THEIRS = "mine", "theirs"
BOTH = [MINE, THEIRS]
_NAME = re.compile(r"skyclust-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-peer)?")
_ADDING, _REMOVING = "addPeering", "removePeering"


@dataclass(frozen=True, slots=True)
class _Half:
    """One network's entry, and what Google is doing to its peerings."""

    network: str
    entry: JsonObject | None
    running: frozenset[str] = field(default_factory=frozenset)


class PeeringDriver:
    """Spec: name, network, peer, custom_routes. `network` and `peer` are paths; the outputs are the id alone."""

    kind = KIND
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Two operations one after the other."""
        del spec
        return {"create": 25.0, "update": 12.0, "delete": 25.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By the name that the mark gives."""
        return await self.observe(session, _id_of(gcp_session(session), mark, spec), spec)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """None when neither network has its entry, and nobody is about to make one."""
        gcp = gcp_session(session)
        network, name = _parts(external_id)
        mine = await _half(gcp, network, name)
        peer = _peer_of(gcp, mine, spec)
        theirs = await _half(gcp, peer, f"{name}-peer") if peer else _Half("", None)
        return shown(external_id, mine, theirs)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Our network's entry; the other's follows as an update."""
        gcp = gcp_session(session)
        external_id = _id_of(gcp, mark, spec)
        found = await self.observe(session, external_id, spec)
        if found is not None:
            return found
        network, name = _parts(external_id)
        await _add(gcp, network, name, network_path(spec["peer"], gcp.project), spec, mark.token)
        return Observed(external_id, Phase.SETTLING, {"id": external_id}, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Which of the two entries are there."""
        del spec
        seen = observed.fields.get("sides", [])
        return () if seen == BOTH else (Change("sides", seen, BOTH),)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """The entry that is missing."""
        del changes, mark
        gcp = gcp_session(session)
        network, name = _parts(external_id)
        peer = network_path(spec["peer"], gcp.project)
        if (await _half(gcp, network, name)).entry is None:
            await _add(gcp, network, name, peer, spec)
        elif (await _half(gcp, peer, f"{name}-peer")).entry is None:
            await _add(gcp, peer, f"{name}-peer", network, spec)

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """One entry a call, the other network's first: ours tells which network that is. The name is the mark."""
        del mark
        gcp = gcp_session(session)
        network, name = _parts(external_id)
        mine = await _half(gcp, network, name)
        peer = _peer_of(gcp, mine, spec)
        theirs = await _half(gcp, peer, f"{name}-peer") if peer else None
        if theirs is not None and theirs.entry is not None:
            await _remove(gcp, theirs.network, f"{name}-peer")
        elif mine.entry is not None:
            await _remove(gcp, network, name)


def shown(external_id: str, mine: _Half, theirs: _Half) -> Observed | None:
    """What a read of both networks says."""
    running = mine.running | theirs.running
    sides = [side for side, half in ((MINE, mine), (THEIRS, theirs)) if half.entry is not None]
    outputs = {"id": external_id}
    if _ADDING in running:
        return Observed(external_id, Phase.SETTLING, outputs, {"sides": sides}, "Google is at it (addPeering)")
    if not sides:
        return None
    if _REMOVING in running:
        return Observed(external_id, Phase.DELETING, outputs, {"sides": sides}, "Google is removing it")
    details = str((mine.entry or theirs.entry or {}).get("stateDetails", ""))
    return Observed(external_id, Phase.READY, outputs, {"sides": sides}, "" if sides == BOTH else details)


def sightings(
    gcp: GcpSession, networks: Sequence[JsonObject], running: Mapping[str, Sequence[JsonObject]] | None,
    known: Sequence[Known],
) -> Iterator[Sighting]:  # fmt: skip
    """Peerings of ours, from the documents of all networks; each once, as the network has it that asked for it."""
    halves: dict[tuple[str, str], JsonObject] = {}
    for document in networks:
        path = relative_path(str(document["selfLink"]))
        halves |= {(path, entry["name"]): entry for entry in document.get("peerings") or []}
    wanted = {item.external_id: item.spec for item in known}
    ids = {f"{path}/networkPeerings/{name}" for path, name in halves if owner_of(name) and not name.endswith("-peer")}
    for external_id in sorted({*ids, *wanted}):
        network, name = _parts(external_id)
        mine = _half_in(halves, running, network, name)
        peer = _peer_of(gcp, mine, wanted.get(external_id, {}))
        seen = shown(external_id, mine, _half_in(halves, running, peer, f"{name}-peer"))
        if seen is not None and seen.phase is not Phase.DELETING:
            yield Sighting(KIND, external_id, name, owner_of(name), None if running is None else seen)


def owner_of(name: str) -> Ownership | None:
    """Whose mark an entry's name is."""
    found = _NAME.fullmatch(name)
    return Ownership(UUID(found[1]), None, f"name {TAG_RESOURCE}={found[1]}") if found else None


def _half_in(
    halves: Mapping[tuple[str, str], JsonObject], running: Mapping[str, Sequence[JsonObject]] | None, network: str,
    name: str,
) -> _Half:  # fmt: skip
    return _Half(network, halves.get((network, name)), _kinds((running or {}).get(network, ())))


def _kinds(operations: Sequence[JsonObject]) -> frozenset[str]:
    return frozenset(str(row.get("operationType")) for row in operations if row.get("status") != "DONE")


async def _half(gcp: GcpSession, network: str, name: str) -> _Half:
    """Operations are read before the document: what ends in between shows in it."""
    operations = await operations_on(gcp, network)
    document = await gcp.read_or_none(partial(_get, network))
    entries = (document or {}).get("peerings") or []
    return _Half(network, next((item for item in entries if item["name"] == name), None), _kinds(operations))


def _peer_of(gcp: GcpSession, mine: _Half, spec: JsonObject) -> str:
    """The other network's path; "" when neither the entry nor the spec tells."""
    told = (mine.entry or {}).get("network") or spec.get("peer") or ""
    return network_path(str(told), gcp.project) if told else ""


def _id_of(gcp: GcpSession, mark: Mark, spec: JsonObject) -> str:
    return f"{network_path(spec['network'], gcp.project)}/networkPeerings/skyclust-{mark.resource_id}"


def _parts(external_id: str) -> tuple[str, str]:
    network, _, name = external_id.partition("/networkPeerings/")
    return network, name


async def _add(
    gcp: GcpSession, network: str, name: str, peer: str, spec: JsonObject, token: str | None = None
) -> None:  # fmt: skip
    """Subnet routes go both ways always; routes that people made, on request."""
    custom = bool(spec.get("custom_routes"))
    entry = {
        "name": name, "network": peer, "exchangeSubnetRoutes": True, "exportCustomRoutes": custom,
        "importCustomRoutes": custom,
    }  # fmt: skip
    body = {"networkPeering": entry}
    once = {"requestId": token} if token else {}
    await gcp.write(lambda apis: apis.compute.networks().addPeering(**_named(network), body=body, **once))


async def _remove(gcp: GcpSession, network: str, name: str) -> None:
    try:
        await gcp.write(lambda apis: apis.compute.networks().removePeering(**_named(network), body={"name": name}))
    except NotFound:
        return


def _get(network: str, apis: Apis) -> Any:
    return apis.compute.networks().get(**_named(network))


def _named(network: str) -> dict[str, str]:
    return {"project": segment_after(network, "projects"), "network": last_segment(network)}
