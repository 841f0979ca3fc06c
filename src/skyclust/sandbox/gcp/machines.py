"""Instances and disks of compute.v1. GKE makes them behind node pools, Kubernetes makes disks, anybody may make either.

Invariant: processors and disk space stay inside the region's quota.
"""

import ipaddress

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, named
from skyclust.sandbox.gcp.compute_resources import Kind, check_quota, existing, handlers_of, referenced
from skyclust.sandbox.gcp.errors import Json, invalid_field, required

_ALL = ("insert", "get", "list", "aggregatedList", "delete", "setLabels")


def _prepare_instance(cloud: Cloud, call: Call, _path: str, document: Json) -> Json:
    zone = call.path["zone"]
    shape = named(document.get("machineType", "")) or ""
    if not shape:
        raise required("resource.machineType")
    if not catalog.offered_in(shape, zone):
        raise invalid_field(
            "resource.machineType", document["machineType"], f"The machine type does not exist in zone {zone}."
        )
    cards = document.get("networkInterfaces") or []
    if not cards:
        raise required("resource.networkInterfaces")
    size = catalog.MACHINE_TYPES[shape]
    check_quota(cloud, size.metric, cpus_used(cloud, catalog.ZONES[zone], size.metric), size.cpus, catalog.ZONES[zone])
    document["networkInterfaces"] = [_card(cloud, index, card) for index, card in enumerate(cards)]
    document["machineType"] = f"compute://projects/{cloud.project.id}/zones/{zone}/machineTypes/{shape}"
    return {
        **document,
        "status": "RUNNING",
        "cpuPlatform": "Intel Broadwell",
        "startRestricted": False,
        "deletionProtection": False,
    }


def _card(cloud: Cloud, index: int, card: Json) -> Json:
    done = {"kind": "compute#networkInterface", "stackType": "IPV4_ONLY", **card, "name": f"nic{index}"}
    if "subnetwork" in card:
        subnetwork = referenced(cloud, "resource.networkInterfaces.subnetwork", card["subnetwork"], "subnetworks")
        done["subnetwork"] = f"compute://{subnetwork}"
        done["network"] = existing(cloud, "subnetworks", subnetwork)["network"]
    else:
        done["network"] = "compute://" + referenced(
            cloud, "resource.networkInterfaces.network", card.get("network"), "networks"
        )
    done["networkIP"] = private_address(cloud, str(done.get("subnetwork", "")).removeprefix("compute://"))
    return done


def private_address(cloud: Cloud, subnetwork: str) -> str:
    """The next address of the subnetwork's range, round and round; of 10.128.0.0/9 where there is no subnetwork."""
    document = cloud.get("subnetworks", subnetwork)
    block = ipaddress.IPv4Network(document["ipCidrRange"] if document else "10.128.0.0/9")
    counter = cloud.get("counters", f"addresses/{subnetwork}") or {"next": 0}
    cloud.put("counters", f"addresses/{subnetwork}", {"next": counter["next"] + 1})
    usable = block.num_addresses - 4  # not the network's own, the gateway's and the last two
    return str(block[2 + counter["next"] % usable])


def in_region(cloud: Cloud, region: str, name: str = "") -> list[tuple[str, Json]]:
    """The machines of a region, all or those whose names start with `name`."""
    zones = [zone for zone, where in catalog.ZONES.items() if where == region]
    return [
        row
        for zone in zones
        for row in cloud.all("instances", f"projects/{cloud.project.id}/zones/{zone}/instances/{name}")
    ]


def cpus_used(cloud: Cloud, region: str, metric: str) -> int:
    shapes = [catalog.MACHINE_TYPES[named(row["machineType"])] for _, row in in_region(cloud, region)]
    return sum(shape.cpus for shape in shapes if shape.metric == metric)


def _prepare_disk(cloud: Cloud, call: Call, _path: str, document: Json) -> Json:
    kind = named(document.get("type", "pd-standard"))
    if kind not in catalog.DISK_TYPES:
        raise invalid_field("resource.type", document["type"], "The disk type does not exist.")
    size = int(document.get("sizeGb") or catalog.DISK_TYPES[kind][1])
    if not 1 <= size <= 65536:
        raise invalid_field("resource.sizeGb", size, "Must be between 1 and 65536.")
    used = sum(
        int(row["sizeGb"]) for where, row in cloud.all("disks") if where.split("/")[3][:-2] == call.path["zone"][:-2]
    )
    check_quota(cloud, "DISKS_TOTAL_GB", used, size, catalog.ZONES[call.path["zone"]])
    link = f"compute://projects/{cloud.project.id}/zones/{call.path['zone']}/diskTypes/{kind}"
    return {"physicalBlockSizeBytes": "4096", **document, "type": link, "sizeGb": str(size), "status": "READY"}


def _disk_users(_cloud: Cloud, _path: str, document: Json) -> str | None:
    users = document.get("users", [])
    return users[0].removeprefix("compute://") if users else None


INSTANCE = Kind(
    "instances",
    "instances",
    "instance",
    "zones",
    _ALL,
    "gcp.instance.create",
    "gcp.instance.delete",
    _prepare_instance,
    on_deleted="instance.deleted",
)
DISK = Kind("disks", "disks", "disk", "zones", _ALL, prepare=_prepare_disk, users=_disk_users)
HANDLERS = {**handlers_of(INSTANCE), **handlers_of(DISK)}
