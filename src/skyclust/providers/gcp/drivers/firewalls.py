"""Firewall rules. Called by the engine for the kind gcp.compute.firewall.

Google Cloud knows no security groups: each rule of a group is a resource and a row of its own, named after its content,
so that changing one rule leaves the others alone (blueprints.py).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.drivers.compute import ComputeDriver
from skyclust.providers.gcp.naming import relative_path
from skyclust.providers.gcp.sessions import gcp_session

_PRIORITY = 1000
#: Longest text Google takes as a description.
_MAX_DESCRIPTION = 2048


class FirewallDriver(ComputeDriver):
    """One rule: one direction, one verdict, one protocol, one range of ports, several blocks."""

    kind = "gcp.compute.firewall"
    collection = "firewalls"
    argument = "firewall"
    regional = False
    noun = "firewall rule"
    seconds = {"create": 5.0, "update": 6.0, "delete": 8.0}  # noqa: RUF012 - a constant of the class

    def body(self, spec: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        rule = spec["rule"]
        ports = [] if rule["from_port"] is None else [_ports(rule["from_port"], rule["to_port"])]
        protocol = {"IPProtocol": rule["protocol"], **({"ports": ports} if ports else {})}
        return {
            "network": spec["network"],
            "direction": rule["direction"].upper(),
            "priority": _PRIORITY,
            "disabled": spec["disabled"],
            "allowed" if rule["action"] == "allow" else "denied": [protocol],
            "sourceRanges" if rule["direction"] == "ingress" else "destinationRanges": sorted(rule["cidrs"]),
        }

    def describe(self, spec: JsonObject, mark: Mark) -> str:
        """The mark, and what the user says about the rule."""
        return f"{mark.description()} {spec['rule']['description']}".strip()[:_MAX_DESCRIPTION]

    def fields(self, document: JsonObject) -> JsonObject:
        """What decides about traffic, the same for a body and for what Google shows."""
        return {
            "direction": document.get("direction"),
            "priority": document.get("priority"),
            "disabled": bool(document.get("disabled")),
            "allowed": document.get("allowed", []),
            "denied": document.get("denied", []),
            "sources": sorted(document.get("sourceRanges", [])),
            "destinations": sorted(document.get("destinationRanges", [])),
            "targets": sorted([*document.get("targetTags", []), *document.get("targetServiceAccounts", [])]),
        }

    def outputs(self, path: str, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {"id": path, "name": document["name"], "network": relative_path(document.get("network", ""))}

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Everything but the direction changes in place."""
        wanted = self.fields(self.body(spec))
        return tuple(
            Change(name, observed.fields.get(name), value, replace=name == "direction")
            for name, value in wanted.items()
            if observed.fields.get(name) != value
        )

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One PUT of the whole rule, so that what somebody added goes, too."""
        if not changes:
            return
        gcp = gcp_session(session)
        where = self._named(self.path(gcp, external_id, spec))
        body = {"name": spec["name"], "description": self.describe(spec, mark), **self.body(spec)}
        await gcp.write(partial(_put, where, body))


def _put(where: dict[str, str], body: JsonObject, apis: Apis) -> Any:
    return apis.compute.firewalls().update(**where, body=body)


def _ports(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
