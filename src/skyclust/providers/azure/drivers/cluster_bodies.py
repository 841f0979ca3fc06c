"""A cluster's spec in the words of AKS and back. Pure; called by clusters.py and surveys.py.

AKS refuses to create a cluster without a node pool of the mode "System", and to delete the last one, yet each of the
request's pools is a resource of its own with its own row. So a cluster begins with a spare pool of one machine, and a
last system pool whose row goes becomes the spare one (node_pool_bodies.py). The first real system pool that is ready
removes it.
"""

from __future__ import annotations

from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.azure import addons, catalog
from skyclust.providers.azure.drivers.arm import alike, phase_of
from skyclust.providers.azure.drivers.failures import failure_of
from skyclust.providers.azure.drivers.node_pool_bodies import spare_tags

SPARE_POOL = "spare"
#: Fields that one PUT changes together; the version goes by itself.
COMPARED = (
    "tier",
    "network_policy",
    "authorized_ranges",
    "workload_identity",
    "upgrade_channel",
    "node_os_upgrade_channel",
    "local_accounts",
    "admin_group_ids",
)


def cluster_body(spec: JsonObject, mark: Mark) -> JsonObject:
    """The body of the PUT that creates a cluster."""
    properties = {
        "kubernetesVersion": spec["version"],
        "dnsPrefix": spec["dns_prefix"],
        "nodeResourceGroup": spec["node_group"],
        "enableRBAC": True,
        "agentPoolProfiles": [_spare_pool(spec, mark)],
        "networkProfile": {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            **_policy(spec),
            "podCidr": spec["pod_cidr"],
            "serviceCidr": spec["service_cidr"],
            "dnsServiceIP": spec["dns_service_ip"],
            "outboundType": spec["outbound_type"],
            "loadBalancerSku": "standard",
        },
        "apiServerAccessProfile": _access(spec),
        **_switches(spec),
        **addons.profiles_of(spec, {}),
    }
    return {
        "location": spec["location"],
        "tags": mark.tags(),
        "sku": {"name": "Base", "tier": spec["tier"]},
        "identity": _identity(spec),
        "properties": properties,
    }


def _identity(spec: JsonObject) -> JsonObject:
    if spec["identity_id"] is None:
        return {"type": "SystemAssigned"}
    return {"type": "UserAssigned", "userAssignedIdentities": {spec["identity_id"]: {}}}


def _spare_pool(spec: JsonObject, mark: Mark) -> JsonObject:
    return {
        "name": SPARE_POOL,
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "count": 1,
        "vmSize": spec["spare_machine_type"],
        "osType": "Linux",
        "vnetSubnetID": spec["subnet"],
        "tags": spare_tags(mark),
    }


def _policy(spec: JsonObject) -> JsonObject:
    """Cilium brings a data plane of its own."""
    cilium = spec["network_policy"] == "cilium"
    return {"networkPolicy": spec["network_policy"], "networkDataplane": "cilium" if cilium else "azure"}


def _access(spec: JsonObject) -> JsonObject:
    if spec["private_cluster"]:
        return {"enablePrivateCluster": True}
    return {"enablePrivateCluster": False, "authorizedIPRanges": _ranges(spec)}


def _ranges(spec: JsonObject) -> list[str]:
    """Nodes behind a NAT gateway reach the control plane from its address, which AKS does not let in by itself:
    https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
    """
    asked, egress = list(spec["authorized_ranges"]), spec.get("egress_address")
    if not asked or spec["private_cluster"]:
        return []
    return sorted({*asked, *([f"{egress}/32"] if egress else [])})


def _switches(spec: JsonObject) -> JsonObject:
    return {
        "aadProfile": {"managed": True, "enableAzureRBAC": True, "adminGroupObjectIDs": list(spec["admin_group_ids"])},
        "disableLocalAccounts": not spec["local_accounts"],
        "oidcIssuerProfile": {"enabled": True},
        "securityProfile": {"workloadIdentity": {"enabled": spec["workload_identity"]}},
        "autoUpgradeProfile": {
            "upgradeChannel": spec["upgrade_channel"],
            "nodeOSUpgradeChannel": spec["node_os_upgrade_channel"],
        },
    }


def changed_body(document: JsonObject, spec: JsonObject) -> JsonObject:
    """What was read, with every switch as the spec says, but for the version."""
    before: JsonObject = document["properties"]
    switches = {
        name: {**(before.get(name) or {}), **value} if isinstance(value, dict) else value
        for name, value in _switches(spec).items()
    }
    access = {**(before.get("apiServerAccessProfile") or {}), "authorizedIPRanges": _ranges(spec)}
    properties = {
        **before,
        **switches,
        **addons.profiles_of(spec, before),
        "networkProfile": {**(before.get("networkProfile") or {}), **_policy(spec)},
        **({} if spec["private_cluster"] else {"apiServerAccessProfile": access}),
    }
    return {**document, "sku": {**(document.get("sku") or {}), "tier": spec["tier"]}, "properties": properties}


