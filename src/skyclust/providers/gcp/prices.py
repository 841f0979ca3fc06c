"""What the resources of a graph cost per month, each figure with its source and date. Pure but for reading data/.

A price that is not known is None, never 0. Virtual machines: unit prices of apache-libcloud 3.9.1 (2025-03-02,
Apache-2.0) times the machine types of Cyclenerd (2026-08-20). The other figures are Google's public list prices for
us-central1; they differ by region by up to a third.
"""

from __future__ import annotations

from functools import cache

from skyclust.contract.resources import HOURS_PER_MONTH, JsonObject, Node, Price
from skyclust.providers.gcp import catalog
from skyclust.providers.gcp.catalog import data_rows

_VM_SOURCE = "Compute Engine unit prices (apache-libcloud 3.9.1)"
_VM_DATE = "2025-03-02"
_LIST_DATE = "2026-08-20"

#: https://cloud.google.com/kubernetes-engine/pricing: per cluster, Standard and Autopilot alike.
CLUSTER_FEE = Price(0.10, "GKE cluster management fee, list price", _LIST_DATE)
#: https://cloud.google.com/vpc/network-pricing#ipaddress: an external IPv4 address in use.
NAT_ADDRESS = Price(0.005, "external IPv4 address of Cloud NAT, list price", _LIST_DATE)
#: https://cloud.google.com/nat/pricing: per machine behind the gateway, capped; traffic not included.
NAT_PER_MACHINE_USD = 0.0014
NAT_CAP_USD = 0.044
#: https://cloud.google.com/compute/disks-image-pricing: USD per GB and month.
DISK_USD_PER_GB_MONTH = {"pd-standard": 0.04, "pd-balanced": 0.10, "pd-ssd": 0.17}


@cache
def _machines() -> dict[tuple[str, str], tuple[float, float | None]]:
    return {
        (row["machine_type"], row["region"]): (
            float(row["on_demand_usd_per_hour"]),
            float(row["preemptible_usd_per_hour"]) if row["preemptible_usd_per_hour"] else None,
        )
        for row in data_rows("prices.csv")
    }


def machine_price(machine_type: str, region: str, *, spot: bool = False) -> Price | None:
    """USD per hour of one machine; None when it is not known."""
    found = _machines().get((machine_type, region))
    usd = None if found is None else found[1] if spot else found[0]
    if usd is None:
        return None
    kind = "preemptible" if spot else "on demand"
    return Price(usd, f"{_VM_SOURCE}, {kind}, {region}", _VM_DATE)


def monthly_price(node: Node, region: str) -> tuple[float, Price] | None:
    """USD per month of one node; None when it costs nothing or a part of its price is not known."""
    match node.kind:
        case "gcp.container.cluster":
            price: Price | None = CLUSTER_FEE
        case "gcp.compute.router":
            price = NAT_ADDRESS if node.spec.get("nat") else None
        case "gcp.container.node_pool":
            price = _pool_price(node.spec, region)
        case _:
            price = None
    if price is None or node.adopt_id is not None:
        return None
    return round(price.usd_per_hour * HOURS_PER_MONTH, 2), price


def _has_attached_gpu(spec: JsonObject) -> bool:
    """GPUs that are not part of the machine type, and whose price the data does not have."""
    return bool(spec.get("gpu")) and catalog.built_in_gpu(spec["machine_type"]) is None


def _pool_price(spec: JsonObject, region: str) -> Price | None:
    machine = machine_price(spec["machine_type"], region, spot=bool(spec.get("spot")))
    disk = DISK_USD_PER_GB_MONTH.get(spec["disk_type"])
    if machine is None or disk is None or _has_attached_gpu(spec):
        return None
    count = int(spec["node_count"])
    disks = count * int(spec["disk_gb"]) * disk / HOURS_PER_MONTH
    nat = min(NAT_PER_MACHINE_USD * count, NAT_CAP_USD) if spec.get("private_nodes") else 0.0
    parts = [machine.source, f"{spec['disk_type']} list price"] + (["Cloud NAT per machine"] if nat else [])
    return Price(round(machine.usd_per_hour * count + disks + nat, 6), "; ".join(parts), machine.as_of)
