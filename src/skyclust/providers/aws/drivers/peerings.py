"""aws.ec2.vpc_peering: a peering connection between two VPCs of one account, with routes in every table of both.

Source: "VPC peering connection lifecycle" and "Update your route tables for a VPC peering connection", Amazon VPC
peering guide. Accepting and routing follow the request as updates, so that each is repaired by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from skyclust.contract.errors import NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, aws, tag_list, tags_of, wanted_tags
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

KIND = "aws.ec2.vpc_peering"
#: Shown for a while after it is over, and then no more.
GONE = frozenset({"deleted", "rejected", "expired"})
PENDING, ACTIVE = "pending-acceptance", "active"
_PHASES = {PENDING: Phase.READY, ACTIVE: Phase.READY, "failed": Phase.FAILED, "deleting": Phase.DELETING}
_OPTION = "AllowDnsResolutionFromRemoteVpc"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two VPCs, seen in its own region, and the range that it must send to the other."""

    session: AwsSession
    vpc_id: str
    destination: str


def sides(session: AwsSession, item: JsonObject) -> tuple[Side, Side]:
    """Requester and accepter, as the connection itself names them."""
    mine, peer = item["RequesterVpcInfo"], item["AccepterVpcInfo"]
    return (
        Side(session.in_region(mine["Region"]), mine["VpcId"], peer.get("CidrBlock", "")),
        Side(session.in_region(peer["Region"]), peer["VpcId"], mine.get("CidrBlock", "")),
    )


class PeeringDriver(Ec2Driver):
    """Spec: name, vpc_id, cidr_block, peer_vpc_id, peer_region, peer_cidr_block, remote_dns, route_tables, tags.

    `route_tables` are those of the requester that we know of: they only say when to look at all of them again.
    """

    kind = KIND
    create_seconds = 5.0
    update_seconds = 5.0
    delete_seconds = 3.0
    resource_type, describe = "vpc-peering-connection", "describe_vpc_peering_connections"
    member, id_member, id_filter = "VpcPeeringConnections", "VpcPeeringConnectionId", "vpc-peering-connection-id"

    async def described(self, session: AwsSession, name: str, *values: str) -> list[JsonObject]:
        """Those that VPCs of this region asked for: between regions a connection is shown in both."""
        found = await super().described(session, name, *values)
        return [item for item in found if item["RequesterVpcInfo"].get("Region", session.region) == session.region]

    def _is_gone(self, item: JsonObject) -> bool:
        return item["Status"]["Code"] in GONE

    def seen(self, item: JsonObject) -> Observed:
        code, peer = item["Status"]["Code"], item["AccepterVpcInfo"]
        fields = {
            "vpc_id": item["RequesterVpcInfo"]["VpcId"], "peer_vpc_id": peer["VpcId"],
            "accepted": code == ACTIVE, "tags": tags_of(item),
        }  # fmt: skip
        name = item["VpcPeeringConnectionId"]
        phase = _PHASES.get(code, Phase.SETTLING)
        return Observed(name, phase, {"id": name}, fields, item["Status"].get("Message", ""))

    async def _read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        seen = self.seen(item)
        if item["Status"]["Code"] != ACTIVE:
            return seen
        name = item["VpcPeeringConnectionId"]
        found = await asyncio.gather(*(_unrouted(side, name) for side in _sides_of(session, spec)))
        more = {"unrouted": sorted(table for tables in found for table in tables), "remote_dns": _remote_dns(item)}
        return replace(seen, fields={**seen.fields, **more})

    def listing_shows(self, item: JsonObject, spec: JsonObject | None) -> Observed | None:
        """The routes are in no list of connections."""
        del spec
        return None if item["Status"]["Code"] == ACTIVE else self.seen(item)

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark
        made = await session.call(
            "ec2", "create_vpc_peering_connection", VpcId=spec["vpc_id"], PeerVpcId=spec["peer_vpc_id"],
            PeerRegion=spec["peer_region"], TagSpecifications=tags,
        )  # fmt: skip
        connection: JsonObject = made["VpcPeeringConnection"]
        return connection

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        fixed = [
            Change(name, fields.get(name), spec[name], replace=True)
            for name in ("vpc_id", "peer_vpc_id")
            if spec[name] != fields.get(name)
        ]
        if not fields.get("accepted"):
            return [*fixed, Change("accepted", False, True)]
        found = [Change("routes", fields["unrouted"], [])] if fields.get("unrouted") else []
        if "remote_dns" in fields and fields["remote_dns"] != spec["remote_dns"]:
            found.append(Change("remote_dns", fields["remote_dns"], spec["remote_dns"]))
        return [*fixed, *found]

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Accepting comes with the mark for the accepter's region, which keeps tags of its own."""
        await super().update(session, external_id, spec, changes, mark)
        peer = aws(session).in_region(spec["peer_region"])
        if peer.region != session.region and any(change.field in ("accepted", "tags") for change in changes):
            tags = tag_list({**wanted_tags(spec), **mark.tags()})
            await peer.call("ec2", "create_tags", Resources=[external_id], Tags=tags)

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        peer = session.in_region(spec["peer_region"])
        if "accepted" in fields:
            await peer.call("ec2", "accept_vpc_peering_connection", VpcPeeringConnectionId=external_id)
        if "routes" in fields:
            for side in _sides_of(session, spec):
                for table in await _tables(side):
                    await _route(side, table, external_id)
        if "remote_dns" in fields:
            await _allow_dns(session, peer, external_id, wanted=spec["remote_dns"])

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        """Routes first: AWS would leave them as black holes."""
        for side in sides(session, item):
            for table, route in _routes_over(await _tables(side), external_id):
                await _unroute(side, table, route)
        try:
            await session.call("ec2", "delete_vpc_peering_connection", VpcPeeringConnectionId=external_id)
        except NotFound:
            return