def upgraded_body(document: JsonObject, version: str) -> JsonObject:
    """What was read, with another version of the control plane; pools stay until their own rows change them."""
    return {**document, "properties": {**document["properties"], "kubernetesVersion": version}}


# ---- what AKS shows ----
def observed_cluster(external_id: str, cluster: JsonObject, access: JsonObject) -> Observed:
    """A cluster as the engine sees it. `access` is from its kubeconfig: {"endpoint", "ca_data"}, {} while unknown.

    A change that fails leaves the cluster running as before: that is a difference, which `update` tells and repairs.
    Only a cluster that never came up has failed.
    """
    phase, failure = phase_of(cluster), failure_of(cluster)
    if phase is Phase.FAILED and came_up(cluster):
        phase = Phase.READY
    if phase is Phase.READY and not access:
        phase = Phase.SETTLING
    message = failure or ("The cluster is stopped: start it (az aks start)." if is_stopped(cluster) else "")
    return Observed(external_id, phase, _outputs(external_id, cluster, access), _fields(cluster), message)


def is_stopped(cluster: JsonObject) -> bool:
    """By other hands (az aks stop): it exists, and neither answers nor takes changes."""
    return (cluster.get("properties", {}).get("powerState") or {}).get("code") == "Stopped"


def came_up(cluster: JsonObject) -> bool:
    """Whether there is a control plane that answers."""
    properties = cluster.get("properties", {})
    return bool(
        properties.get("currentKubernetesVersion") and (properties.get("fqdn") or properties.get("privateFQDN"))
    )


def _outputs(external_id: str, cluster: JsonObject, access: JsonObject) -> JsonObject:
    properties = cluster.get("properties", {})
    return {
        "id": external_id,
        "name": cluster.get("name", ""),
        "endpoint": access.get("endpoint", ""),
        "ca_data": access.get("ca_data", ""),
        "version": properties.get("currentKubernetesVersion", ""),
        "node_group": properties.get("nodeResourceGroup", ""),
        "oidc_issuer": (properties.get("oidcIssuerProfile") or {}).get("issuerURL", ""),
    }


def _fields(cluster: JsonObject) -> JsonObject:
    properties = cluster.get("properties", {})
    upgrades = properties.get("autoUpgradeProfile") or {}
    aad = properties.get("aadProfile") or {}
    security = properties.get("securityProfile") or {}
    return {
        "version": properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion", ""),
        "state": properties.get("provisioningState", ""),
        "tier": (cluster.get("sku") or {}).get("tier", "Free"),
        "network_policy": (properties.get("networkProfile") or {}).get("networkPolicy") or "none",
        "authorized_ranges": sorted((properties.get("apiServerAccessProfile") or {}).get("authorizedIPRanges") or []),
        "workload_identity": bool((security.get("workloadIdentity") or {}).get("enabled")),
        "upgrade_channel": upgrades.get("upgradeChannel") or "none",
        "node_os_upgrade_channel": upgrades.get("nodeOSUpgradeChannel") or "NodeImage",
        "local_accounts": not properties.get("disableLocalAccounts"),
        "admin_group_ids": sorted(aad.get("adminGroupObjectIDs") or []),
        "addons": addons.seen(properties),
    }


# ---- differences ----
def cluster_changes(spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
    """What differs, in the order in which it should change."""
    seen = observed.fields
    wanted = {name: spec[name] for name in COMPARED}
    wanted["authorized_ranges"] = _ranges(spec)
    wanted["admin_group_ids"] = sorted(spec["admin_group_ids"])
    changes = [
        Change(name, seen.get(name), value) for name, value in wanted.items() if not alike(seen.get(name), value)
    ]
    if wishes := addons.differing(spec, seen):
        on = seen.get("addons", {})
        changes.append(Change("addons", {name: on.get(name) for name in wishes}, wishes))
    if behind(seen.get("version", ""), spec["version"]):
        changes.append(Change("version", seen["version"], spec["version"]))
    if not changes and str(seen.get("state", "")).lower() in ("failed", "canceled"):
        changes.append(Change("state", seen["state"], "Succeeded"))
    return tuple(changes)


def behind(seen: str, wanted: str) -> bool:
    """True when the running version is older than the wanted one. Newer is none: channels upgrade by themselves."""
    running, asked = catalog.minor(seen), catalog.minor(wanted)
    if running is None or asked is None or running > asked:
        return False
    if running < asked:
        return True
    return wanted.count(".") > 1 and _numbers(seen) < _numbers(wanted)


def next_version(seen: str, wanted: str) -> str:
    """The version of the next step: control planes go one minor version at a time."""
    running, asked = catalog.minor(seen), catalog.minor(wanted)
    if running is None or asked is None or asked[1] <= running[1] + 1:
        return wanted
    return f"{running[0]}.{running[1] + 1}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
