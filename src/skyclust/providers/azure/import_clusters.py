"""An AKS cluster as a cluster spec of ours, with its pools. Pure; called by imports.py.

What a spec works out by itself, and the cluster or single pools have otherwise, goes into notes ("_cluster", "_pools"):
it stays as it is. Invariant: the blueprint of the spec differs in nothing from what is described, or an error finding
says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.imports import Imported
from skyclust.contract.pools import told_upgrade
from skyclust.contract.resources import Finding, JsonObject, Phase
from skyclust.contract.specs import AutoScaling, ClusterSpec, NodePoolSpec, Taint
from skyclust.providers.azure import blueprints, options
from skyclust.providers.azure.drivers import node_pool_bodies as pools
from skyclust.providers.azure.drivers.arm import phase_of
from skyclust.providers.azure.drivers.cluster_bodies import COMPARED, behind, observed_cluster
from skyclust.providers.azure.naming import group_id, group_of, subscription_of
from skyclust.providers.azure.validation import validate_cluster

_KEPT = "It stays as it is, but nothing of ours describes it."


def describe_cluster(cluster: JsonObject, network: JsonObject | None, region: str) -> Imported:
    """`network` is the one in which the cluster's first pool is."""
    every = [pools.as_pool(profile) for profile in cluster["properties"].get("agentPoolProfiles") or []]
    described = [pool for pool in every if not pools.is_spare(pool)]
    subnet = str((described[0] if described else {}).get("properties", {}).get("vnetSubnetID") or "")
    if not subnet or network is None:
        raise InvalidSpec(
            f"The cluster {cluster['name']} stands in a network that AKS made for it and deletes with it. Only "
            "clusters in a virtual network of one's own can be imported."
        )
    spec = _cluster(cluster, network, subnet, region)
    spec = replace(spec, node_pools=tuple(_pool(pool) for pool in described))
    spec = _with_notes(spec, described, subnet)
    path = cluster["id"]
    ids = {"cluster": path, **{f"node-pool/{row['name']}": f"{path}/agentPools/{row['name']}" for row in described}}
    findings = [*_about_cluster(cluster, every), *(found for row in described for found in _about_pool(cluster, row))]
    return Imported(spec, ids, (*findings, *_refused_later(spec)))


def minor_of(version: str) -> str:
    """`1.33` of `1.33.5`: the patch is the channel's."""
    return ".".join(version.split(".")[:2])


