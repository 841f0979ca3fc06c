"""The object "gcp" of a request: its JSON Schema, its findings and its value. Pure.

Keys that begin with "_" are not a user's: `complete_cluster` puts them there, and they stay with the stored spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skyclust.contract.checks import corrected
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.gcp.addressing import parse_block

PODS_RANGE = "_pods_range"
SERVICES_RANGE = "_services_range"
#: Notes of an import: where a cluster stands when its zones do not tell, and what single pools have otherwise.
LOCATION = "_location"
POOLS = "_pools"
#: Likewise in the options of a network: what subnetworks have otherwise, and firewall rules that hold a group's place.
SUBNETWORKS = "_subnetworks"
RULES = "_rules"

CHANNELS = ("rapid", "regular", "stable", "extended", "none")
DISK_TYPES = ("pd-balanced", "pd-standard", "pd-ssd")
_EMAIL = r"^[a-z0-9.-]{1,63}@[a-z0-9.-]{1,253}\.gserviceaccount\.com$"

CLUSTER_OPTIONS_SCHEMA: JsonObject = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Google Cloud",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "release_channel": {
            "type": "string",
            "enum": list(CHANNELS),
            "default": "regular",
            "title": "Release channel",
            "description": "Who decides about versions: a channel upgrades by itself.",
        },
        "private_cluster": {
            "type": "boolean",
            "default": True,
            "title": "Private nodes",
            "description": "Nodes have no external address. Default: as the network says.",
        },
        "private_endpoint": {
            "type": "boolean",
            "default": False,
            "title": "Private control plane",
            "description": "The Kubernetes API answers inside the network only.",
        },
        "authorized_networks": {
            "type": "array",
            "items": {"type": "string", "maxLength": 18},
            "maxItems": 50,
            "default": [],
            "title": "Authorized networks",
            "description": "CIDR blocks that may reach the control plane; empty = all.",
        },
        "workload_identity": {"type": "boolean", "default": True, "title": "Workload identity"},
        "binary_authorization": {"type": "boolean", "default": False, "title": "Binary Authorization"},
        "network_policy": {"type": "boolean", "default": True, "title": "Network policy"},
        "disk_type": {
            "type": "string",
            "enum": list(DISK_TYPES),
            "title": "Boot disks",
            "description": "Default: pd-balanced; hyperdisk-balanced for machine types that take nothing else.",
        },
        "service_account": {
            "type": "string",
            "maxLength": 254,
            "pattern": _EMAIL,
            "title": "Service account of the nodes",
            "description": "E-mail of an existing one; by default a minimal one is made.",
        },
    },
}


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """The switches of one cluster, defaults filled in."""

    release_channel: str = "regular"
    private_cluster: bool = True
    private_endpoint: bool = False
    authorized_networks: tuple[str, ...] = ()
    workload_identity: bool = True
    binary_authorization: bool = False
    network_policy: bool = True
    disk_type: str | None = None
    service_account: str | None = None


def options_of(spec: ClusterSpec) -> ClusterOptions:
    """The options of a spec. Nodes are private unless the request or its network says otherwise."""
    given = {key: value for key, value in spec.options.items() if not key.startswith("_")}
    if spec.network is not None:
        given.setdefault("private_cluster", spec.network.private_nodes)
    if "authorized_networks" in given:
        given["authorized_networks"] = tuple(given["authorized_networks"])
    return ClusterOptions(**given)


def check_options(options: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about unknown switches and values of the wrong type; pointers begin with /gcp."""
    known: dict[str, JsonObject] = CLUSTER_OPTIONS_SCHEMA["properties"]
    for name, value in options.items():
        if name.startswith("_"):
            continue
        pointer = f"/gcp/{name}"
        if name not in known:
            yield _error(pointer, f"There is no option {name!r}. Known are: {', '.join(known)}.")
        elif (wrong := _wrong(known[name], value)) is not None:
            yield _error(pointer, f"{name} {wrong}.")
    yield from _check_blocks(options.get("authorized_networks"))


def _check_blocks(blocks: object) -> Iterator[Finding]:
    for index, text in enumerate(blocks if isinstance(blocks, list | tuple) else ()):
        if isinstance(text, str) and parse_block(text) is None:
            proposal = corrected(text)
            hint = f" Did you mean {proposal}?" if proposal else ""
            yield _error(f"/gcp/authorized_networks/{index}", f"{text!r} is not an IPv4 CIDR block.{hint}")


def _wrong(schema: JsonObject, value: object) -> str | None:
    kinds = {"boolean": bool, "string": str, "array": list | tuple}
    if not isinstance(value, kinds[schema["type"]]):
        return f"must be a {schema['type']}"
    if "enum" in schema and value not in schema["enum"]:
        return f"is {value!r}; give one of {', '.join(schema['enum'])}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), str(value)):
        return "must be the e-mail of a service account (name@project.iam.gserviceaccount.com)"
    if isinstance(value, list | tuple) and not all(isinstance(item, str) for item in value):
        return "must be a list of strings"
    return None


def _error(field: str, message: str) -> Finding:
    return Finding("error", field, message, "invalid")
