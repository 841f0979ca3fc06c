"""Firewall rules as nodes of a network's graph: the default ones, and groups. Pure; called by blueprints.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace

from skyclust.contract.resources import JsonObject, Node, ref
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec
from skyclust.providers.gcp.naming import derived, short_hash
from skyclust.providers.gcp.options import RULES

#: Probes of Google's load balancers: https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
HEALTH_CHECK_RANGES = ("35.191.0.0/16", "130.211.0.0/22", "209.85.152.0/22", "209.85.204.0/22")

#: Reserved for documentation (RFC 5737): no machine has such an address.
NOWHERE = "192.0.2.0/24"


def default_rules(spec: NetworkSpec) -> list[Node]:
    """What a carved network lets through."""
    inside = FirewallRuleSpec("ingress", "all", None, None, (spec.cidr_block,), "Everything inside the network.")
    checks = FirewallRuleSpec("ingress", "tcp", None, None, HEALTH_CHECK_RANGES, "Probes of Google's load balancers.")
    return [
        _rule(spec, "firewall/internal", ("default", "internal"), inside, "firewall rule for the network's inside"),
        _rule(spec, "firewall/health-checks", ("default", "health-checks"), checks, "firewall rule for health checks"),
    ]


def group_nodes(spec: NetworkSpec, group: SecurityGroupSpec) -> Iterator[Node]:
    """A rule that is switched off holds the group's place, name and id; each rule of the group is a node below it.

    A rule that others made and that was imported holds the place by itself, for as long as the group has it.
    """
    holder = FirewallRuleSpec("ingress", "all", None, None, (NOWHERE,), group.description, "deny")
    key, title = f"security-group/{group.name}", f"firewall rules {group.name}"
    rules: dict[str, FirewallRuleSpec] = {}
    for rule in group.rules:
        rules.setdefault(rule_digest(rule), rule)  # two equal rules are one
    noted: JsonObject = spec.options.get(RULES, {}).get(group.name, {})
    placed = rules.pop(noted.get("rule", ""), None)
    node = _rule(spec, key, (group.name,), placed or holder, title, disabled=placed is None)
    yield replace(node, spec={**node.spec, "name": noted["name"]}) if noted else node
    for digest, rule in rules.items():
        yield _rule(spec, f"{key}/{digest}", (group.name, digest), rule, f"{title}: {_said(rule)}")


def rule_digest(rule: FirewallRuleSpec) -> str:
    """What a rule says about traffic, as a name."""
    said = {**asdict(rule), "cidrs": sorted(rule.cidrs), "description": ""}
    return short_hash(json.dumps(said, sort_keys=True), 8)


def _said(rule: FirewallRuleSpec) -> str:
    ports = "" if rule.from_port is None else f" {rule.from_port}-{rule.to_port}"
    towards = "from" if rule.direction == "ingress" else "to"
    return f"{rule.action} {rule.protocol}{ports} {towards} {', '.join(rule.cidrs)}"[:120]


def _rule(
    spec: NetworkSpec, key: str, name: tuple[str, ...], rule: FirewallRuleSpec, title: str, *, disabled: bool = False
) -> Node:
    body = {
        "network": ref("network"),
        "name": derived(spec.name, *name),
        "rule": {**asdict(rule), "cidrs": list(rule.cidrs)},
        "disabled": disabled,
    }
    return Node(key, "gcp.compute.firewall", title, body)
