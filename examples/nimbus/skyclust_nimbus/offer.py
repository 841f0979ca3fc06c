"""What Nimbus offers, refuses and costs: data and pure checks, no call to the cloud."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from skyclust.contract.pools import check_one_type
from skyclust.contract.provider import KubernetesVersion, MachineType
from skyclust.contract.resources import HOURS_PER_MONTH, Finding, Node, Price
from skyclust.contract.specs import ClusterSpec, NetworkSpec

ZONES = {"lab-1": ("lab-1a", "lab-1b"), "lab-2": ("lab-2a",)}
VERSIONS = (KubernetesVersion("1.35"), KubernetesVersion("1.34", default=True))
CLUSTER_PRICE = Price(0.05, "price list of Nimbus", "2026-11-01")
MACHINES = (
    MachineType("big", 8, 32.0, Price(0.30, "price list of Nimbus", "2026-11-01")),
    MachineType("small", 2, 8.0, Price(0.08, "price list of Nimbus", "2026-11-01")),
)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def monthly_price(node: Node) -> tuple[float, Price] | None:
    """USD per month of a node; most cost nothing."""
    if node.kind == "nimbus.cluster":
        return CLUSTER_PRICE.usd_per_hour * HOURS_PER_MONTH, CLUSTER_PRICE
    price = next((item.price for item in MACHINES if item.name == node.spec.get("machine_type")), None)
    return (price.usd_per_hour * HOURS_PER_MONTH * node.spec["node_count"], price) if price else None


def check_cluster(spec: ClusterSpec) -> Iterator[Finding]:
    """What Nimbus would refuse, each with what to do."""
    if not _NAME.fullmatch(spec.name):
        yield error("/name", "A name has up to 30 of a-z, 0-9 and '-', and starts with a letter.")
    yield from _one_of("/region", spec.region, ZONES)
    yield from _one_of("/version", spec.version, [version.name for version in VERSIONS])
    yield from _one_of("/mode", spec.mode, ["standard"])
    for index, pool in enumerate(spec.node_pools):
        types = [machine.name for machine in MACHINES]
        yield from _one_of(f"/node_pools/{index}/machine_type", pool.machine_type, types)
        for name in ("auto_scaling", "spot", "taints", "upgrade", "gpu", "disk_type"):
            if getattr(pool, name):
                yield error(f"/node_pools/{index}/{name}", f"Nimbus has no {name} for node pools. Leave it out.")
        yield from check_one_type(pool, f"/node_pools/{index}", "Nimbus")
    if spec.network is not None:
        for finding in check_network(spec.network):
            yield Finding(finding.severity, f"/network{finding.field}", finding.message)


def check_network(spec: NetworkSpec) -> Iterator[Finding]:
    """Likewise for networks."""
    yield from _one_of("/region", spec.region, ZONES)
    try:
        block = ipaddress.ip_network(spec.cidr_block)
    except ValueError as wrong:
        yield error("/cidr_block", f"{spec.cidr_block} is not a CIDR block ({wrong}); write 10.0.0.0/16.")
        return
    if block.prefixlen > 24:
        yield error("/cidr_block", f"{spec.cidr_block} is too small; a network is at least a /24.")


def error(field: str, message: str) -> Finding:
    """A finding that forbids to go on."""
    return Finding("error", field, message)


def _one_of(field: str, value: str, known: object) -> Iterator[Finding]:
    names = list(known)  # type: ignore[call-overload]
    if value not in names:
        yield error(field, f"Nimbus has no {value}; choose one of {', '.join(names)}.")
