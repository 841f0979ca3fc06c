"""aws.ec2.security_group: a named set of rules, brought to exactly the spec's by updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skyclust.contract.errors import NameTaken
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, changed, tags_of
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

Rule = dict[str, Any]


class SecurityGroupDriver(Ec2Driver):
    """Spec: name, group_name, description, vpc_id, rules [{direction, protocol, from_port, to_port, cidr}], tags.

    One rule per CIDR, as EC2 keeps them; `protocol` in EC2's words ("tcp", "udp", "icmp", "-1" for all).
    """

    kind = "aws.ec2.security_group"
    create_seconds = 3.0
    resource_type, describe, member = "security-group", "describe_security_groups", "SecurityGroups"
    id_member, id_filter = "GroupId", "group-id"

    def seen(self, item: JsonObject) -> Observed:
        fields = {
            "group_name": item.get("GroupName"),
            "vpc_id": item.get("VpcId"),
            "rules": _ordered(_rules_of(item)),
            "tags": tags_of(item),
        }
        outputs = {"id": item["GroupId"], "name": item.get("GroupName", "")}
        return Observed(item["GroupId"], Phase.READY, outputs, fields)

    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        try:
            made = await session.call(
                "ec2", "create_security_group", GroupName=spec["group_name"], Description=spec["description"],
                VpcId=spec["vpc_id"], TagSpecifications=tags,
            )  # fmt: skip
        except NameTaken as error:
            raise NameTaken(
                f"The network already has a security group named {spec['group_name']}, and it is not this one. "
                "Delete or rename it, or choose another name.", operation=error.operation, code=error.code,
            ) from None  # fmt: skip
        del mark
        return {"GroupId": made["GroupId"], "GroupName": spec["group_name"], "VpcId": spec["vpc_id"]}

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        found = changed(("group_name", "vpc_id"), spec, fields, replace=("group_name", "vpc_id"))
        wanted = _ordered(spec["rules"])
        seen = [{**rule, "description": ""} for rule in fields.get("rules", [])]
        if [{**rule, "description": ""} for rule in wanted] != seen:
            found.append(Change("rules", fields.get("rules", []), wanted))
        return found

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        if "rules" not in fields:
            return
        found = await self.described(session, self.id_filter, external_id)
        if not found:
            return
        seen = {_identity(rule): rule for rule in _rules_of(found[0])}
        wanted = {_identity(rule): rule for rule in spec["rules"]}
        for verb, rules in (
            ("authorize", [rule for key, rule in wanted.items() if key not in seen]),
            ("revoke", [rule for key, rule in seen.items() if key not in wanted]),
        ):
            for direction in ("ingress", "egress"):
                await _apply(session, external_id, verb, direction, [r for r in rules if r["direction"] == direction])

    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        del item
        await session.call("ec2", "delete_security_group", GroupId=external_id)

    async def _surroundings(self, session: AwsSession, external_id: str) -> JsonObject:
        del session
        return {"Name": "group-id", "Values": [external_id]}


async def _apply(session: AwsSession, group: str, verb: str, direction: str, rules: list[Rule]) -> None:
    if not rules:
        return
    permissions = [_permission(rule, described=verb == "authorize") for rule in rules]
    try:
        await session.call("ec2", f"{verb}_security_group_{direction}", GroupId=group, IpPermissions=permissions)
    except (NameTaken, NotFound):
        return  # somebody was faster: the next observation tells what is left to do


def _permission(rule: Rule, *, described: bool) -> JsonObject:
    address: JsonObject = {"CidrIp": rule["cidr"]}
    if described and rule.get("description"):
        address["Description"] = rule["description"]
    permission: JsonObject = {"IpProtocol": rule["protocol"], "IpRanges": [address]}
    if rule["protocol"] != "-1":
        permission |= {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    return permission


def _rules_of(item: JsonObject) -> Iterator[Rule]:
    for direction, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        for permission in item.get(member) or []:
            everything = permission["IpProtocol"] == "-1"
            for address in permission.get("IpRanges") or []:
                yield {
                    "direction": direction,
                    "protocol": permission["IpProtocol"],
                    "from_port": None if everything else permission.get("FromPort"),
                    "to_port": None if everything else permission.get("ToPort"),
                    "cidr": address["CidrIp"],
                    "description": address.get("Description", ""),
                }


def _identity(rule: Rule) -> tuple[str, str, int, int, str]:
    ports = [-1 if rule[name] is None else int(rule[name]) for name in ("from_port", "to_port")]
    return rule["direction"], rule["protocol"], ports[0], ports[1], rule["cidr"]


def _ordered(rules: Any) -> list[Rule]:
    return sorted(({"description": "", **rule} for rule in rules), key=_identity)
