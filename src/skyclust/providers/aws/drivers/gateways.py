"""Ways out of a network: aws.ec2.internet_gateway, aws.ec2.elastic_ip, aws.ec2.nat_gateway."""

from __future__ import annotations

from typing import Any

from skyclust.contract.errors import InUse, InvalidSpec
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, changed, tags_of
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession


class InternetGatewayDriver(Ec2Driver):
    """Spec: name, vpc_id, tags. Created unattached; the attachment is the first update."""

    kind = "aws.ec2.internet_gateway"
    create_seconds = 1.0
    resource_type, describe, member = "internet-gateway", "describe_internet_gateways", "InternetGateways"
    id_member, id_filter = "InternetGatewayId", "internet-gateway-id"

    def seen(self, item: JsonObject) -> Observed:
        attached = [attachment["VpcId"] for attachment in item.get("Attachments") or []]
        gateway = item["InternetGatewayId"]
        fields = {"vpc_id": attached[0] if attached else None, "tags": tags_of(item)}
        return Observed(gateway, Phase.READY, {"id": gateway}, fields)

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark, spec
        gateway: JsonObject = (await session.call("ec2", "create_internet_gateway", TagSpecifications=tags))[
            "InternetGateway"
        ]
        return gateway

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        return changed(("vpc_id",), spec, fields)

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        if "vpc_id" in fields:
            try:
                await session.call(
                    "ec2", "attach_internet_gateway", InternetGatewayId=external_id, VpcId=spec["vpc_id"]
                )
            except InUse as error:
                if error.code != "Resource.AlreadyAssociated":
                    raise

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        for attachment in item.get("Attachments") or []:
            try:
                await session.call(
                    "ec2", "detach_internet_gateway", InternetGatewayId=external_id, VpcId=attachment["VpcId"]
                )
            except InvalidSpec as error:
                if error.code != "Gateway.NotAttached":
                    raise
        await session.call("ec2", "delete_internet_gateway", InternetGatewayId=external_id)

    async def _surroundings(self, session: AwsSession, external_id: str) -> JsonObject:
        found = await self.described(session, self.id_filter, external_id)
        attached = [attachment["VpcId"] for item in found for attachment in item.get("Attachments") or []]
        return {"Name": "vpc-id", "Values": attached} if attached else {}


class ElasticIpDriver(Ec2Driver):
    """Spec: name, tags."""

    kind = "aws.ec2.elastic_ip"
    create_seconds = 1.0
    resource_type, describe, member = "elastic-ip", "describe_addresses", "Addresses"
    id_member, id_filter = "AllocationId", "allocation-id"

    def seen(self, item: JsonObject) -> Observed:
        allocation = item["AllocationId"]
        outputs = {"id": allocation, "public_ip": item.get("PublicIp", "")}
        return Observed(allocation, Phase.READY, outputs, {"tags": tags_of(item)})

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark, spec
        return await session.call("ec2", "allocate_address", Domain="vpc", TagSpecifications=tags)

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        del item
        await session.call("ec2", "release_address", AllocationId=external_id)


_NAT_PHASES = {"pending": Phase.SETTLING, "available": Phase.READY, "failed": Phase.FAILED, "deleting": Phase.DELETING}


class NatGatewayDriver(Ec2Driver):
    """Spec: name, subnet_id, allocation_id, tags."""

    kind = "aws.ec2.nat_gateway"
    create_seconds = 106.0
    delete_seconds = 60.0
    resource_type, describe, member = "natgateway", "describe_nat_gateways", "NatGateways"
    id_member, id_filter, filters = "NatGatewayId", "nat-gateway-id", "Filter"

    def _is_gone(self, item: JsonObject) -> bool:
        return bool(item["State"] == "deleted")

    def seen(self, item: JsonObject) -> Observed:
        gateway = item["NatGatewayId"]
        addresses = item.get("NatGatewayAddresses") or [{}]
        fields = {
            "subnet_id": item.get("SubnetId"), "allocation_id": addresses[0].get("AllocationId"), "tags": tags_of(item),
        }  # fmt: skip
        outputs = {"id": gateway, "public_ip": addresses[0].get("PublicIp", "")}
        phase = _NAT_PHASES.get(item["State"], Phase.SETTLING)
        return Observed(gateway, phase, outputs, fields, item.get("FailureMessage") or "")

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        made = await session.call(
            "ec2", "create_nat_gateway", SubnetId=spec["subnet_id"], AllocationId=spec["allocation_id"],
            ClientToken=mark.token, TagSpecifications=tags,
        )  # fmt: skip
        gateway: JsonObject = made["NatGateway"]
        return gateway

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        fixed = ("subnet_id", "allocation_id")
        return changed(fixed, spec, fields, replace=fixed)

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        if item["State"] == "deleting":
            return
        try:
            await session.call("ec2", "delete_nat_gateway", NatGatewayId=external_id)
        except NotFound:
            return
