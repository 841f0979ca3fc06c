"""A GKE cluster as a cluster spec of ours, with its pools. Pure; called by imports.py.

What a spec says once for a whole cluster, and single pools have otherwise, goes into the note "_pools": they stay as
they are. Invariant: the blueprint of the spec differs in nothing from what is described, or an error finding says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from skyclust.contract.imports import Imported
from skyclust.contract.pools import told_upgrade
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import AutoScaling, ClusterSpec, Gpu, NodePoolSpec, Taint
from skyclust.providers.gcp import blueprints, catalog
from skyclust.providers.gcp.drivers import node_pool_bodies as pools
from skyclust.providers.gcp.drivers.cluster_bodies import BOOTSTRAP_POOL, behind, observed_cluster
from skyclust.providers.gcp.naming import network_path, subnetwork_path
from skyclust.providers.gcp.options import DISK_TYPES, LOCATION, PODS_RANGE, POOLS, SERVICES_RANGE
from skyclust.providers.gcp.validation import validate_cluster

#: Fields of a pool that a spec of ours says for the whole cluster, or works out by itself.
_NOTED = ("disk_type", "workload_identity", "private_nodes", "service_account", "locations")
_KEPT = "It stays as it is, but nothing of ours describes it."


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is read: `default_account` is what GKE calls the service account "default"."""

    project: str
    region: str
    default_account: str


def describe_cluster(path: str, cluster: JsonObject, sizes: Mapping[str, int], place: Place) -> Imported:
    """`sizes` are those of instance groups, by path."""
    described = [pool for pool in cluster.get("nodePools", []) if _is_described(cluster, pool)]
    spec = _cluster(cluster, place)
    if spec.mode == "standard":
        spec = replace(spec, node_pools=tuple(_pool(pool, sizes) for pool in described))
        spec = _with_disk_type(spec, described)
        spec = _with_notes(spec, {pool["name"]: _facts(pool, place) for pool in described})
    else:
        described = []
    ids = {"cluster": path, **{f"node-pool/{pool['name']}": f"{path}/nodePools/{pool['name']}" for pool in described}}
    findings = [*_about_cluster(cluster), *(found for pool in described for found in _about_pool(cluster, pool, sizes))]
    return Imported(spec, ids, (*findings, *_refused_later(spec)))


# ---- the cluster ----
def _cluster(cluster: JsonObject, place: Place) -> ClusterSpec:
    autopilot = bool(cluster.get("autopilot", {}).get("enabled"))
    network = cluster.get("networkConfig", {})
    zones = () if autopilot else tuple(sorted(cluster.get("locations", [])))
    options = _options(cluster, place, autopilot=autopilot)
    spec = ClusterSpec(
        name=cluster["name"],
        region=place.region,
        version=minor_of(cluster.get("currentMasterVersion", "")),
        mode="autopilot" if autopilot else "standard",
        vpc_id=network_path(network.get("network") or cluster.get("network", ""), place.project),
        subnet_ids=(
            subnetwork_path(network.get("subnetwork") or cluster.get("subnetwork", ""), place.project, place.region),
        ),
        zones=zones,
        options=options,
    )
    location = cluster["location"]
    if blueprints.placement(spec)[0] == location:
        return spec
    return replace(spec, options={**options, LOCATION: location})


def minor_of(version: str) -> str:
    """`1.33` of `1.33.5-gke.1162000`: the patch is GKE's."""
    return ".".join(version.split(".")[:2])


