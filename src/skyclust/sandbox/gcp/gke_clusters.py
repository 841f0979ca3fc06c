"""Clusters of container.v1: create, get, list and delete, and what they bring into the world when their time has come.

Invariant: a cluster that runs is served by the Kubernetes API under its key, and one that is gone is not.
"""

import base64
import hashlib

from skyclust.sandbox.gcp import catalog, gke_operations, node_machines
from skyclust.sandbox.gcp.cloud import Call, Cloud, stamp
from skyclust.sandbox.gcp.errors import Json, already_exists, bad_argument, not_found
from skyclust.sandbox.gcp.gke_defaults import (
    check_choices,
    check_cluster_name,
    check_labels,
    check_locations,
    check_pool,
    check_workload_pool,
    complete_cluster,
    complete_pool,
    first_pools,
)
from skyclust.sandbox.gcp.gke_mirrors import mirrored
from skyclust.sandbox.gcp.gke_networks import clear_out, open_firewalls, place
from skyclust.sandbox.gcp.gke_versions import check_location, node_version, version_for_new

CLUSTERS = "clusters"
POOLS = "node_pools"


def cluster_path(cloud: Cloud, call: Call, name: str = "") -> str:
    location = check_location(call.path["location"])
    return f"{gke_operations.where(cloud, location)}/clusters/{name or call.path['cluster']}"


def existing_cluster(cloud: Cloud, path: str) -> Json:
    found = cloud.get(CLUSTERS, path)
    if found is None:
        raise not_found(path)
    return found


def pools_of(cloud: Cloud, cluster: str) -> list[tuple[str, Json]]:
    return cloud.all(POOLS, f"{cluster}/nodePools/")


# answers


def shown_pool(cloud: Cloud, cluster: Json, path: str, pool: Json, busy: list[Json]) -> Json:
    """A node pool as its reader sees it; a running pool with an operation under way is RECONCILING."""
    mine = any(row["_pool"] == pool["name"] for row in busy)
    reconciling = pool["status"] in ("RUNNING", "RUNNING_WITH_ERROR") and mine
    links = node_machines.group_links(cloud, cluster, pool) if pool["status"] != "ERROR" else []
    return {
        **pool,
        "selfLink": gke_operations.link(path),
        "status": "RECONCILING" if reconciling else pool["status"],
        "instanceGroupUrls": links,
        "etag": _etag(pool),
    }


def shown_cluster(cloud: Cloud, path: str, cluster: Json) -> Json:
    busy = gke_operations.running(cloud, path)
    pools = [shown_pool(cloud, cluster, where, pool, busy) for where, pool in pools_of(cloud, path)]
    return {
        **cluster,
        "status": "RECONCILING" if busy and cluster["status"] == "RUNNING" else cluster["status"],
        "selfLink": gke_operations.link(path),
        "nodePools": pools,
        "instanceGroupUrls": [link for pool in pools for link in pool["instanceGroupUrls"]],
        "currentNodeCount": len(node_machines.machines_of(cloud, cluster)),
        "etag": _etag(cluster),
        **({"initialNodeCount": pools[0]["initialNodeCount"], "nodeConfig": pools[0]["config"]} if pools else {}),
    }


def _etag(document: Json) -> str:
    return hashlib.sha256(repr(sorted(document.items())).encode()).hexdigest()[:16]


def get(cloud: Cloud, call: Call) -> Json:
    path = cluster_path(cloud, call)
    return shown_cluster(cloud, path, existing_cluster(cloud, path))


def list_(cloud: Cloud, call: Call) -> Json:
    location = call.path["location"]
    under = f"projects/{cloud.project.id}/locations/"
    if location != "-":
        under += f"{check_location(location)}/"
    return {"clusters": [shown_cluster(cloud, path, row) for path, row in cloud.all(CLUSTERS, under)]}


# changes


def create(cloud: Cloud, call: Call) -> Json:
    given = call.body.get("cluster")
    if not given:
        raise bad_argument("Cluster is required.")
    given = mirrored(given, given)
    location = check_location(call.path["location"])
    path = cluster_path(cloud, call, check_cluster_name(given.get("name")))
    if cloud.get(CLUSTERS, path) is not None:
        raise already_exists(path)
    check_choices(given, location)
    check_labels(given.get("resourceLabels", {}))
    check_locations(given.get("locations", catalog.zones_of(location)), location)
    cluster = _new_cluster(cloud, path, location, given)
    pools = dict(new_pool(cloud, raw, cluster) for raw in first_pools(given))
    if len(pools) != len(first_pools(given)):
        raise bad_argument("Two node pools have the same name.")
    latency = "gcp.cluster.create_zonal" if location in catalog.ZONES else "gcp.cluster.create_regional"
    effects = [{"do": "gke.cluster.created", "path": path}]
    operation = gke_operations.begin(cloud, call, "CREATE_CLUSTER", path, cloud.take(latency, path), effects=effects)
    cloud.put(CLUSTERS, path, cluster)
    for name, pool in pools.items():
        cloud.put(POOLS, f"{path}/nodePools/{name}", pool)
    open_firewalls(cloud, cluster)
    return operation


def _new_cluster(cloud: Cloud, path: str, location: str, given: Json) -> Json:
    cluster_id = hashlib.sha256(f"{path}@{cloud.now().timestamp()}".encode()).hexdigest()
    cluster = complete_cluster(given, location, version_for_new(given))
    cluster |= place(cloud, path, location, given)
    if given.get("autopilot", {}).get("enabled"):
        cluster["workloadIdentityConfig"] = {"workloadPool": f"{cloud.project.id}.svc.id.goog"}
    check_workload_pool(cluster.get("workloadIdentityConfig", {}), cloud.project.id)
    cluster["masterAuth"] = {
        "clientCertificateConfig": {},
        **given.get("masterAuth", {}),
        "clusterCaCertificate": base64.b64encode(cloud.kernel.kubernetes.ca_pem.encode()).decode(),
    }
    return {
        **cluster,
        "id": cluster_id,
        "createTime": stamp(cloud.now()),
        "status": "PROVISIONING",
        "_key": f"gcp-{cluster_id[:16]}",
    }


