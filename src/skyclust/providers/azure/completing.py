"""Choose what only the cloud knows: the subnet a cluster uses in an existing network, and how that leads out.

Called once before a cluster is planned. Invariant: what is already chosen is never chosen again, so that completing a
completed spec changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.azure.addressing import parse_block
from skyclust.providers.azure.naming import last_segment, same
from skyclust.providers.azure.options import BLOCK, OUTBOUND
from skyclust.providers.azure.sessions import AzureSession

#: Names under which Azure itself expects subnets for its own services.
_RESERVED = ("gatewaysubnet", "azurefirewallsubnet", "azurebastionsubnet", "routeserversubnet")


async def complete_cluster(az: AzureSession, spec: ClusterSpec) -> ClusterSpec:
    """The spec with a subnet of `vpc_id` and notes on it, as far as there is a fitting one."""
    if spec.vpc_id is None or OUTBOUND in spec.options:
        return spec
    network = await az.get_or_none(spec.vpc_id) if spec.vpc_id.startswith("/subscriptions/") else None
    if network is None:
        return spec
    asked = [subnet_id(network, item) for item in spec.subnet_ids]
    chosen = choose_subnet(network, asked)
    blocks = network.get("properties", {}).get("addressSpace", {}).get("addressPrefixes", [])
    options = {**spec.options, BLOCK: blocks[0] if blocks else "", OUTBOUND: way_out(chosen)}
    ids = tuple(asked) or ((chosen["id"],) if chosen is not None else ())
    return replace(spec, subnet_ids=ids, options=options)


def subnets_of(network: JsonObject) -> list[JsonObject]:
    """Subnets of a network that machines may use."""
    return [
        subnet
        for subnet in network.get("properties", {}).get("subnets", [])
        if not subnet.get("properties", {}).get("delegations") and subnet["name"].lower() not in _RESERVED
    ]


def subnet_id(network: JsonObject, reference: str) -> str:
    """The id of a subnet given by name or id."""
    found = [s for s in subnets_of(network) if same(s["id"], reference) or same(s["name"], reference)]
    return str(found[0]["id"]) if found else reference


def choose_subnet(network: JsonObject, asked: list[str]) -> JsonObject | None:
    """The first one asked for, else the one with a NAT gateway and the most addresses; ties by name."""
    subnets = subnets_of(network)
    if asked:
        return next((subnet for subnet in subnets if same(subnet["id"], asked[0])), None)
    ranked = sorted(subnets, key=lambda s: (way_out(s) == "loadBalancer", prefix_length(s), last_segment(s["id"])))
    return next(iter(ranked), None)


def way_out(subnet: JsonObject | None) -> str:
    """AKS's word for how nodes of a subnet reach the internet."""
    properties = (subnet or {}).get("properties", {})
    if properties.get("natGateway"):
        return "userAssignedNATGateway"
    return "userDefinedRouting" if properties.get("routeTable") else "loadBalancer"


def prefix_length(subnet: JsonObject) -> int:
    """Of its first block; 32 when it has none."""
    properties = subnet.get("properties", {})
    blocks = properties.get("addressPrefixes") or [properties.get("addressPrefix", "")]
    parsed = parse_block(str(blocks[0]))
    return parsed.prefixlen if parsed is not None else 32
