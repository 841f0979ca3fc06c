"""The machines behind node pools: scale sets with their instances, and the same as Kubernetes nodes.

Called by cluster and pool changes when their time has come. Invariant: a pool's machines are exactly its count, spread
over its zones, and Kubernetes is told of them in the same step.
"""

from skyclust.sandbox.azure import addressing, catalog
from skyclust.sandbox.azure.aks_pool_defaults import SPOT
from skyclust.sandbox.azure.cloud import Cloud, digits_of, guid_of, named, new_etag
from skyclust.sandbox.azure.errors import Json
from skyclust.sandbox.azure.networks import SUBNETS, ranges_of
from skyclust.sandbox.azure.operations import stamp
from skyclust.sandbox.azure.subnet_users import MACHINES, SCALE_SETS
from skyclust.sandbox.kernel import NodeSpec

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def node_group_id(cloud: Cloud, cluster: Json) -> str:
    return f"/subscriptions/{cloud.account.subscription}/resourceGroups/{cluster['properties']['nodeResourceGroup']}"


def scale_set_id(cloud: Cloud, cluster: Json, pool: str) -> str:
    name = f"aks-{pool}-{digits_of(cluster['_key'])}-vmss"
    return f"{node_group_id(cloud, cluster)}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"


def machines_of(cloud: Cloud, scale_set: str) -> list[Json]:
    rows = [row for _, row in cloud.all(MACHINES, f"{scale_set.lower()}/virtualmachines/")]
    return sorted(rows, key=lambda row: int(row["name"]))


def resize(cloud: Cloud, cluster: Json, pool: Json, subnet: str, *, replace: bool = False) -> None:
    """Make the machines those of the pool: its count, or none while it stands still; `replace` makes all of "
    "them new.
    """
    properties = pool["properties"]
    wanted = properties["count"] if properties["powerState"]["code"] == "Running" else 0
    scale_set = scale_set_id(cloud, cluster, pool["name"])
    document = cloud.get(SCALE_SETS, scale_set.lower()) or _new_scale_set(cloud, cluster, pool, scale_set)
    present = machines_of(cloud, scale_set)
    gone = present if replace else present[wanted:]
    for row in gone:
        cloud.remove(MACHINES, row["id"].lower())
    for _ in range(wanted - (len(present) - len(gone))):
        number = document["_next"]
        document["_next"] = number + 1
        machine = _machine(cloud, document, properties, subnet, number)
        cloud.put(MACHINES, machine["id"].lower(), machine)
    document["sku"] = {"name": properties["vmSize"], "tier": "Standard", "capacity": wanted}
    document["tags"] = _tags(cluster, pool)
    cloud.put(SCALE_SETS, scale_set.lower(), document)
    tell_kubernetes(cloud, cluster, pool)


def remove_machine(cloud: Cloud, cluster: Json, pool: Json, machine: str) -> bool:
    """Delete one machine by its node's name; the pool has one less."""
    for row in machines_of(cloud, scale_set_id(cloud, cluster, pool["name"])):
        if node_name(row) == machine.lower():
            cloud.remove(MACHINES, row["id"].lower())
            tell_kubernetes(cloud, cluster, pool)
            return True
    return False


def remove_pool(cloud: Cloud, cluster: Json, pool: str) -> None:
    scale_set = scale_set_id(cloud, cluster, pool)
    for row in machines_of(cloud, scale_set):
        cloud.remove(MACHINES, row["id"].lower())
    cloud.remove(SCALE_SETS, scale_set.lower())
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool, [])


def tell_kubernetes(cloud: Cloud, cluster: Json, pool: Json) -> None:
    rows = machines_of(cloud, scale_set_id(cloud, cluster, pool["name"]))
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool["name"], [_node(cluster, pool, row) for row in rows])


# documents


def _tags(cluster: Json, pool: Json) -> dict[str, str]:
    return {
        **cluster.get("tags", {}),
        **pool["properties"].get("tags", {}),
        "aks-managed-poolName": pool["name"],
        "aks-managed-creationSource": "vmssclient-aks",
        "aks-managed-resourceNameSuffix": digits_of(cluster["_key"]),
    }


