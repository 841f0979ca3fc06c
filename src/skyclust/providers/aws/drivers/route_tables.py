"""aws.ec2.route_table: where the traffic of some subnets goes. Routes and associations are brought in by updates."""

from __future__ import annotations

from typing import Any

from skyclust.contract.errors import NameTaken
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, tags_of
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

#: How a target's id begins -> the parameter of CreateRoute that takes it.
_TARGETS = {"igw-": "GatewayId", "nat-": "NatGatewayId"}


class RouteTableDriver(Ec2Driver):
    """Spec: name, vpc_id, routes [{destination, target}], subnet_ids, tags. Other people's routes are let be."""

    kind = "aws.ec2.route_table"
    create_seconds = 2.0
    resource_type, describe, member = "route-table", "describe_route_tables", "RouteTables"
    id_member, id_filter = "RouteTableId", "route-table-id"

    def seen(self, item: JsonObject) -> Observed:
        routes = [
            {
                "destination": route["DestinationCidrBlock"],
                "target": route.get("NatGatewayId") or route.get("GatewayId"),
            }
            for route in item.get("Routes") or []
            if route.get("DestinationCidrBlock")
            and route.get("GatewayId") != "local"
            and not route.get("VpcPeeringConnectionId")  # see peerings.py
        ]
        subnets = sorted(link["SubnetId"] for link in item.get("Associations") or [] if link.get("SubnetId"))
        fields = {"routes": routes, "subnet_ids": subnets, "tags": tags_of(item)}
        return Observed(item["RouteTableId"], Phase.READY, {"id": item["RouteTableId"]}, fields)

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark
        made = await session.call("ec2", "create_route_table", VpcId=spec["vpc_id"], TagSpecifications=tags)
        table: JsonObject = made["RouteTable"]
        return table

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        found = []
        seen = {route["destination"]: route["target"] for route in fields.get("routes", [])}
        if any(seen.get(route["destination"]) != route["target"] for route in spec["routes"]):
            found.append(Change("routes", fields.get("routes", []), spec["routes"]))
        if sorted(spec["subnet_ids"]) != fields.get("subnet_ids", []):
            found.append(Change("subnet_ids", fields.get("subnet_ids", []), sorted(spec["subnet_ids"])))
        return found

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        found = await self.described(session, self.id_filter, external_id)
        if not found:
            return
        if "routes" in fields:
            seen = self.seen(found[0]).fields["routes"]
            for route in spec["routes"]:
                if route not in seen:
                    await _set_route(session, external_id, route)
        if "subnet_ids" in fields:
            await _associate(session, external_id, found[0], spec["subnet_ids"])

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        await _associate(session, external_id, item, [])
        await session.call("ec2", "delete_route_table", RouteTableId=external_id)


async def _set_route(session: AwsSession, table: str, route: JsonObject) -> None:
    target = {_TARGETS[route["target"][:4]]: route["target"]}
    parameters = {"RouteTableId": table, "DestinationCidrBlock": route["destination"], **target}
    try:
        await session.call("ec2", "create_route", **parameters)
    except NameTaken:
        await session.call("ec2", "replace_route", **parameters)


async def _associate(session: AwsSession, table: str, item: JsonObject, wanted: list[str]) -> None:
    links = {link["SubnetId"]: link for link in item.get("Associations") or [] if link.get("SubnetId")}
    for subnet in [subnet for subnet in wanted if subnet not in links]:
        await session.call("ec2", "associate_route_table", RouteTableId=table, SubnetId=subnet)
    for link in [link for subnet, link in links.items() if subnet not in wanted]:
        try:
            await session.call("ec2", "disassociate_route_table", AssociationId=link["RouteTableAssociationId"])
        except NotFound:
            continue
