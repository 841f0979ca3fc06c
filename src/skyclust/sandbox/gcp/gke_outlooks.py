"""What GKE tells before anything is changed: which upgrades come, which subnetworks a cluster may use.

Invariant: reads only.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.errors import Json, not_found
from skyclust.sandbox.gcp.gke_clusters import CLUSTERS, POOLS, cluster_path, existing_cluster
from skyclust.sandbox.gcp.gke_versions import numbers
from skyclust.sandbox.gcp.listing import page


def upgrade_targets(current: str, offered: tuple[str, ...]) -> Json:
    """The newest patch of the same minor version and the newest of the next one, where they are newer. Pure."""
    now = numbers(current)
    patches = [version for version in offered if numbers(version)[1] == now[1] and numbers(version) > now]
    minors = [version for version in offered if numbers(version)[1] == now[1] + 1]
    found: Json = {"autoUpgradeStatus": ["ACTIVE"]}
    if patches:
        found["patchTargetVersion"] = max(patches, key=numbers)
    if minors:
        found["minorTargetVersion"] = max(minors, key=numbers)
    return found


def _offered(cluster: Json) -> tuple[str, ...]:
    channel = cluster["releaseChannel"].get("channel", "UNSPECIFIED")
    return catalog.CHANNELS.get(channel, ("", catalog.VERSIONS))[1]


def cluster_upgrades(cloud: Cloud, call: Call) -> Json:
    cluster = existing_cluster(cloud, cluster_path(cloud, call))
    return upgrade_targets(cluster["currentMasterVersion"], _offered(cluster))


def pool_upgrades(cloud: Cloud, call: Call) -> Json:
    """Nodes go no further than their control plane."""
    path = cluster_path(cloud, call)
    cluster = existing_cluster(cloud, path)
    pool = cloud.get(POOLS, f"{path}/nodePools/{call.path['nodePool']}")
    if pool is None:
        raise not_found(f"{path}/nodePools/{call.path['nodePool']}")
    limit = numbers(cluster["currentMasterVersion"])
    return upgrade_targets(
        pool["version"], tuple(version for version in _offered(cluster) if numbers(version) <= limit)
    )


def usable_subnetworks(cloud: Cloud, call: Call) -> Json:
    rows = [(path, _usable(cloud, path, row)) for path, row in cloud.all("subnetworks")]
    wanted = call.query.get("filter", "").removeprefix("networkProjectId=").strip('"')
    rows = [row for row in rows if wanted in ("", cloud.project.id)]
    shown, token = page(rows, call.query, size_name="pageSize")
    return {"subnetworks": [row for _, row in shown]} | ({"nextPageToken": token} if token else {})


def _usable(cloud: Cloud, path: str, subnetwork: Json) -> Json:
    policies = [row["ipAllocationPolicy"] for _, row in cloud.all(CLUSTERS) if row["_subnetwork"] == path]
    used = {policy.get("clusterSecondaryRangeName"): "IN_USE_SHAREABLE_POD" for policy in policies}
    used |= {policy.get("servicesSecondaryRangeName"): "IN_USE_SERVICE" for policy in policies}
    return {
        "subnetwork": path,
        "network": subnetwork["network"].removeprefix("compute://"),
        "ipCidrRange": subnetwork["ipCidrRange"],
        "secondaryIpRanges": [
            {**row, "status": used.get(row["rangeName"], "UNUSED")} for row in subnetwork.get("secondaryIpRanges", [])
        ],
    }


HANDLERS = {
    "container.projects.aggregated.usableSubnetworks.list": usable_subnetworks,
    "container.projects.locations.clusters.fetchClusterUpgradeInfo": cluster_upgrades,
    "container.projects.locations.clusters.nodePools.fetchNodePoolUpgradeInfo": pool_upgrades,
}
