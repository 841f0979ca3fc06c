"""What the simulated cloud offers and what it refuses, as data and pure checks. Called by blueprints and `Sim`."""

from __future__ import annotations

import ipaddress
import re

from skyclust.contract.checks import check_peerings
from skyclust.contract.pools import check_gpu, check_one_type
from skyclust.contract.provider import KubernetesVersion, MachineType
from skyclust.contract.resources import HOURS_PER_MONTH, Finding, Node, Price
from skyclust.contract.specs import ClusterSpec, NetworkSpec

REGIONS = ("sim-east-1", "sim-west-1")
MODES = ("standard", "serverless")
VERSIONS = (
    KubernetesVersion("1.34", default=True),
    KubernetesVersion("1.33"),
    KubernetesVersion("1.32", end_of_standard_support="2027-02-28"),
)
_SOURCE = "invented for the simulated cloud"
_AS_OF = "2026-01-01"


def _price(usd_per_hour: float) -> Price:
    return Price(usd_per_hour, _SOURCE, _AS_OF)


MACHINE_TYPES = (
    MachineType("large", 8, 32.0, _price(0.40), _price(0.12)),
    MachineType("medium", 4, 16.0, _price(0.20), _price(0.06)),
    MachineType("small", 2, 8.0, _price(0.10), _price(0.03)),
)
_BY_NAME = {item.name: item for item in MACHINE_TYPES}
_HOURLY = {"sim.cluster": 0.10, "sim.gateway": 0.05}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")


def zones_of(region: str) -> tuple[str, ...]:
    """Three zones in each region."""
    return tuple(f"{region}{letter}" for letter in "abc") if region in REGIONS else ()


def monthly_price(node: Node) -> tuple[float, Price] | None:
    """USD per month of one node; None where it costs nothing."""
    if node.kind == "sim.node_pool":
        machine = _BY_NAME.get(node.spec["machine_type"])
        if machine is None or machine.price is None:
            return None
        return machine.price.usd_per_hour * HOURS_PER_MONTH * node.spec["node_count"], machine.price
    hourly = _HOURLY.get(node.kind)
    return (hourly * HOURS_PER_MONTH, _price(hourly)) if hourly else None


def check_cluster(spec: ClusterSpec) -> tuple[Finding, ...]:
    """Every rule of this cloud that the spec breaks."""
    found: list[Finding] = []
    if not _NAME.fullmatch(spec.name):
        found.append(_error("/name", "A name has 2 to 40 of a-z, 0-9 and '-', and starts with a letter."))
    if spec.region not in REGIONS:
        found.append(_error("/region", f"There is no region {spec.region}; there are {', '.join(REGIONS)}."))
    if spec.version not in {version.name for version in VERSIONS}:
        names = ", ".join(version.name for version in VERSIONS)
        found.append(_error("/version", f"Kubernetes {spec.version} is not offered; choose one of {names}."))
    if spec.mode not in MODES:
        found.append(_error("/mode", f"There is no mode {spec.mode}; choose one of {', '.join(MODES)}."))
    for index, pool in enumerate(spec.node_pools):
        if pool.machine_type not in _BY_NAME:
            known = ", ".join(_BY_NAME)
            text = f"There is no machine type {pool.machine_type}; choose one of {known}."
            found.append(_error(f"/node_pools/{index}/machine_type", text))
        at = f"/node_pools/{index}"
        found += [*check_one_type(pool, at, "the simulated cloud"), *check_gpu(pool, at, {})]
    if spec.network is not None:
        found += [Finding(item.severity, f"/network{item.field}", item.message) for item in check_network(spec.network)]
    return tuple(found)


def check_network(spec: NetworkSpec) -> tuple[Finding, ...]:
    """Every rule of this cloud that the network breaks."""
    found: list[Finding] = []
    if spec.region not in REGIONS:
        found.append(_error("/region", f"There is no region {spec.region}; there are {', '.join(REGIONS)}."))
    try:
        block = ipaddress.ip_network(spec.cidr_block)
    except ValueError as wrong:
        return (*found, _error("/cidr_block", f"{spec.cidr_block} is not a CIDR block ({wrong}); write 10.0.0.0/16."))
    if block.prefixlen > 24:
        found.append(_error("/cidr_block", f"{spec.cidr_block} is too small; a network is at least a /24."))
    found += check_peerings(spec, "The simulated cloud", ())
    return tuple(found)


def _error(field: str, message: str) -> Finding:
    return Finding("error", field, message)
