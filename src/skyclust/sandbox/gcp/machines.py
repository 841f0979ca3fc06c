"""Instances, disks, instance groups, their managers, load balancer pieces: what lives inside a network beside clusters.

GKE makes the first four behind node pools (node_machines.py); the world can plant any of them; users may insert
disks, groups of endpoints, forwarding rules and target pools as Kubernetes' controllers do.
"""

import ipaddress

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, named, path_of, short_hash
from skyclust.sandbox.gcp.compute_resources import (
    Kind,
    check_quota,
    existing,
    handlers_of,
    list_answer,
    referenced,
    resource_path,
)
from skyclust.sandbox.gcp.errors import GoogleError, Json, invalid_field, required

_ALL = ("insert", "get", "list", "aggregatedList", "delete")


def _prepare_instance(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
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
    document["networkInterfaces"] = [_card(cloud, path, index, card) for index, card in enumerate(cards)]
    document["machineType"] = f"compute://projects/{cloud.project.id}/zones/{zone}/machineTypes/{shape}"
    return {
        **document,
        "status": "RUNNING",
        "cpuPlatform": "Intel Broadwell",
        "startRestricted": False,
        "deletionProtection": False,
    }


def _card(cloud: Cloud, path: str, index: int, card: Json) -> Json:
    done = {"kind": "compute#networkInterface", "stackType": "IPV4_ONLY", **card, "name": f"nic{index}"}
    if "subnetwork" in card:
        subnetwork = referenced(cloud, "resource.networkInterfaces.subnetwork", card["subnetwork"], "subnetworks")
        done["subnetwork"] = f"compute://{subnetwork}"
        done["network"] = existing(cloud, "subnetworks", subnetwork)["network"]
    else:
        done["network"] = "compute://" + referenced(
            cloud, "resource.networkInterfaces.network", card.get("network"), "networks"
        )
    done["networkIP"] = private_address(cloud, path, str(done.get("subnetwork", "")).removeprefix("compute://"))
    return done


def private_address(cloud: Cloud, path: str, subnetwork: str) -> str:
    """The same free address of the subnetwork's range for the same machine; 10.x where there is no subnetwork."""
    document = cloud.get("subnetworks", subnetwork)
    block = ipaddress.IPv4Network(document["ipCidrRange"] if document else "10.128.0.0/9")
    taken = {card.get("networkIP") for _, row in cloud.all("instances") for card in row.get("networkInterfaces", [])}
    first = int(short_hash(path, 6), 16)
    usable = block.num_addresses - 4  # the network's own, the gateway's, the last two
    candidates = (str(block[2 + (first + step) % usable]) for step in range(usable))
    return next((address for address in candidates if address not in taken), str(block[2]))


def cpus_used(cloud: Cloud, region: str, metric: str) -> int:
    return sum(
        catalog.MACHINE_TYPES[named(row["machineType"])].cpus
        for path, row in cloud.all("instances")
        if catalog.ZONES.get(path.split("/")[3]) == region
        and catalog.MACHINE_TYPES[named(row["machineType"])].metric == metric
    )


def _prepare_disk(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
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


def _prepare_endpoint_group(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    document.setdefault("networkEndpointType", "GCE_VM_IP_PORT")
    if "subnetwork" in document:
        subnetwork = referenced(cloud, "resource.subnetwork", document["subnetwork"], "subnetworks")
        document["subnetwork"] = f"compute://{subnetwork}"
        document["network"] = existing(cloud, "subnetworks", subnetwork)["network"]
    elif document["networkEndpointType"].startswith("GCE_"):
        document["network"] = "compute://" + referenced(cloud, "resource.network", document.get("network"), "networks")
    return {"size": 0, **document}


def _prepare_forwarding_rule(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    done = {"loadBalancingScheme": "EXTERNAL", "IPProtocol": "TCP", "networkTier": "PREMIUM", **document}
    if not done.get("target") and not done.get("backendService"):
        raise required("resource.target")
    if done.get("target"):
        target = path_of(done["target"], cloud.project.id)
        if "/targetPools/" in target:
            referenced(cloud, "resource.target", done["target"], "targetPools")
        done["target"] = f"compute://{target}"
    for field, collection in (("network", "networks"), ("subnetwork", "subnetworks")):
        if done.get(field):
            done[field] = "compute://" + referenced(cloud, f"resource.{field}", done[field], collection)
    if done.get("subnetwork") and not done.get("network"):
        done["network"] = existing(cloud, "subnetworks", done["subnetwork"].removeprefix("compute://"))["network"]
    done.setdefault("IPAddress", f"203.0.113.{int(short_hash(path, 4), 16) % 254 + 1}")
    return done


def _pool_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    return next(
        (user for user, rule in cloud.all("forwardingRules") if rule.get("target") == f"compute://{path}"), None
    )


def _group_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    link = f"compute://{path}"
    return next((user for user, row in cloud.all("instanceGroupManagers") if row["instanceGroup"] == link), None)


def _members(cloud: Cloud, path: str) -> list[tuple[str, Json]]:
    return [(where, row) for where, row in cloud.all("instances") if row.get("_group") == path]


def _with_size(cloud: Cloud, path: str, document: Json) -> Json:
    return {**document, "size": len(_members(cloud, path))}


def _get_group(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP, call)
    return _with_size(cloud, path, existing(cloud, "instanceGroups", path))


def _list_groups(cloud: Cloud, call: Call) -> Json:
    where = f"projects/{call.path['project']}/zones/{call.path['zone']}/instanceGroups"
    return list_answer(
        [(path, _with_size(cloud, path, row)) for path, row in cloud.all("instanceGroups", where + "/")],
        call,
        "instanceGroup",
        where,
    )


def _list_group_instances(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP, call)
    existing(cloud, "instanceGroups", path)
    rows = [(where, {"instance": row["selfLink"], "status": row["status"]}) for where, row in _members(cloud, path)]
    answer = list_answer(rows, call, "instanceGroups", f"{path}/listInstances")
    return {**answer, "kind": "compute#instanceGroupsListInstances"}


def _list_managed(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP_OWNER, call)
    group = existing(cloud, "instanceGroupManagers", path)["instanceGroup"].removeprefix("compute://")
    return {
        "managedInstances": [
            {
                "instance": row["selfLink"],
                "id": row["id"],
                "name": row["name"],
                "instanceStatus": row["status"],
                "currentAction": "NONE",
            }
            for _, row in _members(cloud, group)
        ]
    }


def _not_by_hand(cloud: Cloud, call: Call) -> Json:
    existing(cloud, "instanceGroupManagers", resource_path(GROUP_OWNER, call), ready=True)
    raise GoogleError(
        400, "invalid", "The sandbox changes instance groups through their GKE node pool only; call nodePools:setSize."
    )


def _no_autoscalers(_cloud: Cloud, call: Call) -> Json:
    """GKE's autoscaler is not Compute Engine's: there is never one of those."""
    kind = "autoscalerAggregatedList" if call.method.id.endswith("aggregatedList") else "autoscalerList"
    return {"kind": f"compute#{kind}", "id": f"projects/{call.path['project']}/autoscalers"}


def _list_endpoints(cloud: Cloud, call: Call) -> Json:
    existing(cloud, "networkEndpointGroups", resource_path(ENDPOINT_GROUP, call))
    return {"kind": "compute#networkEndpointGroupsListNetworkEndpoints", "id": call.path["networkEndpointGroup"]}


def _all_regions(verbs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(verb for verb in verbs if verb != "aggregatedList")


INSTANCE = Kind("instances", "instances", "instance", "zones", (*_ALL, "setLabels"), "gcp.instance.create", "gcp.instance.delete",
                _prepare_instance)  # fmt: skip
DISK = Kind("disks", "disks", "disk", "zones", (*_ALL, "setLabels"), prepare=_prepare_disk, users=_disk_users)
GROUP = Kind(
    "instanceGroups", "instanceGroups", "instanceGroup", "zones", ("aggregatedList", "delete"), users=_group_users
)
GROUP_OWNER = Kind(
    "instanceGroupManagers", "instanceGroupManagers", "instanceGroupManager", "zones", ("get", "list", "aggregatedList")
)
ENDPOINT_GROUP = Kind(
    "networkEndpointGroups",
    "networkEndpointGroups",
    "networkEndpointGroup",
    "zones",
    _ALL,
    prepare=_prepare_endpoint_group,
)
FORWARDING_RULE = Kind("forwardingRules", "forwardingRules", "forwardingRule", "regions", (*_ALL, "setLabels"),
                       prepare=_prepare_forwarding_rule, quota="FORWARDING_RULES")  # fmt: skip
GLOBAL_FORWARDING_RULE = Kind("globalForwardingRules", "forwardingRules", "forwardingRule", "global",
                              (*_all_regions(_ALL), "setLabels"), prepare=_prepare_forwarding_rule,
                              quota="FORWARDING_RULES")  # fmt: skip
TARGET_POOL = Kind("targetPools", "targetPools", "targetPool", "regions", _ALL, users=_pool_users, quota="TARGET_POOLS")

HANDLERS = {
    method: handler
    for kind in (
        INSTANCE,
        DISK,
        GROUP,
        GROUP_OWNER,
        ENDPOINT_GROUP,
        FORWARDING_RULE,
        GLOBAL_FORWARDING_RULE,
        TARGET_POOL,
    )
    for method, handler in handlers_of(kind).items()
} | {
    "compute.instanceGroups.get": _get_group,
    "compute.instanceGroups.list": _list_groups,
    "compute.instanceGroups.listInstances": _list_group_instances,
    "compute.instanceGroupManagers.listManagedInstances": _list_managed,
    "compute.autoscalers.list": _no_autoscalers,
    "compute.autoscalers.aggregatedList": _no_autoscalers,
    "compute.instanceGroupManagers.resize": _not_by_hand,
    "compute.instanceGroupManagers.delete": _not_by_hand,
    "compute.networkEndpointGroups.listNetworkEndpoints": _list_endpoints,
}
