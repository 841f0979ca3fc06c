"""Firewall rules of one group. Called by the engine for the kind gcp.compute.firewall.

Google Cloud knows no security groups: a group becomes one rule resource per rule, each named `<base>-<hash of the
rule>` and marked in its description. All of them are one row here, so that a group is made, changed and deleted as
a whole.
The row's id names the base and the mark: `projects/p/global/firewalls/<base>:<resource id>`.
A group without rules is held by one rule that is switched off: nothing else could carry its mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from skyclust.contract.errors import Ambiguous, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import AlreadyExists, NotFound
from skyclust.providers.gcp.drivers.operations import forget_failed_inserts, operations_on, standing
from skyclust.providers.gcp.naming import last_segment, relative_path, segment_after, short_hash
from skyclust.providers.gcp.sessions import GcpSession, gather, gcp_session

_PRIORITY = 1000
_PLACEHOLDER: JsonObject = {
    "direction": "ingress",
    "protocol": "all",
    "from_port": None,
    "to_port": None,
    "cidrs": ["192.0.2.0/24"],  # reserved for documentation: no machine has such an address
    "action": "deny",
    "description": "Holds the place of a group without rules.",
}
#: Longest text Google takes as a description.
_MAX_DESCRIPTION = 2048


class FirewallDriver:
    """Implements `contract.provider.Driver`."""

    kind = "gcp.compute.firewall"
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Rules of one group are made side by side."""
        del spec
        return {"create": 5.0, "update": 6.0, "delete": 8.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """Rules with our mark; NameTaken when a rule of one of our names has another."""
        gcp = gcp_session(session)
        rules = await _rules(gcp, gcp.project, spec["name"])
        ours = [rule for rule in rules if mark.owns_description(rule.get("description"))]
        wanted = {body["name"] for body in _bodies(spec)}
        taken = sorted(rule["name"] for rule in rules if rule["name"] in wanted and rule not in ours)
        if taken:
            raise _taken(taken[0], gcp.project)
        return await self._observed(gcp, _id(gcp.project, spec["name"], mark), spec, ours) if ours else None

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One list of rules, one of operations."""
        gcp = gcp_session(session)
        project, base, resource = _parts(external_id)
        rules = [rule for rule in await _rules(gcp, project, base) if resource in rule.get("description", "")]
        return await self._observed(gcp, external_id, spec, rules)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Every rule at once, each with the mark; one that fails is made again by `update`."""
        gcp = gcp_session(session)
        bodies = _bodies(spec, mark)
        try:
            await gather(*(_insert(gcp, gcp.project, body, mark.token) for body in bodies))
        except AlreadyExists as error:
            found = await self.find(gcp, mark, spec)
            if found is None:
                raise Ambiguous("Google says that a firewall rule exists but does not show it yet.") from error
            return found
        external_id = _id(gcp.project, spec["name"], mark)
        return Observed(external_id, Phase.SETTLING, _outputs(external_id, spec), message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Missing, changed and surplus rules, as one change."""
        seen = observed.fields.get("rules", {})
        wanted = {body["name"]: _canonical(body) for body in _bodies(spec)}
        return () if seen == wanted else (Change("rules", seen, wanted),)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Make what is missing, put right what differs, remove what is too much."""
        del changes
        gcp = gcp_session(session)
        project, base, _ = _parts(external_id)
        present = {rule["name"]: rule for rule in await _rules(gcp, project, base)}
        wanted = {body["name"]: body for body in _bodies(spec, mark)}
        calls: list[Any] = []
        for name, body in wanted.items():
            if name not in present:
                calls.append(_insert(gcp, project, body, None))
            elif not mark.owns_description(present[name].get("description")):
                raise _taken(name, project)
            elif _canonical(present[name]) != _canonical(body):
                calls.append(gcp.write(partial(_put, project, body)))
        surplus = [rule for name, rule in present.items() if name not in wanted]
        await gather(*calls, *_deletions(gcp, project, surplus, mark))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Every rule with our mark."""
        del spec
        gcp = gcp_session(session)
        project, base, _ = _parts(external_id)
        rules = await _rules(gcp, project, base)
        await gather(*_deletions(gcp, project, rules, mark))
        if not rules:
            await forget_failed_inserts(gcp, f"projects/{project}/global/firewalls/{base}-*")

    async def _observed(
        self, gcp: GcpSession, external_id: str, spec: JsonObject, rules: list[JsonObject]
    ) -> Observed | None:
        project, base, _ = _parts(external_id)
        operations = await operations_on(gcp, f"projects/{project}/global/firewalls/{base}-*")
        by_rule: dict[str, list[JsonObject]] = {body["name"]: [] for body in _bodies(spec)}
        for operation in operations:
            by_rule.setdefault(last_segment(operation["targetLink"]), []).append(operation)
        documents = {rule["name"]: rule for rule in rules}
        stands = [standing(documents.get(name), done) for name, done in by_rule.items()]
        phases = {item.phase for item in stands} - {None}
        order = (Phase.FAILED, Phase.DELETING, Phase.SETTLING, Phase.READY)
        phase = next((phase for phase in order if phase in phases), None)
        if phase is None:
            return None
        message = " ".join(item.message for item in stands if item.phase is phase and item.message)[:600]
        fields = {"rules": {name: _canonical(rule) for name, rule in documents.items()}}
        return Observed(external_id, phase, _outputs(external_id, spec), fields, message)


def _id(project: str, base: str, mark: Mark) -> str:
    return f"projects/{project}/global/firewalls/{base}:{mark.resource_id}"


def _parts(external_id: str) -> tuple[str, str, str]:
    """(project, base, resource id)."""
    path, _, resource = external_id.rpartition(":")
    return segment_after(path, "projects"), last_segment(path), resource


def _outputs(external_id: str, spec: JsonObject) -> JsonObject:
    return {"id": external_id, "name": spec["name"], "rules": [body["name"] for body in _bodies(spec)]}


def _bodies(spec: JsonObject, mark: Mark | None = None) -> list[JsonObject]:
    if not spec["rules"]:
        return [{**_body(spec, _PLACEHOLDER, mark), "disabled": True}]
    return [_body(spec, rule, mark) for rule in spec["rules"]]


def _body(spec: JsonObject, rule: JsonObject, mark: Mark | None) -> JsonObject:
    ports = [] if rule["from_port"] is None else [_ports(rule["from_port"], rule["to_port"])]
    protocol = {"IPProtocol": rule["protocol"], **({"ports": ports} if ports else {})}
    said = {key: value for key, value in rule.items() if key != "description"}
    text = f"{mark.description()} {rule['description']}".strip() if mark is not None else ""
    return {
        "name": f"{spec['name']}-{short_hash(json.dumps(said, sort_keys=True), 8)}",
        "description": text[:_MAX_DESCRIPTION],
        "network": spec["network"],
        "direction": rule["direction"].upper(),
        "priority": _PRIORITY,
        "allowed" if rule["action"] == "allow" else "denied": [protocol],
        "sourceRanges" if rule["direction"] == "ingress" else "destinationRanges": sorted(rule["cidrs"]),
    }


def _ports(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _canonical(document: JsonObject) -> JsonObject:
    """The part of a rule that decides about traffic, the same for a body and for what Google shows."""
    return {
        "network": relative_path(document.get("network", "")),
        "direction": document.get("direction"),
        "priority": document.get("priority"),
        "disabled": bool(document.get("disabled")),
        "allowed": document.get("allowed", []),
        "denied": document.get("denied", []),
        "sources": sorted(document.get("sourceRanges", [])),
        "destinations": sorted(document.get("destinationRanges", [])),
        "targets": sorted([*document.get("targetTags", []), *document.get("targetServiceAccounts", [])]),
    }


async def _rules(gcp: GcpSession, project: str, base: str) -> list[JsonObject]:
    pattern = f'name eq "{base}-[0-9a-f]{{8}}"'

    def make(apis: Apis, token: str | None) -> Any:
        return apis.compute.firewalls().list(project=project, filter=pattern, pageToken=token)

    return await gcp.items(make)


async def _insert(gcp: GcpSession, project: str, body: JsonObject, token: str | None) -> None:
    request = None if token is None else str(uuid5(UUID(token), body["name"]))
    await gcp.write(lambda apis: apis.compute.firewalls().insert(project=project, body=body, requestId=request))


def _put(project: str, body: JsonObject, apis: Apis) -> Any:
    return apis.compute.firewalls().update(project=project, firewall=body["name"], body=body)


def _deletions(gcp: GcpSession, project: str, rules: Iterable[JsonObject], mark: Mark) -> list[Any]:
    return [_delete(gcp, project, rule["name"]) for rule in rules if mark.owns_description(rule.get("description"))]


async def _delete(gcp: GcpSession, project: str, name: str) -> None:
    try:
        await gcp.write(lambda apis: apis.compute.firewalls().delete(project=project, firewall=name))
    except NotFound:
        return


def _taken(name: str, project: str) -> NameTaken:
    return NameTaken(
        f"A firewall rule named {name} exists in project {project} and was not made by this stack. Remove it, or "
        "choose another name for the network or the group.",
        operation="compute.firewalls.list",
    )
