"""Find and show what is inside our networks: subnets, security groups, peerings. They have no rows of their own:

a part is what the spec says of it plus the resources of the network's stack under its key. Its id is its resource's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.specs import FirewallRuleSpec
from skyclust.kit.pagination import MAX_LIMIT
from skyclust.kit.problems import not_found
from skyclust.networks import queries
from skyclust.networks.answers import Standing
from skyclust.networks.parts import rule_id
from skyclust.networks.queries import Filter
from skyclust.networks.schemas import RuleAnswer, SecurityGroupAnswer, SubnetAnswer
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.reading import network_standing, standings
from skyclust.networks.states import GROUP_PREFIX, PEERING_PREFIX, SUBNET_PREFIX, cloud_id, part_rows, part_state
from skyclust.provisioning.rows import ResourceRow, State
from skyclust.workspaces.permissions import Permission

WORDS = {SUBNET_PREFIX: "subnet", GROUP_PREFIX: "security group", PEERING_PREFIX: "peering"}


@dataclass(frozen=True, slots=True)
class Part:
    """A subnet, group or peering of a network."""

    standing: Standing
    name: str
    rows: Sequence[ResourceRow]

    @property
    def id(self) -> UUID:
        """The id of its first resource."""
        return self.rows[0].id


async def find_part(
    errand: Errand, provider: str, wanted: str, prefix: str, permission: Permission = Permission.NETWORKS_READ
) -> Part:
    """A part by our id or the cloud's; 404 when there is none one may see."""
    async with errand.session() as session:
        allowed = errand.caller.workspace_ids(Permission.NETWORKS_READ)
        found = await queries.by_part(session, allowed, provider, prefix, wanted)
        for standing in await standings(session, found):
            for part in parts_of(standing, prefix):
                if wanted in _names_of(part):
                    errand.caller.require(standing.row.workspace_id, permission)
                    return part
    raise not_found(WORDS[prefix])


def _names_of(part: Part) -> set[str]:
    ids = {str(row.id) for row in part.rows} | {row.external_id for row in part.rows if row.external_id}
    return ids | {str(row.outputs["id"]) for row in part.rows if "id" in row.outputs}


async def list_parts(errand: Errand, which: Filter, vpc: str | None, prefix: str) -> list[Part]:
    """Parts of one network, or of all networks that fit."""
    async with errand.session() as session:
        found = await _networks(session, errand, which, vpc)
    return [part for standing in found for part in parts_of(standing, prefix)]


async def _networks(session: AsyncSession, errand: Errand, which: Filter, vpc: str | None) -> list[Standing]:
    if vpc is not None:
        return [await network_standing(session, errand, which.provider, vpc)]
    allowed = errand.caller.workspace_ids(Permission.NETWORKS_READ)
    return await standings(session, await queries.list_networks(session, allowed, which, limit=MAX_LIMIT))


def parts_of(standing: Standing, prefix: str) -> Iterator[Part]:
    """Every living part of a network."""
    names: list[str] = []
    for row in standing.resources:
        theirs = row.adopted and standing.managed
        if row.key.startswith(prefix) and row.state is not State.GONE and not theirs:
            name = row.key.removeprefix(prefix).partition("/")[0]
            if name not in names:
                names.append(name)
    for name in names:
        yield Part(standing, name, part_rows(standing.resources, prefix + name))


def subnet_answer(part: Part) -> SubnetAnswer:
    """A subnet's wire shape."""
    network, row = part.standing.row, part.rows[0]
    asked = next((subnet for subnet in part.standing.spec.subnets if subnet.name == part.name), None)
    zone = row.spec.get("zone") or row.spec.get("availability_zone")
    return SubnetAnswer(
        id=part.id,
        name=part.name,
        network_id=network.id,
        vpc_id=cloud_id(part.standing.resources),
        external_id=row.external_id,
        provider=network.provider,
        region=network.region,
        cidr_block=asked.cidr_block if asked else row.spec.get("cidr_block"),
        availability_zone=asked.zone if asked else zone,
        public=asked.public if asked else row.spec.get("public"),
        state=part_state(part.rows),
        message=row.message,
        editable=asked is not None and network.owner_cluster_id is None and part.standing.managed,
    )


def group_answer(part: Part) -> SecurityGroupAnswer:
    """A security group's wire shape. One that was made with the network shows no rules: they are the provider's."""
    network, row = part.standing.row, part.rows[0]
    asked = next((group for group in part.standing.spec.security_groups if group.name == part.name), None)
    return SecurityGroupAnswer(
        id=part.id,
        name=part.name,
        description=asked.description if asked else row.title,
        network_id=network.id,
        vpc_id=cloud_id(part.standing.resources),
        external_id=row.external_id,
        provider=network.provider,
        region=network.region,
        rules=[rule_answer(part.name, rule) for rule in asked.rules] if asked else [],
        state=part_state(part.rows),
        message=row.message,
        editable=asked is not None and network.owner_cluster_id is None and part.standing.managed,
    )


def rule_answer(group: str, rule: FirewallRuleSpec) -> RuleAnswer:
    """A rule's wire shape."""
    return RuleAnswer(
        id=rule_id(group, rule),
        direction=rule.direction,
        protocol=rule.protocol,
        from_port=rule.from_port,
        to_port=rule.to_port,
        cidrs=list(rule.cidrs),
        description=rule.description,
        action=rule.action,
    )