def _sides_of(session: AwsSession, spec: JsonObject) -> tuple[Side, Side]:
    return (
        Side(session, spec["vpc_id"], spec["peer_cidr_block"]),
        Side(session.in_region(spec["peer_region"]), spec["peer_vpc_id"], spec["cidr_block"]),
    )


async def _tables(side: Side) -> list[JsonObject]:
    where = [{"Name": "vpc-id", "Values": [side.vpc_id]}]
    return await side.session.listed("ec2", "describe_route_tables", "RouteTables", Filters=where)


def _routes_over(tables: Iterable[JsonObject], connection: str) -> Iterator[tuple[str, JsonObject]]:
    for table in tables:
        for route in table.get("Routes") or []:
            if route.get("VpcPeeringConnectionId") == connection:
                yield table["RouteTableId"], route


async def _unrouted(side: Side, connection: str) -> list[str]:
    """Tables without our route to the other side."""
    tables = await _tables(side)
    routed = {
        table for table, route in _routes_over(tables, connection)
        if route.get("DestinationCidrBlock") == side.destination
    }  # fmt: skip
    return [table["RouteTableId"] for table in tables if table["RouteTableId"] not in routed]


async def _route(side: Side, table: JsonObject, connection: str) -> None:
    """A route that leads nowhere any more is replaced; somebody else's that leads somewhere is let be and named."""
    here = {
        "RouteTableId": table["RouteTableId"], "DestinationCidrBlock": side.destination,
        "VpcPeeringConnectionId": connection,
    }  # fmt: skip
    same = (route for route in table.get("Routes") or [] if route.get("DestinationCidrBlock") == side.destination)
    route: Mapping[str, Any] | None = next(same, None)
    if route is None:
        await side.session.call("ec2", "create_route", **here)
    elif route.get("VpcPeeringConnectionId") == connection:
        return
    elif route.get("State") == "blackhole":
        await side.session.call("ec2", "replace_route", **here)
    else:
        raise NameTaken(
            f"The route table {table['RouteTableId']} of {side.vpc_id} sends {side.destination} elsewhere already, by "
            "a route that is not ours. Remove that route, then resume.",
            operation="ec2:CreateRoute",
        )


async def _unroute(side: Side, table: str, route: JsonObject) -> None:
    try:
        await side.session.call(
            "ec2", "delete_route", RouteTableId=table, DestinationCidrBlock=route["DestinationCidrBlock"]
        )
    except NotFound:
        return


def _remote_dns(item: JsonObject) -> bool:
    return all(
        (item[side].get("PeeringOptions") or {}).get(_OPTION, False) for side in ("RequesterVpcInfo", "AccepterVpcInfo")
    )


async def _allow_dns(session: AwsSession, peer: AwsSession, connection: str, *, wanted: bool) -> None:
    """Names of one side resolve to private addresses on the other. Each region takes its own side's option only."""
    option = {_OPTION: wanted}
    mine, theirs = {"RequesterPeeringConnectionOptions": option}, {"AccepterPeeringConnectionOptions": option}
    calls = [(session, mine | theirs)] if peer.region == session.region else [(session, mine), (peer, theirs)]
    for where, options in calls:
        await where.call("ec2", "modify_vpc_peering_connection_options", VpcPeeringConnectionId=connection, **options)
