"""aws.ec2.vpc: the network itself, with its two DNS attributes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from skyclust.contract.errors import InUse
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, changed, tags_of
from skyclust.providers.aws.sessions import AwsSession

#: Spec field -> EC2's attribute.
ATTRIBUTES = {"enable_dns_support": "EnableDnsSupport", "enable_dns_hostnames": "EnableDnsHostnames"}

#: States of a peering connection that keeps its VPCs.
LIVE = ["pending-acceptance", "active", "provisioning"]


class VpcDriver(Ec2Driver):
    """Spec: name, cidr_block, enable_dns_support, enable_dns_hostnames, tags."""

    kind = "aws.ec2.vpc"
    create_seconds = 12.0
    resource_type, describe, member = "vpc", "describe_vpcs", "Vpcs"
    id_member, id_filter = "VpcId", "vpc-id"

    def seen(self, item: JsonObject) -> Observed:
        phase = Phase.READY if item["State"] == "available" else Phase.SETTLING
        outputs = {"id": item["VpcId"], "cidr_block": item["CidrBlock"], "account": item.get("OwnerId", "")}
        return Observed(item["VpcId"], phase, outputs, {"cidr_block": item["CidrBlock"], "tags": tags_of(item)})

    async def _read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        seen = self.seen(item)
        if seen.phase is not Phase.READY:
            return seen
        names = [name for name in ATTRIBUTES if name in spec]
        values = await asyncio.gather(*(_attribute(session, item["VpcId"], ATTRIBUTES[name]) for name in names))
        return replace(seen, fields={**seen.fields, **dict(zip(names, values, strict=True))})

    def listing_shows(self, item: JsonObject, spec: JsonObject | None) -> Observed | None:
        """The DNS attributes are in no list."""
        seen = self.seen(item)
        asked = spec is None or any(name in spec for name in ATTRIBUTES)
        return None if asked and seen.phase is Phase.READY else seen

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark
        made = await session.call("ec2", "create_vpc", CidrBlock=spec["cidr_block"], TagSpecifications=tags)
        vpc: JsonObject = made["Vpc"]
        return vpc

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        return changed(("cidr_block", *ATTRIBUTES), spec, fields, replace=("cidr_block",))

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        for name, attribute in ATTRIBUTES.items():  # EC2 takes one attribute a call
            if name in fields:
                value = {attribute: {"Value": spec[name]}}
                await session.call("ec2", "modify_vpc_attribute", VpcId=external_id, **value)

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        del item
        try:
            await session.call("ec2", "delete_vpc", VpcId=external_id)
        except InUse as error:
            held = await _contents(session, external_id)
            raise InUse(
                f"{error.message} It holds: {', '.join(held) or 'something AWS does not name'}.", blockers=held,
                operation=error.operation, code=error.code,
            ) from None  # fmt: skip

    async def _surroundings(self, session: AwsSession, external_id: str) -> JsonObject:
        del session
        return {"Name": "vpc-id", "Values": [external_id]}


async def _attribute(session: AwsSession, vpc_id: str, attribute: str) -> bool:
    answer = await session.call(
        "ec2", "describe_vpc_attribute", VpcId=vpc_id, Attribute=attribute[0].lower() + attribute[1:]
    )
    return bool(answer[attribute]["Value"])


async def _contents(session: AwsSession, vpc_id: str) -> tuple[str, ...]:
    """Subnets, gateways, groups, interfaces and peerings that keep a VPC from being deleted."""
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    living = {"Name": "status-code", "Values": LIVE}
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]
    subnets, groups, gateways, interfaces, asked, agreed = await asyncio.gather(
        session.listed("ec2", "describe_subnets", "Subnets", Filters=in_vpc),
        session.listed("ec2", "describe_security_groups", "SecurityGroups", Filters=in_vpc),
        session.listed("ec2", "describe_internet_gateways", "InternetGateways", Filters=attached),
        session.listed("ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=in_vpc),
        *(
            session.listed(
                "ec2", "describe_vpc_peering_connections", "VpcPeeringConnections",
                Filters=[{"Name": f"{side}-vpc-info.vpc-id", "Values": [vpc_id]}, living],
            )
            for side in ("requester", "accepter")
        ),
    )  # fmt: skip
    names = [item["SubnetId"] for item in subnets]
    names += [item["GroupId"] for item in groups if item["GroupName"] != "default"]
    names += [item["InternetGatewayId"] for item in gateways]
    names += [item["NetworkInterfaceId"] for item in interfaces]
    names += [item["VpcPeeringConnectionId"] for item in (*asked, *agreed)]
    return tuple(names)
