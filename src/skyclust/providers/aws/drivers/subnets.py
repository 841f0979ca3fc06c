"""aws.ec2.subnet: one range in one zone; public ones give machines a public address."""

from __future__ import annotations

from typing import Any

from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, changed, tags_of
from skyclust.providers.aws.sessions import AwsSession


class SubnetDriver(Ec2Driver):
    """Spec: name, vpc_id, cidr_block, zone, public, tags."""

    kind = "aws.ec2.subnet"
    create_seconds = 2.0
    resource_type, describe, member = "subnet", "describe_subnets", "Subnets"
    id_member, id_filter = "SubnetId", "subnet-id"

    def seen(self, item: JsonObject) -> Observed:
        fields = {
            "vpc_id": item["VpcId"],
            "cidr_block": item["CidrBlock"],
            "zone": item["AvailabilityZone"],
            "public": bool(item.get("MapPublicIpOnLaunch")),
            "tags": tags_of(item),
        }
        outputs = {"id": item["SubnetId"], **{name: value for name, value in fields.items() if name != "tags"}}
        phase = Phase.READY if item["State"] == "available" else Phase.SETTLING
        return Observed(item["SubnetId"], phase, outputs, fields)

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        del mark
        made = await session.call(
            "ec2", "create_subnet", VpcId=spec["vpc_id"], CidrBlock=spec["cidr_block"],
            AvailabilityZone=spec["zone"], TagSpecifications=tags,
        )  # fmt: skip
        subnet: JsonObject = made["Subnet"]
        return subnet

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        fixed = ("vpc_id", "cidr_block", "zone")
        return changed((*fixed, "public"), spec, fields, replace=fixed)

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        if "public" in fields:
            public = {"Value": spec["public"]}
            await session.call("ec2", "modify_subnet_attribute", SubnetId=external_id, MapPublicIpOnLaunch=public)

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        del item
        await session.call("ec2", "delete_subnet", SubnetId=external_id)

    async def _surroundings(self, session: AwsSession, external_id: str) -> JsonObject:
        del session
        return {"Name": "subnet-id", "Values": [external_id]}
