"""What the simulated Google Cloud offers: regions, zones, machine types, disk types, Kubernetes versions, quotas.

Read by every service module. A short but true-to-form selection; names and sizes are from Google's public
machine family and locations pages, versions are a plausible set for the discovery documents' date.
"""

from dataclasses import dataclass

_UNUSUAL_ZONES = {"us-central1": "abcf", "us-east1": "bcd", "europe-west1": "bcd"}
_REGION_NAMES = """
africa-south1 asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2
asia-southeast1 asia-southeast2 asia-southeast3 australia-southeast1 australia-southeast2 europe-central2
europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west10 europe-west12 europe-west2 europe-
west3 europe-west4 europe-west6 europe-west8 europe-west9 me-central1 me-central2 me-west1 northamerica-
northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1 us-central1 us-
east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4
"""
REGIONS: dict[str, str] = {name: _UNUSUAL_ZONES.get(name, "abc") for name in _REGION_NAMES.split()}
ZONES: dict[str, str] = {f"{region}-{letter}": region for region, letters in REGIONS.items() for letter in letters}

_SIZES = (2, 4, 8, 16, 32)
_FAMILIES: dict[str, tuple[tuple[int, ...], dict[str, float], str]] = {
    # family: sizes, memory GB per vCPU by shape, CPU quota metric
    "e2": (_SIZES, {"standard": 4, "highmem": 8, "highcpu": 1}, "CPUS"),
    "n1": ((1, 2, 4, 8, 16, 32, 64, 96), {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}, "CPUS"),
    "n2": ((*_SIZES, 48, 64, 80), {"standard": 4, "highmem": 8, "highcpu": 1}, "N2_CPUS"),
    "n2d": ((*_SIZES, 48, 64, 80, 96), {"standard": 4, "highmem": 8, "highcpu": 1}, "N2D_CPUS"),
    "n4": ((*_SIZES, 48, 64, 80), {"standard": 4, "highmem": 8, "highcpu": 2}, "CPUS"),
    "c2": ((4, 8, 16, 30, 60), {"standard": 4}, "C2_CPUS"),
    "c2d": ((*_SIZES, 56, 112), {"standard": 4, "highmem": 8, "highcpu": 2}, "C2D_CPUS"),
    "c3": ((4, 8, 22, 44, 88), {"standard": 4, "highmem": 8, "highcpu": 2}, "C3_CPUS"),
    "c3d": ((4, 8, 16, 30, 60, 90, 180, 360), {"standard": 4, "highmem": 8, "highcpu": 1.97}, "CPUS"),
    "c4": ((*_SIZES, 24, 48, 96, 144, 192, 288), {"standard": 3.75, "highmem": 7.75, "highcpu": 2}, "CPUS"),
    "c4a": ((1, *_SIZES, 48, 64, 72), {"standard": 4, "highmem": 8, "highcpu": 2}, "CPUS"),
    "c4d": ((*_SIZES, 48, 64, 96, 192, 384), {"standard": 3.875, "highmem": 7.875, "highcpu": 1.875}, "CPUS"),
    "n4a": ((1, *_SIZES, 48, 64), {"standard": 4, "highmem": 8, "highcpu": 2}, "CPUS"),
    "n4d": ((*_SIZES, 48, 64, 80, 96), {"standard": 4, "highmem": 8, "highcpu": 2}, "CPUS"),
    "h3": ((88,), {"standard": 4}, "CPUS"),
    "m3": ((32, 64, 128), {"ultramem": 30.5}, "CPUS"),
    "t2d": ((1, *_SIZES, 48, 60), {"standard": 4}, "T2D_CPUS"),
    "t2a": ((1, *_SIZES, 48), {"standard": 4}, "T2A_CPUS"),
    "m1": ((40, 80), {"ultramem": 24}, "M1_CPUS"),
    "g2": ((4, 8, 12, 16, 24, 32, 48, 96), {"standard": 4}, "CPUS"),
}
_SHARED = {
    "e2-micro": (2, 1024), "e2-small": (2, 2048), "e2-medium": (2, 4096), "f1-micro": (1, 614), "g1-small": (1, 1740),
}  # fmt: skip
_ONLY_IN = {
    "t2a": ("us-central1", "europe-west4", "asia-southeast1"),
    "m1": ("us-central1", "us-east4", "europe-west1", "asia-east1"),
}


@dataclass(frozen=True)
class MachineShape:
    name: str
    cpus: int
    memory_mb: int
    shared: bool
    metric: str

    @property
    def arm(self) -> bool:
        return self.name.startswith(("t2a-", "c4a-", "n4a-"))