def _options(cluster: JsonObject, place: Place, *, autopilot: bool) -> JsonObject:
    seen = observed_cluster("", cluster).fields
    addresses, private = cluster.get("ipAllocationPolicy", {}), cluster.get("privateClusterConfig", {})
    hidden = private.get("enablePrivateNodes") or cluster.get("networkConfig", {}).get("defaultEnablePrivateNodes")
    return {
        "release_channel": seen["release_channel"],
        "private_cluster": bool(hidden),
        "private_endpoint": seen["private_endpoint"],
        "authorized_networks": seen["authorized_networks"],
        "workload_identity": autopilot or seen["workload_identity"],
        "binary_authorization": seen["binary_authorization"],
        "network_policy": autopilot or seen["network_policy"],
        "service_account": _account(cluster, place, autopilot=autopilot),
        PODS_RANGE: addresses.get("clusterSecondaryRangeName"),
        SERVICES_RANGE: addresses.get("servicesSecondaryRangeName"),
    }


def _account(cluster: JsonObject, place: Place, *, autopilot: bool) -> str:
    """The account that most pools use; Autopilot's is in the defaults of its own pools."""
    if autopilot:
        defaults = cluster.get("autoscaling", {}).get("autoprovisioningNodePoolDefaults", {})
        return _email(defaults.get("serviceAccount"), place)
    used = Counter(_email(pool.get("config", {}).get("serviceAccount"), place) for pool in cluster.get("nodePools", []))
    return used.most_common(1)[0][0] if used else place.default_account


def _email(account: str | None, place: Place) -> str:
    return place.default_account if account in (None, "", "default") else str(account)


# ---- pools ----
def _is_described(cluster: JsonObject, pool: JsonObject) -> bool:
    """Pools that GKE makes and removes by itself, and those that go, are nobody's to manage."""
    by_gke = bool(pool.get("autoscaling", {}).get("autoprovisioned")) or pool["name"] == BOOTSTRAP_POOL
    autopilot = bool(cluster.get("autopilot", {}).get("enabled"))
    return not by_gke and not autopilot and pool.get("status") != "STOPPING"


def _pool(pool: JsonObject, sizes: Mapping[str, int]) -> NodePoolSpec:
    count = pools.node_count(pool, sizes)
    seen = pools.observed_pool("", pool, count).fields
    bounds = seen["auto_scaling"]
    if bounds is not None:
        count = min(max(count, bounds["min"]), bounds["max"])
    return NodePoolSpec(
        name=pool["name"],
        machine_type=seen["machine_type"],
        node_count=count,
        auto_scaling=AutoScaling(**bounds) if bounds else None,
        spot=seen["spot"],
        disk_gb=seen["disk_gb"],
        labels=seen["labels"],
        taints=tuple(Taint(**taint) for taint in seen["taints"]),
        zones=tuple(seen["locations"]),
        upgrade=told_upgrade(seen, blueprints.UPGRADE_DEFAULTS),
        gpu=Gpu(**seen["gpu"]) if seen["gpu"] else None,
    )


def _facts(pool: JsonObject, place: Place) -> JsonObject:
    """What the pool has of `_NOTED`."""
    seen = pools.observed_pool("", pool, 0).fields
    return {
        "disk_type": seen["disk_type"],
        "workload_identity": seen["workload_identity"],
        "private_nodes": bool(pool.get("networkConfig", {}).get("enablePrivateNodes")),
        "service_account": _email(pool.get("config", {}).get("serviceAccount"), place),
        # Uneven pools are told by a finding; where an autoscaler owns the size, zones and size are independent.
        "locations": seen["locations"] if seen["auto_scaling"] else None,
    }


def _with_disk_type(spec: ClusterSpec, described: Sequence[JsonObject]) -> ClusterSpec:
    """One type for all pools is the cluster's."""
    types = {pool["config"].get("diskType") for pool in described}
    if len(types) != 1 or not types <= set(DISK_TYPES):
        return spec
    if all(catalog.boot_disk_type(pool.machine_type, None) in types for pool in spec.node_pools):
        return spec  # it is what they would have anyway
    return replace(spec, options={**spec.options, "disk_type": types.pop()})


def _with_notes(spec: ClusterSpec, facts: Mapping[str, JsonObject]) -> ClusterSpec:
    graph = blueprints.cluster_blueprint(spec)
    notes: JsonObject = {}
    for name, has in facts.items():
        said = graph[f"node-pool/{name}"].spec
        other = {field: has[field] for field in _NOTED if has[field] is not None and has[field] != said[field]}
        if other:
            notes[name] = other
    return replace(spec, options={**spec.options, POOLS: notes}) if notes else spec


