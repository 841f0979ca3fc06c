"""What compute.v1 tells about itself: the project, regions with quotas, zones, machine and disk types."""

from collections import Counter, defaultdict

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.catalog import MachineShape
from skyclust.sandbox.gcp.cloud import Call, Cloud, named, numeric_id
from skyclust.sandbox.gcp.compute_resources import limit_of
from skyclust.sandbox.gcp.errors import Json, compute_not_found, invalid_field
from skyclust.sandbox.gcp.listing import aggregated_answer, list_answer

_REGIONAL = (
    ("addresses", "STATIC_ADDRESSES", ""),
    ("disks", "DISKS_TOTAL_GB", "sizeGb"),
    ("instanceGroups", "INSTANCE_GROUPS", ""),
    ("instanceGroupManagers", "INSTANCE_GROUP_MANAGERS", ""),
)
_SINCE = "2014-05-30T18:35:16.413-07:00"
_COUNTED = {
    "NETWORKS": "networks",
    "SUBNETWORKS": "subnetworks",
    "FIREWALLS": "firewalls",
    "ROUTES": "routes",
    "ROUTERS": "routers",
    "STATIC_ADDRESSES": "addresses",
    "FORWARDING_RULES": "forwardingRules",
    "TARGET_POOLS": "targetPools",
}


def project(cloud: Cloud, call: Call) -> Json:
    name = call.path["project"]
    quotas = []
    for metric in catalog.PROJECT_QUOTAS:
        usage = len(cloud.all(_COUNTED[metric])) if metric in _COUNTED else 0
        quotas.append({"metric": metric, "limit": limit_of(cloud, metric), "usage": usage})
    return {
        "kind": "compute#project",
        "id": cloud.project.number,
        "name": name,
        "selfLink": f"compute://projects/{name}",
        "creationTimestamp": _SINCE,
        "defaultServiceAccount": f"{cloud.project.number}-compute@developer.gserviceaccount.com",
        "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": "AAAAAAAAAAA="},
        "quotas": quotas,
        "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        "defaultNetworkTier": "PREMIUM",
        "vmDnsSetting": "ZONAL_ONLY",
    }


def _usage(cloud: Cloud) -> dict[str, Counter[str]]:
    """What counts against the quotas, by region and metric."""
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for path, row in cloud.all("instances"):
        shape = catalog.MACHINE_TYPES[named(row["machineType"])]
        region = catalog.ZONES[path.split("/")[3]]
        used[region][shape.metric] += shape.cpus
        used[region]["INSTANCES"] += 1
    for collection, metric, size in _REGIONAL:
        for path, row in cloud.all(collection):
            used[catalog.region_of(path.split("/")[3])][metric] += int(row[size]) if size else 1
    return used


def _region(cloud: Cloud, name: str, usage: dict[str, Counter[str]] | None = None) -> Json:
    base = f"projects/{cloud.project.id}"
    used = _usage(cloud).get(name, Counter()) if usage is None else usage.get(name, Counter())
    quotas = [
        {"metric": metric, "limit": limit_of(cloud, metric, name), "usage": used[metric]}
        for metric in catalog.REGION_QUOTAS
    ]
    zones = [f"compute://{base}/zones/{zone}" for zone, region in catalog.ZONES.items() if region == name]
    return {
        "kind": "compute#region",
        "id": numeric_id(name),
        "name": name,
        "description": name,
        "status": "UP",
        "zones": zones,
        "quotas": quotas,
        "selfLink": f"compute://{base}/regions/{name}",
        "creationTimestamp": _SINCE,
        "supportsPzs": False,
    }


def _zone(cloud: Cloud, name: str) -> Json:
    base = f"projects/{cloud.project.id}"
    return {
        "kind": "compute#zone", "id": numeric_id(name), "name": name, "description": name, "status": "UP",
        "region": f"compute://{base}/regions/{catalog.ZONES[name]}", "selfLink": f"compute://{base}/zones/{name}",
        "availableCpuPlatforms": ["Intel Ice Lake", "Intel Cascade Lake", "AMD Milan"], "creationTimestamp": _SINCE,
        "supportsPzs": False,
    }  # fmt: skip


def get_region(cloud: Cloud, call: Call) -> Json:
    if call.path["region"] not in catalog.REGIONS:
        raise compute_not_found(f"projects/{call.path['project']}/regions/{call.path['region']}")
    return _region(cloud, call.path["region"])


def list_regions(cloud: Cloud, call: Call) -> Json:
    usage = _usage(cloud)
    return list_answer(
        [(name, _region(cloud, name, usage)) for name in sorted(catalog.REGIONS)],
        call,
        "region",
        f"projects/{call.path['project']}/regions",
    )


def get_zone(cloud: Cloud, call: Call) -> Json:
    if call.path["zone"] not in catalog.ZONES:
        raise compute_not_found(f"projects/{call.path['project']}/zones/{call.path['zone']}")
    return _zone(cloud, call.path["zone"])


def list_zones(cloud: Cloud, call: Call) -> Json:
    return list_answer(
        [(name, _zone(cloud, name)) for name in sorted(catalog.ZONES)],
        call,
        "zone",
        f"projects/{call.path['project']}/zones",
    )


def _known_zone(call: Call) -> str:
    zone = call.path["zone"]
    if zone not in catalog.ZONES:
        raise invalid_field("zone", zone, "Unknown zone.")
    return zone


