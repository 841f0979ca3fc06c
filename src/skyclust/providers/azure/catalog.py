"""What may be asked for: regions, zones, versions, machine types. From data in the package, read on first use.

Called by validation, blueprints and the provider. Machine types and prices are of Azure/karpenter-provider-azure
(2026-06-18, Apache-2.0), vCPUs from the names, memory by family; left out are sizes below two vCPUs, which AKS does not
take, and constrained ones ("4-2"). Regions are those with availability zones:
https://learn.microsoft.com/azure/reliability/regions-list. Versions follow
https://learn.microsoft.com/azure/aks/supported-kubernetes-versions.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from skyclust.contract.provider import KubernetesVersion
from skyclust.contract.specs import Gpu

#: Minor versions in standard support, newest first; older ones take a contract for long-term support. AKS tells months:
#: these are the last days of the twelfth after a version became generally available (2025-06, 2025-11, 2026-03).
VERSIONS = (
    KubernetesVersion("1.35", end_of_standard_support="2027-03-31"),
    KubernetesVersion("1.34", default=True, end_of_standard_support="2026-11-30"),
    KubernetesVersion("1.33", end_of_standard_support="2026-06-30"),
)
#: https://learn.microsoft.com/azure/aks/long-term-support and /azure/aks/supported-kubernetes-versions
AFTER_SUPPORT = (
    "Then only long-term support covers it, which takes the tier Premium (0.60 USD an hour instead of 0.10); without "
    "that there is neither an SLA nor a fix."
)
DEFAULT_REGION = "eastus"
ZONES = ("1", "2", "3")
REGIONS = (
    "australiaeast",
    "austriaeast",
    "brazilsouth",
    "canadacentral",
    "centralindia",
    "centralus",
    "chilecentral",
    "eastasia",
    "eastus",
    "eastus2",
    "francecentral",
    "germanywestcentral",
    "indonesiacentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "koreacentral",
    "malaysiawest",
    "mexicocentral",
    "newzealandnorth",
    "northeurope",
    "norwayeast",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southcentralus",
    "southeastasia",
    "spaincentral",
    "swedencentral",
    "switzerlandnorth",
    "uaenorth",
    "uksouth",
    "westeurope",
    "westus2",
    "westus3",
)
#: What AKS wants of the machines of a system pool: https://learn.microsoft.com/azure/aks/use-system-pools
SYSTEM_VCPU, SYSTEM_MEMORY_GIB = 2, 4.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A machine type of one region; its price is on demand, None where it is not known."""

    name: str
    vcpu: int
    memory_gib: float
    usd_per_hour: float | None
    gpu: Gpu | None = None


@cache
def shapes_in(region: str) -> Mapping[str, Shape]:
    """Machine types of a region by name, sorted; none when the region is unknown."""
    if region not in REGIONS:
        return {}
    usual = {
        row["name"]: Shape(row["name"], int(row["vcpu"]), float(row["memory_gib"]), float(row["usd_per_hour"]))
        for row in _rows("machine_types", f"{region}.csv")
    }
    return dict(sorted({**_with_gpus(), **usual}.items()))


@cache
def _with_gpus() -> Mapping[str, Shape]:
    """https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated. Where they are, and whether
    the subscription may use them, only Azure tells: the pre-flight asks.
    """
    return {
        row["name"]: Shape(
            row["name"], int(row["vcpu"]), float(row["memory_gib"]), None, Gpu(row["gpu"], int(row["count"]))
        )
        for row in _rows("gpus.csv")
    }


def _rows(*path: str) -> Iterator[dict[str, str]]:
    file = resources.files("skyclust.providers.azure").joinpath("data", *path)
    return csv.DictReader(file.read_text(encoding="utf-8").splitlines())


def minor(version: str) -> tuple[int, int] | None:
    """(1, 33) of "1.33" or "1.33.5"; None when it is no version."""
    parts = version.split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def nearest(wanted: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words most like `wanted`, best first; never empty when anything is known."""
    pool = list(known)
    by_lower = {word.lower(): word for word in pool}
    found = difflib.get_close_matches(wanted.lower(), by_lower, n=count, cutoff=0.4)
    return [by_lower[word] for word in found] or sorted(pool)[:count]


def nearest_versions(wanted: str, count: int = 2) -> list[str]:
    """Offered minor versions closest in number."""
    names = [version.name for version in VERSIONS]
    number = minor(wanted)
    if number is None:
        return names[:count]
    return sorted(names, key=lambda name: (abs((minor(name) or (0, 0))[1] - number[1]), name))[:count]