def _new_scale_set(cloud: Cloud, cluster: Json, pool: Json, scale_set: str) -> Json:
    properties = pool["properties"]
    return {
        "id": scale_set,
        "name": named(scale_set),
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": cluster["location"],
        "_location": cluster["location"],
        "_created": stamp(cloud.now()),
        "etag": new_etag(),
        "_next": 0,
        "_cluster": cluster["id"].lower(),
        **({"zones": properties["availabilityZones"]} if properties.get("availabilityZones") else {}),
        "properties": {
            "provisioningState": "Succeeded",
            "uniqueId": guid_of(scale_set),
            "singlePlacementGroup": False,
            "overprovision": False,
            "orchestrationMode": "Uniform",
            "upgradePolicy": {"mode": "Manual"},
            "virtualMachineProfile": {
                "priority": properties.get("scaleSetPriority", "Regular"),
                "storageProfile": {
                    "osDisk": {"diskSizeGB": properties["osDiskSizeGB"], "osType": properties["osType"]}
                },
            },
        },
    }


def _machine(cloud: Cloud, scale_set: Json, properties: Json, subnet: str, number: int) -> Json:
    zones = properties.get("availabilityZones", [])
    found = cloud.get(SUBNETS, subnet.lower())
    block = ranges_of(found)[0] if found else addressing.Range("10.224.0.0/16")
    counter = cloud.get("counters", subnet.lower()) or {"next": 0}
    cloud.put("counters", subnet.lower(), {"next": counter["next"] + 1})
    return {
        "id": f"{scale_set['id']}/virtualMachines/{number}", "name": str(number),
        "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines", "instanceId": str(number),
        "location": scale_set["location"], "_location": scale_set["location"], "_created": stamp(cloud.now()),
        "sku": {"name": properties["vmSize"], "tier": "Standard"}, "_size": properties["vmSize"],
        "_spot": properties.get("scaleSetPriority") == "Spot", "_subnet": subnet, "_scale_set": scale_set["name"],
        "_ip": addressing.address_at(block, counter["next"]), "_zone": zones[number % len(zones)] if zones else "",
        **({"zones": [zones[number % len(zones)]]} if zones else {}),
        "properties": {"provisioningState": "Succeeded", "vmId": guid_of(f"{scale_set['id']}{number}@{cloud.now()}")},
    }  # fmt: skip


def node_name(machine: Json) -> str:
    number, digits = int(machine["name"]), ""
    while number:
        number, rest = divmod(number, 36)
        digits = _LETTERS[rest] + digits
    return f"{machine['_scale_set']}{digits.rjust(6, '0')}"


def _node(cluster: Json, pool: Json, machine: Json) -> NodeSpec:
    """The machine as the node that Kubernetes shall see."""
    properties, location = pool["properties"], cluster["location"]
    size = catalog.sizes()[machine["_size"].lower()]
    return NodeSpec(
        name=node_name(machine),
        machine_type=size.name,
        zone=f"{location}-{machine['_zone']}" if machine["_zone"] else "0",
        region=location,
        cpu_millis=size.vcpus * 1000,
        memory_bytes=int(size.memory_gib * 1024**3),
        provider_id=f"azure://{machine['id']}",
        internal_ip=machine["_ip"],
        kubernetes_version=properties["currentOrchestratorVersion"],
        max_pods=properties["maxPods"],
        labels=_labels(cluster, pool),
        taints=tuple(_taint(text) for text in properties.get("nodeTaints", [])),
    )


def _labels(cluster: Json, pool: Json) -> dict[str, str]:
    properties = pool["properties"]
    mine: dict[str, str] = {
        "agentpool": pool["name"],
        "kubernetes.azure.com/agentpool": pool["name"],
        "kubernetes.azure.com/cluster": cluster["properties"]["nodeResourceGroup"],
        "kubernetes.azure.com/mode": properties["mode"].lower(),
        "kubernetes.azure.com/role": "agent",
        "kubernetes.azure.com/os-sku": properties["osSKU"],
        "kubernetes.azure.com/node-image-version": properties["nodeImageVersion"],
    }
    if catalog.sizes()[properties["vmSize"].lower()].arm:
        mine |= {"kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "arm64"}
    if properties.get("scaleSetPriority") == "Spot":
        mine[SPOT["key"]] = SPOT["value"]
    return {**mine, **properties.get("nodeLabels", {})}


def _taint(text: str) -> dict[str, str]:
    word, _, effect = text.rpartition(":")
    key, _, value = word.partition("=")
    return {"key": key, "value": value, "effect": effect}
