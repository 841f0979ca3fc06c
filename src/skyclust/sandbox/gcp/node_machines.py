"""The machines behind node pools: managed instance groups, instances and their disks, and the same as Kubernetes nodes.

Called by cluster and node pool changes when their time has come. Invariant: a pool's machines are exactly its size in
each of its zones, and Kubernetes is told of them in the same step.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, numeric_id, short_hash, stamp
from skyclust.sandbox.gcp.compute_resources import limit_of
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.gke_defaults import TAINT_EFFECTS
from skyclust.sandbox.gcp.gke_networks import node_tag
from skyclust.sandbox.gcp.machines import cpus_used, private_address
from skyclust.sandbox.kernel import NodeSpec

NO_CAPACITY = (
    "Google Compute Engine: The zone '{zone}' does not have enough resources available to fulfill the request. "
    "Try a different zone, or try again later. (ZONE_RESOURCE_POOL_EXHAUSTED)"
)


def group_path(cloud: Cloud, cluster: Json, pool: str, zone: str, collection: str) -> str:
    name = f"gke-{cluster['name'][:20]}-{pool[:20]}-{short_hash(cluster['id'] + pool)}-grp".replace("--", "-")
    return f"projects/{cloud.project.id}/zones/{zone}/{collection}/{name}"


def group_links(cloud: Cloud, cluster: Json, pool: Json) -> list[str]:
    return [
        f"compute://{group_path(cloud, cluster, pool['name'], zone, 'instanceGroupManagers')}"
        for zone in pool["locations"]
    ]


def machines_of(cloud: Cloud, cluster: Json, pool: str = "") -> list[tuple[str, Json]]:
    return [
        (path, row)
        for path, row in cloud.all("instances")
        if row.get("_cluster") == cluster["id"] and pool in ("", row["_pool"])
    ]


def shortage(cloud: Cloud, cluster: Json, pool: Json, count: int, trouble: str) -> str:
    """Why the pool cannot have `count` machines a zone; '' when it can."""
    region = catalog.region_of(cluster["location"])
    shape = catalog.MACHINE_TYPES[pool["config"]["machineType"]]
    more = count * len(pool["locations"]) - len(machines_of(cloud, cluster, pool["name"]))
    limit = limit_of(cloud, shape.metric, region)
    if trouble == "no_capacity" and more > 0:
        return NO_CAPACITY.format(zone=pool["locations"][0])
    wanted = cpus_used(cloud, region, shape.metric) + more * shape.cpus
    if more > 0 and (trouble == "quota" or wanted > limit):
        return (
            f"Google Compute Engine: Insufficient regional quota to satisfy request: resource '{shape.metric}': "
            f"request requires '{more * shape.cpus:.1f}' and is short '{max(wanted - limit, 0):.1f}'. the quota is "
            f"'{limit:.1f}' in region {region}. (QUOTA_EXCEEDED)"
        )
    return ""


def resize(cloud: Cloud, cluster: Json, pool: Json, count: int) -> None:
    """Make it `count` machines in each zone of the pool, none elsewhere; keep those that exist."""
    for zone in pool["locations"]:
        _put_group(cloud, cluster, pool, zone, count)
    present = machines_of(cloud, cluster, pool["name"])
    for path, row in present:
        if path.split("/")[3] not in pool["locations"]:
            _remove_machine(cloud, path, row)
    for zone in pool["locations"]:
        here = [(path, row) for path, row in present if path.split("/")[3] == zone]
        for path, row in sorted(here, key=lambda item: int(item[1]["_serial"]))[count:]:
            _remove_machine(cloud, path, row)
        serial = max((int(row["_serial"]) for _, row in here), default=int(pool.get("_serial", 0)))
        for number in range(serial + 1, serial + 1 + count - len(here)):
            _add_machine(cloud, cluster, pool, zone, number)
    tell_kubernetes(cloud, cluster, pool)


def replace_all(cloud: Cloud, cluster: Json, pool: Json, count: int) -> None:
    """An upgrade of nodes: every machine is replaced by a new one."""
    present = machines_of(cloud, cluster, pool["name"])
    pool["_serial"] = max((int(row["_serial"]) for _, row in present), default=int(pool.get("_serial", 0)))
    for path, row in present:
        _remove_machine(cloud, path, row)
    resize(cloud, cluster, pool, count)


def remove_pool(cloud: Cloud, cluster: Json, pool: str) -> None:
    for path, row in machines_of(cloud, cluster, pool):
        _remove_machine(cloud, path, row)
    for collection in ("instanceGroupManagers", "instanceGroups"):
        for path, row in cloud.all(collection):
            if row.get("_cluster") == cluster["id"] and row["_pool"] == pool:
                cloud.remove(collection, path)
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool, [])


def tell_kubernetes(cloud: Cloud, cluster: Json, pool: Json) -> None:
    nodes = [_node(pool, path, row) for path, row in machines_of(cloud, cluster, pool["name"])]
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool["name"], nodes)


def _put_group(cloud: Cloud, cluster: Json, pool: Json, zone: str, count: int) -> None:
    mark = {"_cluster": cluster["id"], "_pool": pool["name"]}
    group = group_path(cloud, cluster, pool["name"], zone, "instanceGroups")
    manager = group_path(cloud, cluster, pool["name"], zone, "instanceGroupManagers")
    where = {"zone": f"compute://projects/{cloud.project.id}/zones/{zone}", "creationTimestamp": stamp(cloud.now())}
    if cloud.get("instanceGroups", group) is None:
        cloud.put("instanceGroups", group, {
            "kind": "compute#instanceGroup", "id": numeric_id(group), "name": named(group), "selfLink": f"compute://{group}",
            "network": f"compute://{cluster['_network']}", "subnetwork": f"compute://{cluster['_subnetwork']}",
            "namedPorts": [], "fingerprint": short_hash(group, 11) + "=", **where, **mark})  # fmt: skip
    old = cloud.get("instanceGroupManagers", manager) or {}
    cloud.put(
        "instanceGroupManagers",
        manager,
        {
            "kind": "compute#instanceGroupManager",
            "id": numeric_id(manager),
            "name": named(manager),
            "selfLink": f"compute://{manager}",
            "instanceGroup": f"compute://{group}",
            "baseInstanceName": named(manager).removesuffix("-grp"),
            "fingerprint": short_hash(manager, 11) + "=",
            "status": {"isStable": True},
            "currentActions": dict.fromkeys(("none",), count),
            **where,
            **mark,
            **old,
            "targetSize": count,
        },
    )


def _add_machine(cloud: Cloud, cluster: Json, pool: Json, zone: str, serial: int) -> None:
    group = group_path(cloud, cluster, pool["name"], zone, "instanceGroups")
    name = f"{named(group).removesuffix('-grp')}-{short_hash(f'{group}/{serial}', 4)}"
    path = f"projects/{cloud.project.id}/zones/{zone}/instances/{name}"
    disk = f"projects/{cloud.project.id}/zones/{zone}/disks/{name}"
    place = f"compute://projects/{cloud.project.id}/zones/{zone}"
    config = pool["config"]
    labels = {**cluster.get("resourceLabels", {}), **config.get("resourceLabels", {}), "goog-gke-node": "",
              "goog-k8s-cluster-name": cluster["name"], "goog-k8s-node-pool-name": pool["name"]}  # fmt: skip
    fixed = {
        "zone": place,
        "creationTimestamp": stamp(cloud.now()),
        "labels": labels,
        "labelFingerprint": short_hash(repr(labels), 11) + "=",
    }
    mark = {"_cluster": cluster["id"], "_pool": pool["name"], "_serial": serial, "_group": group}
    cloud.put(
        "disks",
        disk,
        {
            "kind": "compute#disk",
            "id": numeric_id(disk),
            "name": name,
            "selfLink": f"compute://{disk}",
            "status": "READY",
            "sizeGb": str(config["diskSizeGb"]),
            "type": f"{place}/diskTypes/{config['diskType']}",
            "users": [f"compute://{path}"],
            "physicalBlockSizeBytes": "4096",
            **fixed,
            **mark,
        },
    )
    cloud.put(
        "instances",
        path,
        {
            "kind": "compute#instance",
            "id": numeric_id(f"{path}@{cloud.now().timestamp()}"),
            "name": name,
            "selfLink": f"compute://{path}",
            "machineType": f"{place}/machineTypes/{config['machineType']}",
            "status": "RUNNING",
            "cpuPlatform": "AMD Milan",
            "tags": {"items": [node_tag(cluster), *config.get("tags", [])], "fingerprint": short_hash(name, 11) + "="},
            "networkInterfaces": [
                {
                    "kind": "compute#networkInterface",
                    "name": "nic0",
                    "network": f"compute://{cluster['_network']}",
                    "subnetwork": f"compute://{cluster['_subnetwork']}",
                    "networkIP": private_address(cloud, path, cluster["_subnetwork"]),
                    "stackType": "IPV4_ONLY",
                }
            ],
            "disks": [
                {
                    "kind": "compute#attachedDisk",
                    "source": f"compute://{disk}",
                    "boot": True,
                    "autoDelete": True,
                    "index": 0,
                    "deviceName": "persistent-disk-0",
                    "type": "PERSISTENT",
                    "mode": "READ_WRITE",
                    "diskSizeGb": str(config["diskSizeGb"]),
                }
            ],
            "scheduling": {
                "preemptible": bool(config.get("preemptible")),
                "automaticRestart": not config.get("spot"),
                "provisioningModel": "SPOT" if config.get("spot") else "STANDARD",
                "onHostMaintenance": "MIGRATE",
            },
            "deletionProtection": False,
            "startRestricted": False,
            **fixed,
            **mark,
        },
    )


def _remove_machine(cloud: Cloud, path: str, row: Json) -> None:
    for disk in row.get("disks", []):
        if disk.get("autoDelete"):
            cloud.remove("disks", disk["source"].removeprefix("compute://"))
    cloud.remove("instances", path)


def _node(pool: Json, path: str, row: Json) -> NodeSpec:
    shape, zone = catalog.MACHINE_TYPES[named(row["machineType"])], path.split("/")[3]
    config = pool["config"]
    labels = {
        "cloud.google.com/gke-nodepool": pool["name"],
        "cloud.google.com/gke-os-distribution": "cos",
        "cloud.google.com/machine-family": shape.name.split("-")[0],
        **({"cloud.google.com/gke-spot": "true"} if config.get("spot") else {}),
        **config.get("labels", {}),
    }
    taints = tuple(
        {
            "key": taint["key"],
            "value": taint.get("value", ""),
            "effect": TAINT_EFFECTS.get(taint.get("effect", ""), "NoSchedule"),
        }
        for taint in config.get("taints", [])
    )
    return NodeSpec(
        name=named(path),
        machine_type=shape.name,
        zone=zone,
        region=catalog.ZONES[zone],
        cpu_millis=shape.cpus * 1000,
        memory_bytes=shape.memory_mb * 1024 * 1024,
        provider_id=f"gce://{path.split('/')[1]}/{zone}/{named(path)}",
        internal_ip=row["networkInterfaces"][0]["networkIP"],
        kubernetes_version=pool["version"],
        max_pods=int(pool["maxPodsConstraint"]["maxPodsPerNode"]),
        labels=labels,
        taints=taints,
    )