def _machine_type(cloud: Cloud, zone: str, shape: MachineShape) -> Json:
    path = f"projects/{cloud.project.id}/zones/{zone}/machineTypes/{shape.name}"
    return {
        "kind": "compute#machineType", "id": numeric_id(shape.name), "name": shape.name, "guestCpus": shape.cpus,
        "memoryMb": shape.memory_mb, "imageSpaceGb": 0, "maximumPersistentDisks": 16 if shape.shared else 128,
        "maximumPersistentDisksSizeGb": "3072" if shape.shared else "263168", "isSharedCpu": shape.shared, "zone": zone,
        "description": f"{shape.cpus} vCPUs, {shape.memory_mb / 1024:g} GB RAM", "selfLink": f"compute://{path}",
        "architecture": "ARM64" if shape.arm else "X86_64", "creationTimestamp": "1969-12-31T16:00:00.000-08:00",
    }  # fmt: skip


def get_machine_type(cloud: Cloud, call: Call) -> Json:
    zone, name = _known_zone(call), call.path["machineType"]
    if not catalog.offered_in(name, zone):
        raise compute_not_found(f"projects/{call.path['project']}/zones/{zone}/machineTypes/{name}")
    return _machine_type(cloud, zone, catalog.MACHINE_TYPES[name])


def _machine_rows(cloud: Cloud, zone: str) -> list[tuple[str, Json]]:
    base = f"projects/{cloud.project.id}/zones/{zone}/machineTypes"
    names = sorted(name for name in catalog.MACHINE_TYPES if catalog.offered_in(name, zone))
    return [(f"{base}/{name}", _machine_type(cloud, zone, catalog.MACHINE_TYPES[name])) for name in names]


def list_machine_types(cloud: Cloud, call: Call) -> Json:
    zone = _known_zone(call)
    return list_answer(
        _machine_rows(cloud, zone), call, "machineType", f"projects/{call.path['project']}/zones/{zone}/machineTypes"
    )


def aggregated_machine_types(cloud: Cloud, call: Call) -> Json:
    rows = [row for zone in sorted(catalog.ZONES) for row in _machine_rows(cloud, zone)]
    return aggregated_answer(rows, call, "machineType", "machineTypes")


def _disk_type(cloud: Cloud, zone: str, name: str) -> Json:
    path = f"projects/{cloud.project.id}/zones/{zone}/diskTypes/{name}"
    description, size = catalog.DISK_TYPES[name]
    return {
        "kind": "compute#diskType",
        "id": numeric_id(name),
        "name": name,
        "description": description,
        "defaultDiskSizeGb": size,
        "validDiskSize": "10GB-65536GB",
        "zone": f"compute://projects/{cloud.project.id}/zones/{zone}",
        "selfLink": f"compute://{path}",
    }


def list_disk_types(cloud: Cloud, call: Call) -> Json:
    zone = _known_zone(call)
    rows = [(name, _disk_type(cloud, zone, name)) for name in sorted(catalog.DISK_TYPES)]
    return list_answer(rows, call, "diskType", f"projects/{call.path['project']}/zones/{zone}/diskTypes")


def aggregated_disk_types(cloud: Cloud, call: Call) -> Json:
    rows = [
        (f"projects/{cloud.project.id}/zones/{zone}/diskTypes/{name}", _disk_type(cloud, zone, name))
        for zone in sorted(catalog.ZONES)
        for name in sorted(catalog.DISK_TYPES)
    ]
    return aggregated_answer(rows, call, "diskType", "diskTypes")


def get_disk_type(cloud: Cloud, call: Call) -> Json:
    zone, name = _known_zone(call), call.path["diskType"]
    if name not in catalog.DISK_TYPES:
        raise compute_not_found(f"projects/{call.path['project']}/zones/{zone}/diskTypes/{name}")
    return _disk_type(cloud, zone, name)


def aggregated_accelerators(cloud: Cloud, call: Call) -> Json:
    rows = []
    for zone in ("us-central1-a", "us-central1-c", "europe-west4-a", "asia-east1-a"):
        path = f"projects/{cloud.project.id}/zones/{zone}/acceleratorTypes/nvidia-tesla-t4"
        rows.append(
            (
                path,
                {
                    "kind": "compute#acceleratorType",
                    "id": numeric_id(path),
                    "name": "nvidia-tesla-t4",
                    "description": "NVIDIA T4",
                    "maximumCardsPerInstance": 4,
                    "zone": f"compute://projects/{cloud.project.id}/zones/{zone}",
                    "selfLink": f"compute://{path}",
                },
            )
        )
    return aggregated_answer(rows, call, "acceleratorType", "acceleratorTypes")


HANDLERS = {
    "compute.projects.get": project,
    "compute.regions.get": get_region,
    "compute.regions.list": list_regions,
    "compute.zones.get": get_zone,
    "compute.zones.list": list_zones,
    "compute.machineTypes.get": get_machine_type,
    "compute.machineTypes.list": list_machine_types,
    "compute.machineTypes.aggregatedList": aggregated_machine_types,
    "compute.diskTypes.list": list_disk_types,
    "compute.diskTypes.aggregatedList": aggregated_disk_types,
    "compute.diskTypes.get": get_disk_type,
    "compute.acceleratorTypes.aggregatedList": aggregated_accelerators,
}
