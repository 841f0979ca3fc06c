"""Machine types and prices, each with source and date. Called by the provider; reads one small file per region, once.

Invariant: no figure without provenance.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

from skyclust.contract.provider import MachineType
from skyclust.contract.resources import HOURS_PER_MONTH, Node, Price
from skyclust.contract.specs import Gpu
from skyclust.providers.aws.blueprints.clusters import IN_TEMPLATE
from skyclust.providers.aws.places import DATA, is_past_standard_support, zones_by_region

_SOURCES = {
    "karpenter-2026-07": ("AWS public price list, via aws/karpenter-provider-aws", "2026-07-20"),
    "libcloud-2025-03": ("AWS public price list, via apache-libcloud 3.9.1", "2025-03-02"),
    "est-family-ratio": ("estimate: us-east-1 list price x the region's ratio for this family", "2026-07-20"),
    "est-ratio": ("estimate: us-east-1 list price x the region's ratio", "2026-07-20"),
}
_SPOT = ("estimate: on demand x (1 - savings), AWS Spot Advisor via alexei-led/spotinfo", "2025-07-01")
_LIST = "AWS public list price"
_AS_OF = "2026-07-20"

CONTROL_PLANE = Price(0.10, f"{_LIST}, EKS standard support", _AS_OF)
CONTROL_PLANE_EXTENDED = Price(0.60, f"{_LIST}, EKS extended support", _AS_OF)
NAT_GATEWAY = Price(0.045, f"{_LIST}, NAT gateway in us-east-1, without traffic", _AS_OF)
PUBLIC_ADDRESS = Price(0.005, f"{_LIST}, public IPv4 address", _AS_OF)
GP3_USD_PER_GB_MONTH = 0.08
_DISK_NOTE = f"; disks at 0.08 USD per GB-month ({_LIST}, EBS gp3 in us-east-1)"


@cache
def machine_types(region: str) -> tuple[MachineType, ...]:
    """Machine types of a region, sorted by name; empty when the region is unknown."""
    if region not in zones_by_region():
        return ()
    text = (DATA / "machine_types" / f"{region}.csv").read_text("utf-8")
    rows = csv.reader(text.splitlines()[1:])
    found = (_machine_type(row) for row in rows)
    return tuple(sorted(found, key=lambda item: item.name))


@cache
def machine_types_by_name(region: str) -> dict[str, MachineType]:
    """The same, for look-ups."""
    return {item.name: item for item in machine_types(region)}


@cache
def _gpus() -> dict[str, Gpu]:
    """What EC2 tells of its machine types' GPUs, as moto 5.2.5 has it (Apache-2.0)."""
    rows = csv.reader((DATA / "gpus.csv").read_text("utf-8").splitlines()[1:])
    return {name: Gpu(kind, int(count)) for name, kind, count in rows}


def _machine_type(row: list[str]) -> MachineType:
    name, vcpu, memory, usd, source, spot = row
    told, as_of = _SOURCES[source]
    return MachineType(
        name, int(vcpu), float(memory), Price(float(usd), told, as_of),
        Price(float(spot), *_SPOT) if spot else None, _gpus().get(name),
    )  # fmt: skip


def monthly_price(node: Node, region: str, today: date) -> tuple[float, Price] | None:
    """USD a month of one node of a graph; None when it costs nothing or nothing is known."""
    if node.adopt_id is not None:
        return None
    match node.kind:
        case "aws.eks.cluster":
            price = CONTROL_PLANE_EXTENDED if is_past_standard_support(node.spec["version"], today) else CONTROL_PLANE
            return price.usd_per_hour * HOURS_PER_MONTH, price
        case "aws.ec2.nat_gateway":
            return NAT_GATEWAY.usd_per_hour * HOURS_PER_MONTH, NAT_GATEWAY
        case "aws.ec2.elastic_ip":
            return PUBLIC_ADDRESS.usd_per_hour * HOURS_PER_MONTH, PUBLIC_ADDRESS
        case "aws.eks.nodegroup":
            return _pool_price(node, region)
        case _:
            return None


def _pool_price(node: Node, region: str) -> tuple[float, Price] | None:
    """An autoscaled pool is priced at the size it starts with."""
    spec = {**node.spec, **node.spec.get(IN_TEMPLATE, {})}
    machine = machine_types_by_name(region).get(spec["machine_type"])
    if machine is None or machine.price is None:
        return None
    spot = machine.spot_price if spec["spot"] else None
    price = spot or machine.price
    disks = (spec["disk_gb"] or 0) * GP3_USD_PER_GB_MONTH  # an orphan's launch template keeps its size to itself
    each = price.usd_per_hour * HOURS_PER_MONTH + disks
    return spec["desired"] * each, Price(price.usd_per_hour, price.source + _DISK_NOTE, price.as_of)
