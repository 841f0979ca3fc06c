"""What may be asked for: regions, zones, versions, machine types. From data in the package, read on first use.

Called by validation, blueprints and the provider. Machine types and their regions are of 2026-08-20
(Cyclenerd/google-cloud-pricing-cost-calculator, Apache-2.0); zones follow
https://cloud.google.com/compute/docs/regions-zones.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from skyclust.contract.provider import KubernetesVersion
from skyclust.contract.specs import Gpu

#: Minor versions of the release channels, newest first; the default is that of the regular channel. Ends of standard
#: support: https://cloud.google.com/kubernetes-engine/docs/release-schedule, as endoflife.date had them in 2026-02.
VERSIONS = (
    KubernetesVersion("1.35", end_of_standard_support="2027-04-11"),
    KubernetesVersion("1.34", default=True, end_of_standard_support="2026-10-01"),
    KubernetesVersion("1.33", end_of_standard_support="2026-08-03"),
    KubernetesVersion("1.32", end_of_standard_support="2026-04-11"),
    KubernetesVersion("1.31", end_of_standard_support="2026-01-16"),
)
#: https://cloud.google.com/kubernetes-engine/pricing
AFTER_SUPPORT = (
    "Then clusters on the Extended channel cost 0.60 USD an hour instead of 0.10, and GKE upgrades all others itself."
)
#: GKE spreads a regional cluster over three zones unless told otherwise.
DEFAULT_ZONES = 3
DEFAULT_REGION = "us-central1"


#: Families that boot from Hyperdisk only: https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
_HYPERDISK_ONLY = frozenset(
    ("a4", "a4x", "c4", "c4a", "c4d", "c4n", "g4", "h4d", "m4", "m4n", "n4", "n4a", "n4d", "x4")
)


def boots_from_hyperdisk_only(machine_type: str) -> bool:
    """True for machine types that take no persistent disk."""
    return machine_type.partition("-")[0] in _HYPERDISK_ONLY


def boot_disk_type(machine_type: str, asked: str | None) -> str:
    """The type of the boot disk: the one asked for, else what suits the machine type."""
    return asked or ("hyperdisk-balanced" if boots_from_hyperdisk_only(machine_type) else "pd-balanced")


@dataclass(frozen=True, slots=True)
class Shape:
    """A machine type and where it is offered."""

    name: str
    vcpu: int
    memory_gib: float
    regions: frozenset[str]


#: https://cloud.google.com/compute/docs/gpus: what accelerator-optimized machine types bring, by family and kind.
_BUILT_IN = {
    "a2-highgpu": "nvidia-tesla-a100",
    "a2-megagpu": "nvidia-tesla-a100",
    "a2-ultragpu": "nvidia-a100-80gb",
    "a3-edgegpu": "nvidia-h100-80gb",
    "a3-highgpu": "nvidia-h100-80gb",
    "a3-megagpu": "nvidia-h100-mega-80gb",
    "a3-ultragpu": "nvidia-h200-141gb",
    "g2-standard": "nvidia-l4",
}
_L4_BY_VCPU = {24: 2, 48: 4, 96: 8}
#: Likewise: how many of each may be attached to a machine of the family N1.
ATTACHED = {
    "nvidia-tesla-t4": (1, 2, 4),
    "nvidia-tesla-p4": (1, 2, 4),
    "nvidia-tesla-p100": (1, 2, 4),
    "nvidia-tesla-v100": (1, 2, 4, 8),
}


def built_in_gpu(machine_type: str) -> Gpu | None:
    """The GPUs that come with a machine type."""
    family, _, size = machine_type.removesuffix("-nolssd").rpartition("-")
    kind = _BUILT_IN.get(family)
    if kind is None:
        return None
    number = int(size.removesuffix("g"))
    return Gpu(kind, number if size.endswith("g") else _L4_BY_VCPU.get(number, 1))


def takes_gpus(machine_type: str) -> bool:
    """Whether GPUs may be attached to it: general machines of N1, but not those with a shared core or much memory."""
    return machine_type.startswith(("n1-standard-", "n1-highmem-", "n1-highcpu-"))


def data_rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a CSV file in data/."""
    text = resources.files("skyclust.providers.gcp").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@cache
def regions() -> dict[str, tuple[str, ...]]:
    """Zones by region, sorted."""
    return {row["region"]: tuple(row["zones"].split()) for row in data_rows("zones.csv")}


@cache
def shapes() -> dict[str, Shape]:
    """Machine types by name."""
    return {
        row["name"]: Shape(
            row["name"], int(float(row["vcpu"])), float(row["memory_gib"]), frozenset(row["regions"].split())
        )
        for row in data_rows("machine_types.csv")
    }


def shapes_in(region: str) -> list[Shape]:
    """Machine types of a region, sorted by name."""
    return [shape for _, shape in sorted(shapes().items()) if region in shape.regions]


def region_of_zone(zone: str) -> str:
    """The region a zone's name begins with."""
    return zone.rpartition("-")[0]


def minor(version: str) -> tuple[int, int] | None:
    """(1, 33) of "1.33", "1.33.5" or "1.33.5-gke.2118001"; None when it is no version."""
    parts = version.partition("-")[0].split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


def nearest(wanted: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words most like `wanted`, best first; never empty when anything is known."""
    pool = list(known)
    found = difflib.get_close_matches(wanted, pool, n=count, cutoff=0.5)
    return found or sorted(pool, key=lambda word: (-_common(wanted, word), word))[:count]


def nearest_versions(wanted: str, count: int = 2) -> list[str]:
    """Offered minor versions closest in number."""
    names = [version.name for version in VERSIONS]
    number = minor(wanted)
    if number is None:
        return names[:count]
    return sorted(names, key=lambda name: (abs((minor(name) or (0, 0))[1] - number[1]), name))[:count]


def _common(first: str, second: str) -> int:
    return sum(1 for _ in _same_beginning(first, second))


def _same_beginning(first: str, second: str) -> Iterator[str]:
    for left, right in zip(first, second, strict=False):
        if left != right:
            return
        yield left