# ---- the cluster ----
def _cluster(cluster: JsonObject, network: JsonObject, subnet: str, region: str) -> ClusterSpec:
    properties = cluster["properties"]
    profile = properties.get("networkProfile") or {}
    seen = observed_cluster("", cluster, {}).fields
    blocks = network["properties"].get("addressSpace", {}).get("addressPrefixes", [])
    given: JsonObject = {
        **{name: seen[name] for name in COMPARED},
        "private_cluster": bool((properties.get("apiServerAccessProfile") or {}).get("enablePrivateCluster")),
        "service_cidr": profile.get("serviceCidr"),
        "pod_cidr": profile.get("podCidr"),
        options.OUTBOUND: profile.get("outboundType", "loadBalancer"),
        options.BLOCK: blocks[0] if blocks else "",
        options.GROUP: group_id(subscription_of(cluster["id"]), group_of(cluster["id"])),
        options.CLUSTER: {
            "dns_prefix": properties.get("dnsPrefix", ""),
            "identity_id": next(iter((cluster.get("identity") or {}).get("userAssignedIdentities") or {}), None),
            "dns_service_ip": profile.get("dnsServiceIP", ""),
            "node_group": properties.get("nodeResourceGroup", ""),
        },
    }
    return ClusterSpec(
        name=cluster["name"],
        region=region,
        version=minor_of(properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion", "")),
        vpc_id=network["id"],
        subnet_ids=(subnet,),
        options={name: value for name, value in given.items() if value is not None},
    )


# ---- pools ----
def _pool(pool: JsonObject) -> NodePoolSpec:
    seen = pools.observed_pool("", pool, spare=False, lives=True).fields
    bounds = seen["auto_scaling"]
    return NodePoolSpec(
        name=pool["name"],
        machine_type=seen["machine_type"],
        node_count=seen["node_count"],
        auto_scaling=AutoScaling(**bounds) if bounds else None,
        spot=seen["spot"],
        disk_gb=seen["disk_gb"],
        labels=seen["labels"],
        taints=tuple(Taint(**taint) for taint in seen["taints"]),
        zones=tuple(seen["zones"]),
        disk_type=seen["disk_type"] if seen["disk_type"] not in (None, "Managed") else None,
        upgrade=None if seen["spot"] else told_upgrade(seen, blueprints.UPGRADE_DEFAULTS),
    )


def _with_notes(spec: ClusterSpec, described: Sequence[JsonObject], subnet: str) -> ClusterSpec:
    """What a pool has otherwise: its mode, and a subnet of its own."""
    graph = blueprints.cluster_blueprint(spec)
    notes: JsonObject = {}
    for pool in described:
        properties, said = pool["properties"], graph[f"node-pool/{pool['name']}"].spec
        other: JsonObject = {} if said["mode"] == properties.get("mode") else {"mode": properties.get("mode")}
        if properties.get("vnetSubnetID") != subnet:
            other["subnet"] = properties.get("vnetSubnetID")
        if other:
            notes[pool["name"]] = other
    return replace(spec, options={**spec.options, options.POOLS: notes}) if notes else spec


# ---- what our words cannot say ----
def _about_cluster(cluster: JsonObject, every: Sequence[JsonObject]) -> Iterator[Finding]:
    properties = cluster["properties"]
    profile = properties.get("networkProfile") or {}
    addons = [name for name, addon in (properties.get("addonProfiles") or {}).items() if addon.get("enabled")]
    told = {
        f"the network plugin {profile.get('networkPlugin')}": profile.get("networkPlugin") != "azure",
        "pods with addresses of the network": profile.get("networkPlugin") == "azure"
        and profile.get("networkPluginMode") != "overlay",
        f"add-ons ({', '.join(sorted(addons))})": bool(addons),
        "disks under a key of your own": bool(properties.get("diskEncryptionSetID")),
        "a service mesh": bool(properties.get("serviceMeshProfile")),
        "no sign-in by Microsoft Entra ID, so that no token of ours opens it": not properties.get("aadProfile"),
    }
    for what, is_so in told.items():
        if is_so:
            yield Finding("warning", "", f"The cluster has {what}. {_KEPT}", "unsayable")
    if phase_of(cluster) is not Phase.READY:
        text = f"The cluster is {properties.get('provisioningState')}. Wait, or repair it, until it has succeeded."
        yield Finding("error", "", text, "unfinished")
    if any(pools.is_spare(pool) and phase_of(pool) is not Phase.DELETING for pool in every):
        text = "The cluster's spare pool shows that SkyClust is still creating or deleting it. Wait until it is gone."
        yield Finding("error", "", text, "unfinished")


def _about_pool(cluster: JsonObject, pool: JsonObject) -> Iterator[Finding]:
    name, properties = pool["name"], pool["properties"]
    told = {
        f"machines with {properties.get('osType')}": properties.get("osType", "Linux") != "Linux",
        "public addresses for its nodes": bool(properties.get("enableNodePublicIP")),
        "settings of its own for kubelets or Linux": bool(
            properties.get("kubeletConfig") or properties.get("linuxOSConfig")
        ),
    }
    for what, is_so in told.items():
        if is_so:
            yield Finding("warning", "", f"The node pool {name} has {what}. {_KEPT}", "unsayable")
    wanted = minor_of(cluster["properties"].get("currentKubernetesVersion", ""))
    if behind(pools.version_of(pool), wanted):
        text = f"The node pool {name} runs {pools.version_of(pool)}, older than its control plane. Upgrade it first."
        yield Finding("error", "", text, "older-pool")
    if phase_of(pool) is not Phase.READY:
        text = f"The node pool {name} is {properties.get('provisioningState')}. Wait, or repair it, first."
        yield Finding("error", "", text, "unfinished")


def _refused_later(spec: ClusterSpec) -> Iterator[Finding]:
    """What stands and works, though nobody could ask for it now."""
    for finding in validate_cluster(spec):
        if finding.severity == "error":
            text = f"Changes will be refused until this is put right: {finding.message}"
            yield Finding("warning", finding.field, text, finding.code)
