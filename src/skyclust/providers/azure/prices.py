"""What the resources of a graph cost per month, each figure with its source and date. Pure but for reading data/.

A price that is not known is None, never 0. Virtual machines: Azure/karpenter-provider-azure (2026-06-18, Apache-2.0).
The other figures are Azure's public list prices for East US; they differ by region by up to a third.
"""

from __future__ import annotations

from skyclust.contract.resources import HOURS_PER_MONTH, JsonObject, Node, Price
from skyclust.providers.azure import catalog

_VM_SOURCE = "Azure retail prices (karpenter-provider-azure)"
_DATE = "2026-06-18"

#: https://azure.microsoft.com/pricing/details/kubernetes-service: per cluster and hour, by tier.
_TIERS = {"Standard": 0.10, "Premium": 0.60}
#: https://azure.microsoft.com/pricing/details/azure-nat-gateway: per gateway; traffic not included.
NAT_GATEWAY = Price(0.045, "NAT gateway, list price, traffic not included", _DATE)
#: https://azure.microsoft.com/pricing/details/ip-addresses: a static Standard address.
ADDRESS = Price(0.005, "public IPv4 address, list price", _DATE)
#: https://azure.microsoft.com/pricing/details/managed-disks: premium SSD by size in GiB, USD per month.
_DISKS = ((32, 5.28), (64, 10.21), (128, 19.71), (256, 38.02), (512, 73.22), (1024, 135.17), (2048, 259.05))


def machine_price(machine_type: str, region: str) -> Price | None:
    """USD per hour of one machine on demand; None when it is not known. Spot prices are not in the data."""
    shape = catalog.shapes_in(region).get(machine_type)
    if shape is None or shape.usd_per_hour is None:
        return None
    return Price(shape.usd_per_hour, f"{_VM_SOURCE}, on demand, {region}", _DATE)


def monthly_price(node: Node, region: str) -> tuple[float, Price] | None:
    """USD per month of one node; None when it costs nothing or a part of its price is not known."""
    match node.kind:
        case "azure.containerservice.cluster":
            tier = str(node.spec.get("tier"))
            price = Price(_TIERS[tier], f"AKS {tier} tier, list price", _DATE) if tier in _TIERS else None
        case "azure.network.nat_gateway":
            price = NAT_GATEWAY
        case "azure.network.public_ip_address":
            price = ADDRESS
        case "azure.containerservice.node_pool":
            price = _pool_price(node.spec, region)
        case _:
            price = None
    if price is None or node.adopt_id is not None:
        return None
    return round(price.usd_per_hour * HOURS_PER_MONTH, 2), price


def _pool_price(spec: JsonObject, region: str) -> Price | None:
    machine = None if spec.get("spot") else machine_price(spec["machine_type"], region)
    ephemeral = spec.get("disk_type") == "Ephemeral"  # on the machine itself
    disk = 0.0 if ephemeral else next((usd for size, usd in _DISKS if int(spec["disk_gb"]) <= size), None)
    if machine is None or disk is None:
        return None
    hourly = int(spec["node_count"]) * (machine.usd_per_hour + disk / HOURS_PER_MONTH)
    return Price(round(hourly, 6), f"{machine.source}; premium disk list price", machine.as_of)