# ---- what our words cannot say ----
def _about_cluster(cluster: JsonObject) -> Iterator[Finding]:
    networks = cluster.get("masterAuthorizedNetworksConfig", {})
    private = cluster.get("privateClusterConfig", {}).get("enablePrivateEndpoint")
    mode = cluster.get("binaryAuthorization", {}).get("evaluationMode", "DISABLED")
    autopilot = cluster.get("autopilot", {}).get("enabled")
    autoprovisioning = cluster.get("autoscaling", {}).get("enableNodeAutoprovisioning") and not autopilot
    told = {
        "authorized networks that are on with an empty list": bool(
            networks.get("enabled") and not networks.get("cidrBlocks") and not private
        ),
        "names of authorized networks (a change of the list drops them)": any(
            row.get("displayName") for row in networks.get("cidrBlocks", [])
        ),
        f"Binary Authorization in the mode {mode}": mode.startswith("POLICY_BINDINGS"),
        "application-layer encryption of secrets": cluster.get("databaseEncryption", {}).get("state") == "ENCRYPTED",
        "node auto-provisioning, whose pools stay unmanaged": bool(autoprovisioning),
        "alpha features": bool(cluster.get("enableKubernetesAlpha")),
        "addresses by routes": not cluster.get("ipAllocationPolicy", {}).get("useIpAliases", True),
    }
    for what, is_so in told.items():
        if is_so:
            yield Finding("warning", "", f"The cluster has {what}. {_KEPT}", "unsayable")
    if any(pool["name"] == BOOTSTRAP_POOL for pool in cluster.get("nodePools", [])):
        text = f"The pool {BOOTSTRAP_POOL} shows that SkyClust is still creating the cluster. Wait until it is gone."
        yield Finding("error", "", text, "unfinished")


def _refused_later(spec: ClusterSpec) -> Iterator[Finding]:
    """What stands and works, though nobody could ask for it now."""
    for finding in validate_cluster(spec):
        if finding.severity == "error":
            text = f"Changes will be refused until this is put right: {finding.message}"
            yield Finding("warning", finding.field, text, finding.code)


def _about_pool(cluster: JsonObject, pool: JsonObject, sizes: Mapping[str, int]) -> Iterator[Finding]:
    name, config = pool["name"], pool.get("config", {})
    told = {
        "preemptible machines": bool(config.get("preemptible")),
        "accelerators of several kinds": len(config.get("accelerators", [])) > 1,
        "blue-green upgrades": pool.get("upgradeSettings", {}).get("strategy", "SURGE") == "BLUE_GREEN",
        f"machines with the image {config.get('imageType')}": str(config.get("imageType", "")).upper()
        not in ("", "COS_CONTAINERD"),
        "network tags": bool(config.get("tags")),
        "local SSDs": bool(config.get("localSsdCount")),
        "disks under a key of your own": bool(config.get("bootDiskKmsKey")),
        "confidential machines": bool(config.get("confidentialNodes", {}).get("enabled")),
    }
    for what, is_so in told.items():
        if is_so:
            yield Finding("warning", "", f"The node pool {name} has {what}. {_KEPT}", "unsayable")
    if behind(pool.get("version", ""), minor_of(cluster.get("currentMasterVersion", ""))):
        text = f"The node pool {name} runs {pool.get('version')}, older than its control plane. Upgrade it first."
        yield Finding("error", "", text, "older-pool")
    count, zones = pools.node_count(pool, sizes), len(pool.get("locations", [])) or 1
    if count % zones and not pool.get("autoscaling", {}).get("enabled"):
        text = f"The node pool {name} has {count} nodes in {zones} zones. Give each zone the same number first."
        yield Finding("error", "", text, "uneven-pool")
