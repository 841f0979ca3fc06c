"""The machines behind node pools: managed instance groups, instances and their disks, and the same as Kubernetes nodes.

Called by cluster and node pool changes when their time has come. Invariant: a pool's machines are exactly its size in
each of its zones, and Kubernetes is told of them in the same step.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Cloud, named, short_hash
from skyclust.sandbox.gcp.compute_resources import existing, limit_of, put_new
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.instance_groups import GROUP, GROUP_OWNER
from skyclust.sandbox.gcp.machines import DISK, INSTANCE, cpus_used, in_region, private_address
from skyclust.sandbox.gcp.node_documents import disk_fields, group_fields, instance_fields, manager_fields, node_spec

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
        for path, row in in_region(cloud, catalog.region_of(cluster["location"]), f"gke-{cluster['name'][:20]}")
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
    present = machines_of(cloud, cluster, pool["name"])
    for path, row in present:
        if path.split("/")[3] not in pool["locations"]:
            _remove_machine(cloud, path, row)
    _remove_groups(cloud, cluster, pool["name"], but=pool["locations"])
    for zone in pool["locations"]:
        _put_group(cloud, cluster, pool, zone, count)
        here = [(path, row) for path, row in present if path.split("/")[3] == zone]
        for path, row in sorted(here, key=lambda item: int(item[1]["_serial"]))[count:]:
            _remove_machine(cloud, path, row)
        for _ in range(count - len(here)):
            pool["_serial"] = int(pool.get("_serial", 0)) + 1
            _add_machine(cloud, cluster, pool, zone)
    tell_kubernetes(cloud, cluster, pool)


def replace_all(cloud: Cloud, cluster: Json, pool: Json, count: int) -> None:
    """An upgrade of nodes: every machine is replaced by a new one."""
    for path, row in machines_of(cloud, cluster, pool["name"]):
        _remove_machine(cloud, path, row)
    resize(cloud, cluster, pool, count)


def remove_pool(cloud: Cloud, cluster: Json, pool: str) -> None:
    for path, row in machines_of(cloud, cluster, pool):
        _remove_machine(cloud, path, row)
    _remove_groups(cloud, cluster, pool, but=[])
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool, [])


def _remove_groups(cloud: Cloud, cluster: Json, pool: str, *, but: list[str]) -> None:
    for collection in ("instanceGroupManagers", "instanceGroups"):
        for path, row in cloud.all(collection):
            if row.get("_cluster") == cluster["id"] and row["_pool"] == pool and path.split("/")[3] not in but:
                cloud.remove(collection, path)


def tell_kubernetes(cloud: Cloud, cluster: Json, pool: Json) -> None:
    nodes = [node_spec(pool, path, row) for path, row in machines_of(cloud, cluster, pool["name"])]
    cloud.kernel.kubernetes.set_nodes(cluster["_key"], pool["name"], nodes)


def _put_group(cloud: Cloud, cluster: Json, pool: Json, zone: str, count: int) -> None:
    mark = {"_cluster": cluster["id"], "_pool": pool["name"]}
    group = group_path(cloud, cluster, pool["name"], zone, "instanceGroups")
    manager = group_path(cloud, cluster, pool["name"], zone, "instanceGroupManagers")
    if cloud.get("instanceGroups", group) is None:
        put_new(cloud, GROUP, group, group_fields(cluster, group) | mark)
        put_new(cloud, GROUP_OWNER, manager, manager_fields(group, manager) | mark)
    old = existing(cloud, "instanceGroupManagers", manager)
    cloud.put("instanceGroupManagers", manager, {**old, "targetSize": count, "currentActions": {"none": count}})


def _add_machine(cloud: Cloud, cluster: Json, pool: Json, zone: str) -> None:
    group = group_path(cloud, cluster, pool["name"], zone, "instanceGroups")
    name = f"{named(group).removesuffix('-grp')}-{short_hash(group + str(pool['_serial']), 4)}"
    path, disk = (f"projects/{cloud.project.id}/zones/{zone}/{kind}/{name}" for kind in ("instances", "disks"))
    mark = {"_cluster": cluster["id"], "_pool": pool["name"], "_serial": pool["_serial"], "_group": group}
    address = private_address(cloud, cluster["_subnetwork"])
    put_new(cloud, DISK, disk, disk_fields(cluster, pool, disk, path) | mark)
    put_new(cloud, INSTANCE, path, instance_fields(cluster, pool, path, disk, address) | mark)


def _remove_machine(cloud: Cloud, path: str, row: Json) -> None:
    for disk in row.get("disks", []):
        if disk.get("autoDelete"):
            cloud.remove("disks", disk["source"].removeprefix("compute://"))
    cloud.remove("instances", path)


def machine_gone(cloud: Cloud, effect: Json) -> None:
    """Somebody deleted a machine; the managed group behind a node pool makes a new one at once."""
    row = cloud.get("instances", effect["path"])
    if row is None:
        return
    _remove_machine(cloud, effect["path"], row)
    cluster = next((cluster for _, cluster in cloud.all("clusters") if cluster["id"] == row.get("_cluster")), None)
    if cluster is None:
        return
    for path, pool in cloud.all("node_pools"):
        if pool["name"] == row["_pool"] and f"/locations/{cluster['location']}/clusters/{cluster['name']}/" in path:
            resize(cloud, cluster, pool, pool["initialNodeCount"])
            cloud.put("node_pools", path, pool)


EFFECTS = {"instance.deleted": machine_gone}
