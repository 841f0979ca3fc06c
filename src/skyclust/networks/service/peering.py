"""Peer two networks of ours, and part them again. A peering stands in the spec and the stack of the one that asked.

Invariant: ranges that overlap are refused before anything is made, and neither network goes while the other still
speaks of it: deleting one takes the peering out of the other in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import PeeringSpec, network_from_json, network_to_json
from skyclust.kit.problems import FieldError, invalid, not_found
from skyclust.networks import parts, queries
from skyclust.networks.answers import Standing
from skyclust.networks.cidrs import parse_cidr
from skyclust.networks.errors import network_not_ready, not_offered, read_only
from skyclust.networks.models import NetworkRow
from skyclust.networks.schemas import PeeringAnswer, PeeringBody
from skyclust.networks.service.applying import Begin, Json, begun
from skyclust.networks.service.changing import Change, change_network, check_credential
from skyclust.networks.service.creating import plan_network, target_of
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.parts import Part
from skyclust.networks.service.reading import network_standing
from skyclust.networks.states import PEERING_PREFIX, cloud_id, part_rows, part_state
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.asking import Asked
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.rows import ResourceRow
from skyclust.workspaces.permissions import Permission

CAPABILITY = "network.peering"
MINE, PEER = "/network_id", "/peer_network_id"
CREATED, DELETED = "network.peering_create_requested", "network.peering_delete_requested"


@dataclass(frozen=True, slots=True)
class Asking:
    """A network whose spec has peerings with another, and the rows of those."""

    row: NetworkRow
    names: tuple[str, ...]
    resources: Sequence[ResourceRow]


# ---- making ----
async def create_peering(errand: Errand, provider: Provider, body: PeeringBody) -> Json | PlanAnswer:
    """The begun operation on the network that asks, or the plan on a dry run."""
    if CAPABILITY not in provider.capabilities:
        raise not_offered(provider.title, "peering of networks")
    async with errand.session() as session:
        mine, peer = [
            await network_standing(session, errand, provider.name, wanted, Permission.NETWORKS_UPDATE)
            for wanted in (body.network_id, body.peer_network_id)
        ]
        check_credential(mine, body.credential_id)
        _check_pair(mine, peer)
        _check_ranges(mine.row, peer.row, await _known(session, mine.row))
        _check_ranges(peer.row, mine.row, await _known(session, peer.row))
    peering = _peering(body, peer)
    change = Change(
        "peering.create", CREATED, {"peering": body.name, "peer_network_id": peering.network, "peer": peer.row.name},
        lambda spec: parts.with_peering(spec, peering), lambda spec: parts.of_last_part("peerings", spec),
        beside=peer.row.id,
    )  # fmt: skip
    return await change_network(errand.citing(body.plan_digest), mine, change)


def _peering(body: PeeringBody, peer: Standing) -> PeeringSpec:
    network_id = cloud_id(peer.resources)
    if network_id is None:
        raise network_not_ready(peer.row.name)
    block = str(peer.row.spec["cidr_block"])
    return PeeringSpec(body.name, str(peer.row.id), network_id, peer.row.region, block, dict(body.options))


def _check_pair(mine: Standing, peer: Standing) -> None:
    """Two networks of one workspace and account, both ours to change."""
    if mine.row.id == peer.row.id:
        raise invalid([FieldError(PEER, "A network is not peered with itself. Give another network.")])
    if (mine.row.workspace_id, mine.row.account) != (peer.row.workspace_id, peer.row.account):
        detail = (
            f"{peer.row.name!r} lies in another workspace or cloud account than {mine.row.name!r}. Networks of one "
            "account and workspace are peered from here: the other side would have to agree."
        )
        raise invalid([FieldError(PEER, detail)])
    if not peer.managed:  # a peering changes the routes of both; the asking one is checked with every change
        raise read_only("network", peer.row.name)


async def _known(session: AsyncSession, row: NetworkRow) -> list[tuple[str, str, str]]:
    """(peering, the other network's id, its range) of every peering that a network has, whoever asked for it."""
    own = [(item.name, item.network, item.cidr_block) for item in network_from_json(row.spec).peerings]
    for other in await queries.asking_to_peer(session, row.workspace_id, row.id):
        theirs = [item.name for item in network_from_json(other.spec).peerings if item.network == str(row.id)]
        own += [(name, str(other.id), str(other.spec["cidr_block"])) for name in theirs]
    return own


def _check_ranges(mine: NetworkRow, peer: NetworkRow, known: Sequence[tuple[str, str, str]]) -> None:
    """No route can tell two networks apart whose ranges overlap: not the pair's, nor those of one's other peers."""
    for name, network, _ in known:
        if network == str(peer.id):
            raise parts.peered_already(name)
    wanted, own = str(peer.spec["cidr_block"]), str(mine.spec["cidr_block"])
    errors = [
        FieldError(PEER, _overlap(peer.name, wanted, whose, block))
        for whose, block in ((f"the network {mine.name!r}", own), *_others(mine, known))
        if _overlaps(wanted, block)
    ]
    if errors:
        raise invalid(errors)


def _others(mine: NetworkRow, known: Sequence[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for name, _, block in known:
        yield f"what the peering {name!r} of {mine.name!r} leads to", block


def _overlap(peer: str, wanted: str, whose: str, block: str) -> str:
    return (
        f"{wanted} of the network {peer!r} overlaps {block} of {whose}: no route could tell the two apart. Peer "
        "networks whose ranges do not overlap; GET /networks:free-ranges lists ranges for a new one."
    )


def _overlaps(one: str, other: str) -> bool:
    first, second = parse_cidr(one), parse_cidr(other)
    return isinstance(first, IPv4Network) and isinstance(second, IPv4Network) and first.overlaps(second)


# ---- parting ----
async def delete_peering(errand: Errand, part: Part) -> Json | PlanAnswer:
    """The begun operation on the network that asked for it, or the plan on a dry run."""
    change = Change(
        "peering.delete", DELETED, {"peering": part.name}, lambda spec: parts.without_peerings(spec, [part.name])
    )
    return await change_network(errand, part.standing, change)


async def asking_for(session: AsyncSession, row: NetworkRow) -> list[Asking]:
    """Networks that have a peering with this one in their own stack."""
    found = []
    for other in await queries.asking_to_peer(session, row.workspace_id, row.id):
        peerings = network_from_json(other.spec).peerings
        names = tuple(item.name for item in peerings if item.network == str(row.id))
        rows = await load_rows(session, other.stack_id)
        own = [resource for name in names for resource in part_rows(rows, PEERING_PREFIX + name)]
        found.append(Asking(other, names, own))
    return found


def peering_findings(row: NetworkRow, asking: Sequence[Asking]) -> tuple[Finding, ...]:
    """What a plan of deletion says of peerings with the network: its own and others' go with it."""
    own = [(item.name, row.name) for item in network_from_json(row.spec).peerings]
    theirs = [(name, item.row.name) for item in asking for name in item.names]
    return tuple(
        Finding("warning", "", f"The peering {name!r} of the network {whose!r} goes with it.", "peering")
        for name, whose in (*own, *theirs)
    )


async def part_from(session: AsyncSession, errand: Errand, asking: Sequence[Asking]) -> None:
    """Begin to take the peerings out of the networks that have them. Call before the network's own deletion begins.

    409 while one of those networks has another operation under way.
    """
    for item in asking:
        row, provider = item.row, errand.provider(item.row.provider)
        spec = parts.without_peerings(network_from_json(row.spec), item.names)
        plan = plan_network(provider, spec, tuple(await load_rows(session, row.stack_id)))
        row.previous_spec, row.spec = row.spec, network_to_json(spec)
        row.generation += 1
        data = {"provider": row.provider, "region": row.region, "peering": ", ".join(item.names)}
        await begun(session, replace(errand, asked=Asked()), Begin(
            row.workspace_id, row.stack_id, "peering.delete", target_of(row), plan, provider.network_blueprint(spec),
            DELETED, data, row.previous_spec,
        ))  # fmt: skip


# ---- showing ----
def peering_answer(part: Part) -> PeeringAnswer:
    """A peering's wire shape. One that is on its way out is in the spec no more, but in the one before."""
    network, spec, row = part.standing.row, part.standing.spec, part.rows[0]
    before = network_from_json(network.previous_spec).peerings if network.previous_spec else ()
    asked = next((item for item in (*spec.peerings, *before) if item.name == part.name), None)
    if asked is None:
        raise not_found("peering")
    return PeeringAnswer(
        id=part.id,
        name=part.name,
        provider=network.provider,
        network_id=network.id,
        vpc_id=cloud_id(part.standing.resources),
        region=network.region,
        cidr_block=spec.cidr_block,
        peer_network_id=asked.network,  # type: ignore[arg-type]  # pydantic reads the id out of its text
        peer_vpc_id=asked.network_id,
        peer_region=asked.region,
        peer_cidr_block=asked.cidr_block,
        options=asked.options,
        external_id=row.external_id,
        state=part_state(part.rows),
        message=row.message,
    )