def new_pool(cloud: Cloud, given: Json, cluster: Json) -> tuple[str, Json]:
    version = node_version(given.get("version", ""), cluster["currentMasterVersion"])
    pool = complete_pool(given, cluster, version)
    check_locations(pool["locations"], cluster["location"])
    check_pool(pool)
    check_service_account(cloud, pool["config"]["serviceAccount"])
    return pool["name"], {**pool, "status": "PROVISIONING"}


def check_service_account(cloud: Cloud, email: str) -> None:
    built_in = ("default", f"{cloud.project.number}-compute@developer.gserviceaccount.com")
    if email not in built_in and cloud.get("service_accounts", email) is None:
        raise bad_argument(f'Service account "{email}" does not exist.')


def delete(cloud: Cloud, call: Call) -> Json:
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    gke_operations.check_free(cloud, path)
    effects = [{"do": "gke.cluster.deleted", "path": path}]
    seconds = cloud.take("gcp.cluster.delete", path)
    operation = gke_operations.begin(cloud, call, "DELETE_CLUSTER", path, seconds, effects=effects)
    cloud.put(CLUSTERS, path, {**cluster, "status": "STOPPING"})
    for where, pool in pools_of(cloud, path):
        cloud.put(POOLS, where, {**pool, "status": "STOPPING"})
    return operation


# what happens when their time has come


def _created(cloud: Cloud, effect: Json) -> None:
    path = effect["path"]
    cluster = cloud.get(CLUSTERS, path)
    if cluster is None:
        return
    for where, pool in pools_of(cloud, path):
        problem = node_machines.shortage(cloud, cluster, pool, pool["initialNodeCount"], effect["trouble"])
        if problem:
            gke_operations.fail(cloud, effect, problem)
            condition = {"code": "GCE_STOCKOUT" if effect["trouble"] == "no_capacity" else "GCE_QUOTA_EXCEEDED",
                         "canonicalCode": "RESOURCE_EXHAUSTED", "message": problem}  # fmt: skip
            cloud.put(
                CLUSTERS, path, {**cluster, "status": "ERROR", "statusMessage": problem, "conditions": [condition]}
            )
            cloud.put(POOLS, where, {**pool, "status": "ERROR", "statusMessage": problem, "conditions": [condition]})
            return
    serve(cloud, cluster)
    for where, pool in pools_of(cloud, path):
        node_machines.resize(cloud, cluster, pool, pool["initialNodeCount"])
        cloud.put(POOLS, where, {**pool, "status": "RUNNING"})
    cloud.put(CLUSTERS, path, {**with_endpoint(cloud, cluster), "status": "RUNNING"})


def with_endpoint(cloud: Cloud, cluster: Json) -> Json:
    """GKE gives a bare address; the sandbox's clusters share one, so host, port and path stand in its place."""
    endpoint = cloud.kernel.kubernetes.endpoint(cluster["_key"]).removeprefix("https://")
    changed = {**cluster, "endpoint": endpoint}
    private = cluster.get("privateClusterConfig")
    if private:
        shown = {} if private.get("enablePrivateEndpoint") else {"publicEndpoint": endpoint}
        changed["privateClusterConfig"] = {**private, "privateEndpoint": endpoint, **shown}
    newer = cluster.get("controlPlaneEndpointsConfig", {})
    standard = {"enabled": True, "enablePublicEndpoint": not (private or {}).get("enablePrivateEndpoint", False)}
    ours = {"publicEndpoint": endpoint, "privateEndpoint": endpoint}
    ip_endpoints = {**standard, **newer.get("ipEndpointsConfig", {}), **ours}
    changed["controlPlaneEndpointsConfig"] = {**newer, "ipEndpointsConfig": ip_endpoints}
    return changed


def serve(cloud: Cloud, cluster: Json) -> None:
    cloud.kernel.kubernetes.create(cluster["_key"], cluster["currentMasterVersion"], cloud.authenticate)


def serve_all(cloud: Cloud) -> None:
    """After a start: the Kubernetes API serves what lives, at the address it has now."""
    for path, cluster in cloud.all(CLUSTERS):
        if "endpoint" in cluster:
            serve(cloud, cluster)
            for _, pool in pools_of(cloud, path):
                node_machines.tell_kubernetes(cloud, cluster, pool)
            cloud.put(CLUSTERS, path, with_endpoint(cloud, cluster))


def _deleted(cloud: Cloud, effect: Json) -> None:
    remove_cluster(cloud, effect["path"])


def remove_cluster(cloud: Cloud, path: str) -> None:
    """Everything GKE made for the cluster goes; what its workloads made (load balancers, volumes) stays."""
    cluster = cloud.get(CLUSTERS, path)
    if cluster is None:
        return
    for where, pool in pools_of(cloud, path):
        node_machines.remove_pool(cloud, cluster, pool["name"])
        cloud.remove(POOLS, where)
    clear_out(cloud, cluster)
    cloud.kernel.kubernetes.delete(cluster["_key"])
    cloud.remove(CLUSTERS, path)


HANDLERS = {
    f"container.projects.{scope}.clusters.{verb}": handler
    for scope in ("locations", "zones")
    for verb, handler in (("create", create), ("get", get), ("list", list_), ("delete", delete))
}
EFFECTS = {"gke.cluster.created": _created, "gke.cluster.deleted": _deleted}