def _shapes() -> dict[str, MachineShape]:
    found = {name: MachineShape(name, cpus, memory, True, "CPUS") for name, (cpus, memory) in _SHARED.items()}
    for family, (sizes, ratios, metric) in _FAMILIES.items():
        for shape, gigabytes in ratios.items():
            for cpus in sizes:
                name = f"{family}-{shape}-{cpus}"
                found[name] = MachineShape(name, cpus, int(cpus * gigabytes * 1024), False, metric)
    for cards in (1, 2, 4, 8):
        name = f"a2-highgpu-{cards}g"
        found[name] = MachineShape(name, 12 * cards, 85 * cards * 1024, False, "A2_CPUS")
    return found


MACHINE_TYPES: dict[str, MachineShape] = _shapes()


def offered_in(machine_type: str, zone: str) -> bool:
    family = machine_type.split("-", maxsplit=1)[0]
    return machine_type in MACHINE_TYPES and (family not in _ONLY_IN or ZONES.get(zone) in _ONLY_IN[family])


DISK_TYPES: dict[str, tuple[str, str]] = {
    "pd-standard": ("Standard Persistent Disk", "500"),
    "pd-balanced": ("Balanced Persistent Disk", "100"),
    "pd-ssd": ("SSD Persistent Disk", "100"),
    "pd-extreme": ("Extreme Persistent Disk", "1000"),
    "hyperdisk-balanced": ("Hyperdisk Balanced", "100"),
    "local-ssd": ("Local SSD", "375"),
}
IMAGE_TYPES = ("COS_CONTAINERD", "UBUNTU_CONTAINERD", "WINDOWS_LTSC_CONTAINERD")

# newest first, as getServerConfig lists them
VERSIONS: tuple[str, ...] = (
    "1.35.1-gke.1396000",
    "1.34.3-gke.1318000",
    "1.34.1-gke.3971001",
    "1.33.5-gke.2118001",
    "1.33.4-gke.1350000",
    "1.32.9-gke.1548000",
    "1.32.8-gke.1170000",
    "1.31.13-gke.1023000",
)
DEFAULT_VERSION = "1.34.1-gke.3971001"
CHANNELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "RAPID": ("1.35.1-gke.1396000", VERSIONS[:4]),
    "REGULAR": (DEFAULT_VERSION, VERSIONS[1:6]),
    "STABLE": ("1.33.5-gke.2118001", VERSIONS[2:7]),
    "EXTENDED": (DEFAULT_VERSION, VERSIONS[1:8]),
}

PROJECT_QUOTAS: dict[str, float] = {
    "NETWORKS": 15,
    "SUBNETWORKS": 275,
    "FIREWALLS": 200,
    "ROUTES": 250,
    "ROUTERS": 20,
    "STATIC_ADDRESSES": 8,
    "IN_USE_ADDRESSES": 69,
    "FORWARDING_RULES": 45,
    "TARGET_POOLS": 150,
    "CPUS_ALL_REGIONS": 400,
}
REGION_QUOTAS: dict[str, float] = {
    "CPUS": 240,
    "N2_CPUS": 200,
    "N2D_CPUS": 200,
    "C2_CPUS": 100,
    "C2D_CPUS": 100,
    "C3_CPUS": 100,
    "T2D_CPUS": 100,
    "T2A_CPUS": 100,
    "M1_CPUS": 80,
    "A2_CPUS": 12,
    "INSTANCES": 720,
    "INSTANCE_GROUPS": 100,
    "INSTANCE_GROUP_MANAGERS": 50,
    "STATIC_ADDRESSES": 8,
    "IN_USE_ADDRESSES": 69,
    "DISKS_TOTAL_GB": 40960,
    "SSD_TOTAL_GB": 4096,
    "COMMITMENTS": 0,
}

SERVICES: dict[str, str] = {
    "cloudbilling.googleapis.com": "Cloud Billing API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "compute.googleapis.com": "Compute Engine API",
    "container.googleapis.com": "Kubernetes Engine API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "iamcredentials.googleapis.com": "IAM Service Account Credentials API",
    "monitoring.googleapis.com": "Cloud Monitoring API",
    "serviceusage.googleapis.com": "Service Usage API",
    "sts.googleapis.com": "Security Token Service API",
}


def region_of(location: str) -> str:
    """The region of a region or zone name, '' when there is no such place."""
    return location if location in REGIONS else ZONES.get(location, "")


def zones_of(location: str) -> list[str]:
    """The zones a GKE location spreads over by default: itself, or the first three of the region."""
    if location in ZONES:
        return [location]
    return [f"{location}-{letter}" for letter in REGIONS[location][:3]]


def resolve_version(wanted: str, channel: str) -> str | None:
    """The full version for an alias ('', 'latest', '-', '1.34', '1.34.1'), None when the channel has none."""
    default, offered = CHANNELS.get(channel, (DEFAULT_VERSION, VERSIONS))
    if wanted in ("", "-"):
        return default
    if wanted == "latest":
        return offered[0]
    if wanted in offered:
        return wanted
    return next((version for version in offered if version.startswith((wanted + ".", wanted + "-"))), None)
