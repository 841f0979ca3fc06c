"""Checks that hold on several clouds alike, for `validate_cluster` and `validate_network` of a provider. Pure.

What differs from cloud to cloud comes in as a parameter, or stays in the provider. `at` is the JSON pointer of the
thing that is checked.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator

from skyclust.contract.resources import Finding
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, NodePoolSpec

PROTOCOLS = ("tcp", "udp", "icmp", "all")
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_LABEL_KEY = re.compile(r"(?:[a-z0-9.-]{1,253}/)?[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def error(field: str, message: str, code: str = "invalid") -> Finding:
    """A finding that forbids the apply."""
    return Finding("error", field, message, code)


def warning(field: str, message: str, code: str = "advice") -> Finding:
    """A finding that is only shown."""
    return Finding("warning", field, message, code)


def corrected(text: str) -> str:
    """An IPv4 block without its host bits, "" when nothing sensible can be proposed."""
    try:
        return str(ipaddress.IPv4Network(text, strict=False))
    except ValueError:
        return ""


def check_rule(rule: FirewallRuleSpec, at: str, cloud: str) -> Iterator[Finding]:
    """One firewall rule of a cloud (its title) whose rules are for IPv4 or for IPv6 blocks."""
    if rule.direction not in ("ingress", "egress"):
        yield error(f"{at}/direction", f"{rule.direction!r} is no direction; give ingress or egress.")
    if rule.protocol not in PROTOCOLS:
        yield error(f"{at}/protocol", f"{rule.protocol!r} is no protocol; give one of {', '.join(PROTOCOLS)}.")
    if rule.action not in ("allow", "deny"):
        yield error(f"{at}/action", f"{rule.action!r} is no action; give allow or deny.")
    yield from _check_ports(rule, at)
    if not rule.cidrs:
        yield error(f"{at}/cidrs", 'Say whom the rule is for: give CIDR blocks ("0.0.0.0/0" is everybody).')
    if len({":" in text for text in rule.cidrs}) > 1:
        yield error(f"{at}/cidrs", f"A rule of {cloud} is for IPv4 or for IPv6 blocks. Make two rules of it.")
    for index, text in enumerate(rule.cidrs):
        if not _is_range(text):
            hint = f" Did you mean {corrected(text)}?" if corrected(text) else ""
            yield error(f"{at}/cidrs/{index}", f"{text!r} is not a CIDR block.{hint}", "cidr")


def check_pool_size(pool: NodePoolSpec, at: str, most: int) -> Iterator[Finding]:
    """A pool of 0 to `most` nodes, inside its own bounds."""
    bounds = pool.auto_scaling
    if not 0 <= pool.node_count <= most:
        yield error(f"{at}/node_count", f"A node pool has 0 to {most} nodes, not {pool.node_count}.")
    if bounds is None:
        return
    if bounds.min > bounds.max:
        yield error(
            f"{at}/auto_scaling/min",
            f"The minimum ({bounds.min}) is above the maximum ({bounds.max}). Lower min or raise max.",
            "min_above_max",
        )
    elif not bounds.min <= pool.node_count <= bounds.max:
        yield error(
            f"{at}/node_count",
            f"{pool.node_count} is outside the autoscaling bounds {bounds.min} to {bounds.max}.",
            "outside_bounds",
        )
    if bounds.min < 0 or not 1 <= bounds.max <= most:
        yield error(f"{at}/auto_scaling/max", f"Bounds lie between 0 and {most}, with a maximum of at least 1.")


def check_labels(pool: NodePoolSpec, at: str, reserved: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Labels and taints that Kubernetes takes; `reserved` are beginnings of keys that the cloud keeps for itself."""
    for key, value in pool.labels.items():
        if not _is_label(key, value):
            yield error(f"{at}/labels", f"{key}={value} is no Kubernetes label: check the characters and lengths (63).")
        elif "kubernetes.io/" in key or "k8s.io/" in key or key.startswith(reserved):
            yield error(f"{at}/labels", f"The label {key} is reserved for Kubernetes. Use a prefix of your own.")
    for index, taint in enumerate(pool.taints):
        if taint.effect not in _EFFECTS:
            known = f"{', '.join(_EFFECTS[:-1])} or {_EFFECTS[-1]}"
            message = f"{taint.effect!r} is no effect of a taint; give {known}."
            yield error(f"{at}/taints/{index}/effect", message)
        if not _is_label(taint.key, taint.value):
            message = f"{taint.key}={taint.value} is no Kubernetes taint: check the characters."
            yield error(f"{at}/taints/{index}", message)


def check_peerings(spec: NetworkSpec, cloud: str, options: Collection[str]) -> Iterator[Finding]:
    """Peerings of a network; `options` are the switches that the cloud (its title) has for one."""
    for index, peering in enumerate(spec.peerings):
        for name in sorted(set(peering.options) - set(options)):
            known = f"It has {', '.join(sorted(options))}." if options else "It has none; leave it out."
            at = f"/peerings/{index}/options"
            yield error(at, f"{cloud} has no switch {name!r} for a peering. {known}", "unknown_option")


def _check_ports(rule: FirewallRuleSpec, at: str) -> Iterator[Finding]:
    low, high = rule.from_port, rule.to_port
    if low is None and high is None:
        return
    if rule.protocol not in ("tcp", "udp"):
        yield error(f"{at}/from_port", f"Ports apply to tcp and udp, not to {rule.protocol}. Leave them out.")
    elif low is None or high is None:
        yield error(f"{at}/from_port", "Give both from_port and to_port, or neither.")
    elif not 0 <= low <= high <= 65535:
        yield error(f"{at}/from_port", f"{low} to {high} is no range of ports between 0 and 65535.")


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        return False
    return True


def _is_label(key: str, value: str) -> bool:
    return bool(_LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value))
