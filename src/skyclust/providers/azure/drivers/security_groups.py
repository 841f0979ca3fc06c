"""Network security groups with their rules. Called by the engine for the kind azure.network.security_group.

A group is one resource with all its rules: one PUT changes them together, so that what somebody added goes, too.
"""

from __future__ import annotations

import json
from typing import Any

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.drivers.arm import PutDriver
from skyclust.providers.azure.naming import short_hash

_PROTOCOLS = {"tcp": "Tcp", "udp": "Udp", "icmp": "Icmp", "all": "*"}
_DIRECTIONS = {"ingress": "Inbound", "egress": "Outbound"}
#: The most urgent a rule of one's own may be; each further rule comes after the ones before.
_FIRST_PRIORITY = 100
#: Longest text Azure takes as a rule's description.
_MAX_DESCRIPTION = 140


class SecurityGroupDriver(PutDriver):
    """The spec's rules are FirewallRuleSpecs as JSON."""

    kind = "azure.network.security_group"
    type = "Microsoft.Network/networkSecurityGroups"
    noun = "network security group"
    seconds = {"create": 5.0, "update": 5.0, "delete": 10.0}  # noqa: RUF012 - a constant of the class
    mutable = ("rules",)

    def body(self, spec: JsonObject) -> JsonObject:
        """See PutDriver."""
        rules = [_rule(rule, _FIRST_PRIORITY + index) for index, rule in enumerate(_distinct(spec["rules"]))]
        return {"properties": {"securityRules": rules}}

    def fields(self, document: JsonObject) -> JsonObject:
        """What decides about traffic, in the words of the spec; a rule of another form stands as Azure shows it."""
        rows = document.get("properties", {}).get("securityRules", [])
        ordered = sorted((row.get("properties", {}) for row in rows), key=lambda row: int(row.get("priority", 0)))
        return {"rules": [_said(row) for row in ordered]}

    def diff(self, spec: JsonObject, observed: Any) -> Any:
        """Descriptions and the order of blocks decide nothing."""
        wanted = [_plain(rule) for rule in _distinct(spec["rules"])]
        return super().diff({**spec, "rules": wanted}, observed)


def _distinct(rules: list[JsonObject]) -> list[JsonObject]:
    """Two equal rules are one."""
    return list({_digest(rule): rule for rule in reversed(rules)}.values())[::-1]


def _plain(rule: JsonObject) -> JsonObject:
    return {**{key: value for key, value in rule.items() if key != "description"}, "cidrs": sorted(rule["cidrs"])}


def _digest(rule: JsonObject) -> str:
    return short_hash(json.dumps(_plain(rule), sort_keys=True), 8)


def _rule(rule: JsonObject, priority: int) -> JsonObject:
    ingress = rule["direction"] == "ingress"
    ports = "*" if rule["from_port"] is None else _ports(rule["from_port"], rule["to_port"])
    blocks = _blocks("source" if ingress else "destination", rule["cidrs"])
    return {
        "name": f"{rule['action']}-{_digest(rule)}",
        "properties": {
            "description": rule["description"][:_MAX_DESCRIPTION],
            "direction": _DIRECTIONS[rule["direction"]],
            "access": rule["action"].capitalize(),
            "priority": priority,
            "protocol": _PROTOCOLS[rule["protocol"]],
            "sourcePortRange": "*",
            "destinationPortRange": ports,
            ("destination" if ingress else "source") + "AddressPrefix": "*",
            **blocks,
        },
    }


def _blocks(side: str, blocks: list[str]) -> JsonObject:
    if len(blocks) == 1:
        return {f"{side}AddressPrefix": blocks[0]}
    return {f"{side}AddressPrefixes": sorted(blocks)}


def _ports(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _said(row: JsonObject) -> JsonObject:
    """A rule of Azure as a FirewallRuleSpec without its description."""
    direction = {azure: word for word, azure in _DIRECTIONS.items()}.get(str(row.get("direction")), "")
    protocol = {azure: word for word, azure in _PROTOCOLS.items()}.get(str(row.get("protocol")), "")
    near, far = ("source", "destination") if direction == "ingress" else ("destination", "source")
    ports = str(row.get("destinationPortRange") or ",".join(row.get("destinationPortRanges") or []))
    low, _, high = ports.partition("-")
    usual = (
        direction and protocol and row.get("sourcePortRange") == "*" and row.get(f"{far}AddressPrefix") == "*"
        and (ports == "*" or (low.isdigit() and (high or low).isdigit()))
    )  # fmt: skip
    if not usual:
        return {key: row[key] for key in sorted(row) if key not in ("provisioningState", "description")}
    blocks = list(row.get(f"{near}AddressPrefixes") or [])
    single = row.get(f"{near}AddressPrefix")
    return {
        "direction": direction,
        "protocol": protocol,
        "from_port": None if ports == "*" else int(low),
        "to_port": None if ports == "*" else int(high or low),
        "cidrs": sorted([*blocks, *([single] if single else [])]),
        "action": str(row.get("access", "")).lower(),
    }
