"""The object "azure" of a request: its JSON Schema, its findings and its value. Pure.

Keys that begin with "_" are not a user's: `complete_cluster` and imports put them there, and they stay with the spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skyclust.contract.checks import corrected
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.azure.addressing import parse_block

#: Notes of `complete_cluster`: how an existing subnet leads out, and what its network's blocks are.
OUTBOUND = "_outbound"
BLOCK = "_block"
#: Notes of an import: the resource group it stands in, which is not taken over, and what the cluster and single pools
#: have otherwise than a cluster of ours would.
GROUP = "_group"
CLUSTER = "_cluster"
POOLS = "_pools"
#: Likewise in the options of a network.
SUBNETS = "_subnets"

TIERS = ("Free", "Standard", "Premium")
CHANNELS = ("none", "patch", "stable", "rapid", "node-image")
NODE_OS_CHANNELS = ("None", "Unmanaged", "SecurityPatch", "NodeImage")
POLICIES = ("none", "azure", "calico", "cilium")
_IDENTITY = (
    r"/subscriptions/[0-9a-fA-F-]{36}/resource[gG]roups/[^/]{1,90}/providers/Microsoft\.ManagedIdentity"
    r"/userAssignedIdentities/[A-Za-z0-9_-]{3,128}"
)
_GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

CLUSTER_OPTIONS_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Microsoft Azure",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "tier": {
            "type": "string",
            "enum": list(TIERS),
            "default": "Standard",
            "title": "Tier",
            "description": "Standard has an uptime SLA, Premium two years of support; Free has neither.",
        },
        "private_cluster": {
            "type": "boolean",
            "default": False,
            "title": "Private control plane",
            "description": "The Kubernetes API answers inside the network only. Fixed at creation.",
        },
        "authorized_ranges": {
            "type": "array",
            "items": {"type": "string", "maxLength": 18},
            "maxItems": 200,
            "default": [],
            "title": "Authorized ranges",
            "description": "CIDR blocks that may reach the control plane; empty = all.",
        },
        "workload_identity": {"type": "boolean", "default": True, "title": "Workload identity"},
        "network_policy": {
            "type": "string",
            "enum": list(POLICIES),
            "default": "cilium",
            "title": "Network policy",
            "description": "What enforces NetworkPolicies; cilium brings its own data plane.",
        },
        "upgrade_channel": {
            "type": "string",
            "enum": list(CHANNELS),
            "default": "patch",
            "title": "Upgrade channel",
            "description": "Which Kubernetes versions AKS upgrades to by itself.",
        },
        "node_os_upgrade_channel": {
            "type": "string",
            "enum": list(NODE_OS_CHANNELS),
            "default": "NodeImage",
            "title": "Upgrades of the nodes' system",
        },
        "service_cidr": {
            "type": "string",
            "maxLength": 18,
            "title": "Range of services",
            "description": "Default: one that does not overlap the network.",
        },
        "pod_cidr": {
            "type": "string",
            "maxLength": 18,
            "title": "Range of Pods",
            "description": "Default: one that does not overlap the network; each node takes a /24.",
        },
        "identity_id": {
            "type": "string",
            "maxLength": 400,
            "pattern": f"^{_IDENTITY}$",
            "title": "Identity of the control plane",
            "description": "Id of a user-assigned managed identity that holds Network Contributor on the subnet. "
            "By default the cluster gets one of its own, without that role. Fixed at creation.",
        },
        "local_accounts": {
            "type": "boolean",
            "default": False,
            "title": "Local accounts",
            "description": "Certificates of the cluster's own open it besides Entra ID.",
        },
        "admin_group_ids": {
            "type": "array",
            "items": {"type": "string", "pattern": f"^{_GUID}$", "maxLength": 36},
            "maxItems": 20,
            "default": [],
            "title": "Groups of administrators",
            "description": "Object ids of Entra groups that administer the cluster.",
        },
    },
}


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """The switches of one cluster, defaults filled in."""

    tier: str = "Standard"
    private_cluster: bool = False
    authorized_ranges: tuple[str, ...] = ()
    workload_identity: bool = True
    network_policy: str = "cilium"
    upgrade_channel: str = "patch"
    node_os_upgrade_channel: str = "NodeImage"
    service_cidr: str | None = None
    pod_cidr: str | None = None
    identity_id: str | None = None
    local_accounts: bool = False
    admin_group_ids: tuple[str, ...] = ()


def options_of(spec: ClusterSpec) -> ClusterOptions:
    """The options of a spec."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in spec.options.items()
        if not key.startswith("_")
    }
    return ClusterOptions(**given)


def check_options(options: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about unknown switches and values of the wrong type; pointers begin with /azure."""
    known: dict[str, JsonObject] = CLUSTER_OPTIONS_SCHEMA["properties"]
    for name, value in options.items():
        if name.startswith("_"):
            continue
        pointer = f"/azure/{name}"
        if name not in known:
            yield _error(pointer, f"There is no option {name!r}. Known are: {', '.join(known)}.")
        elif (wrong := _wrong(known[name], value)) is not None:
            yield _error(pointer, f"{name} {wrong}.")
    yield from _check_blocks(options)


def _check_blocks(options: Mapping[str, Any]) -> Iterator[Finding]:
    ranges = options.get("authorized_ranges")
    named = [
        (f"/azure/authorized_ranges/{index}", text)
        for index, text in enumerate(ranges if isinstance(ranges, list | tuple) else ())
    ]
    named.extend((f"/azure/{name}", options[name]) for name in ("service_cidr", "pod_cidr") if name in options)
    for pointer, text in named:
        if isinstance(text, str) and parse_block(text) is None:
            proposal = corrected(text)
            hint = f" Did you mean {proposal}?" if proposal else ""
            yield _error(pointer, f"{text!r} is not an IPv4 CIDR block.{hint}")


def _wrong(schema: JsonObject, value: object) -> str | None:
    kinds = {"boolean": bool, "string": str, "array": list | tuple}
    if not isinstance(value, kinds[schema["type"]]):
        return f"must be a {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        return f"is {value!r}; give one of {', '.join(schema['enum'])}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), str(value)):
        return "must be the whole id of a user-assigned identity (/subscriptions/.../userAssignedIdentities/name)"
    if isinstance(value, list | tuple):
        if not all(isinstance(item, str) for item in value):
            return "must be a list of strings"
        pattern = schema["items"].get("pattern")
        if pattern and not all(re.fullmatch(pattern.strip("^$"), item) for item in value):
            return "must be a list of ids like 00000000-0000-0000-0000-000000000000"
    return None


def _error(field: str, message: str) -> Finding:
    return Finding("error", field, message, "invalid")
