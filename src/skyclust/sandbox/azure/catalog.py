"""What the simulated Azure offers: regions with their zones, VM sizes with prices. Read by every service module.

Regions, their names and zones: https://learn.microsoft.com/azure/reliability/regions-list. Sizes: `data/sizes.csv`, one
row a size with the on-demand USD an hour in each region, from Azure/karpenter-provider-azure's price table (2026-06-18,
Apache-2.0); vCPUs are read from the name, memory is the family's (Bsv2: 4, 2 or 0.5 GiB a vCPU, Lsv2 to v4: 8).
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from skyclust.sandbox.azure.errors import bad_request

#: A few with GPUs, in every region at East US's list price: which region has which is not in the table.
_GPU_SIZES = (
    ("Standard_NC4as_T4_v3", 4, 28.0, 0.526),
    ("Standard_NC8as_T4_v3", 8, 56.0, 0.752),
    ("Standard_NC24ads_A100_v4", 24, 220.0, 3.673),
)
_FILE = Path(__file__).parent / "data" / "sizes.csv"
_GEOGRAPHIES = {
    "Asia Pacific": "australiacentral:Australia Central australiacentral2:Australia Central 2 "
    "australiaeast*:Australia East "
    "australiasoutheast:Australia Southeast centralindia*:Central India eastasia*:East Asia "
    "indonesiacentral*:Indonesia Central "
    "japaneast*:Japan East japanwest*:Japan West jioindiacentral:Jio India Central jioindiawest:Jio India West "
    "koreacentral*:Korea Central koreasouth:Korea South malaysiawest*:Malaysia West newzealandnorth*:New Zealand North "
    "southeastasia*:Southeast Asia southindia:South India westindia:West India",
    "Europe": "austriaeast*:Austria East francecentral*:France Central francesouth:France South "
    "germanynorth:Germany North "
    "germanywestcentral*:Germany West Central italynorth*:Italy North northeurope*:North Europe "
    "norwayeast*:Norway East "
    "norwaywest:Norway West polandcentral*:Poland Central spaincentral*:Spain Central swedencentral*:Sweden Central "
    "swedensouth:Sweden South switzerlandnorth*:Switzerland North switzerlandwest:Switzerland West uksouth*:UK South "
    "ukwest:UK West westeurope*:West Europe",
    "Middle East": "israelcentral*:Israel Central qatarcentral*:Qatar Central uaecentral:UAE Central "
    "uaenorth*:UAE North",
    "Africa": "southafricanorth*:South Africa North southafricawest:South Africa West",
    "Canada": "canadacentral*:Canada Central canadaeast:Canada East",
    "South America": "brazilsouth*:Brazil South brazilsoutheast:Brazil Southeast chilecentral*:Chile Central",
    "Mexico": "mexicocentral*:Mexico Central",
    "US": "centralus*:Central US eastus*:East US eastus2*:East US 2 northcentralus:North Central US "
    "southcentralus*:South Central US westcentralus:West Central US westus:West US westus2*:West US 2 "
    "westus3*:West US 3",
}


@dataclass(frozen=True)
class Region:
    name: str
    display_name: str
    geography: str
    zones: tuple[str, ...]


def _regions() -> dict[str, Region]:
    found = {}
    for geography, text in _GEOGRAPHIES.items():
        for name, star, display in re.findall(r"(\w+)(\*?):(.+?)(?= \w+\*?:|$)", text):
            found[name] = Region(name, display, geography, ("1", "2", "3") if star else ())
    return found


REGIONS: dict[str, Region] = _regions()


def location_of(text: str, kind: str) -> str:
    """The region's name for it or for its display name; Azure's refusal for anything else."""
    name = text.lower().replace(" ", "")
    if name not in REGIONS:
        raise bad_request(
            "LocationNotAvailableForResourceType",
            f"The provided location '{text}' is not available for resource type '{kind}'. List of available regions "
            f"for the resource type is '{','.join(sorted(REGIONS))}'.",
        )
    return name


@dataclass(frozen=True)
class Size:
    """A VM size. `prices` are on-demand USD an hour by region, where it is offered."""

    name: str
    vcpus: int
    memory_gib: float
    prices: dict[str, float]

    @property
    def arm(self) -> bool:
        return "p" in self._letters

    @property
    def premium(self) -> bool:
        return "s" in self._letters

    @property
    def _letters(self) -> str:
        """The lower-case letters after the number: features of the size."""
        found = re.match(r"Standard_[A-Z]+\d+(?:-\d+)?([a-z]*)", self.name)
        return found[1] if found else ""

    @property
    def family(self) -> str:
        """The name of its quota: Standard_D4ads_v5 counts against standardDADSv5Family."""
        found = re.match(r"Standard_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_\w+?)??(?:_(v\d+))?$", self.name)
        letters, features, version = found.groups() if found else (self.name.partition("_")[2], "", "")
        return f"standard{letters}{features.upper()}{version or ''}Family"


@cache
def sizes() -> dict[str, Size]:
    """Every size by its name in lower case."""
    with _FILE.open(newline="") as file:
        rows = list(csv.reader(file))
    regions = rows[0][3:]
    found = {}
    for name, vcpus, memory, *prices in rows[1:]:
        known = {region: float(price) for region, price in zip(regions, prices, strict=True) if price}
        found[name.lower()] = Size(name, int(vcpus), float(memory), known)
    return found | _with_gpus(regions)


def _with_gpus(regions: list[str]) -> dict[str, Size]:
    return {
        name.lower(): Size(name, vcpus, memory, dict.fromkeys(regions, price))
        for name, vcpus, memory, price in _GPU_SIZES
    }


def size_in(name: str, region: str) -> Size | None:
    """The size if the region offers it."""
    found = sizes().get(name.lower())
    return found if found and region in found.prices else None
