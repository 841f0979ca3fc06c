"""Node pools as AKS completes and checks them. Pure: knows the pool's body, its cluster and the catalog.

Rules: https://learn.microsoft.com/azure/aks/create-node-pools, use-system-pools, spot-node-pool, aks-naming-rules.
"""

import re
from datetime import datetime, timedelta

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.errors import ArmError, Json, bad_request, invalid_parameter
from skyclust.sandbox.azure.resources import check_tags
from skyclust.sandbox.azure.skus import not_allowed

NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_WINDOWS_NAME = re.compile(r"[a-z][a-z0-9]{0,5}")
_TAINT = re.compile(r"[^=:]+(=[^=:]*)?:(NoSchedule|NoExecute|PreferNoSchedule)")
_SHARE = re.compile(r"(0|[1-9]\d{0,2})%?")
_IMMUTABLE = (
    "vmSize",
    "osDiskSizeGB",
    "osDiskType",
    "vnetSubnetID",
    "podSubnetID",
    "maxPods",
    "osType",
    "availabilityZones",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "enableNodePublicIP",
    "type",
)
SPOT = {"key": "kubernetes.azure.com/scalesetpriority", "value": "spot"}
MOST_NODES = 1000


def node_image(now: datetime) -> str:
    """The newest node image: there is one a week."""
    monday = now - timedelta(days=now.weekday())
    return f"AKSUbuntu-2204gen2containerd-{monday:%Y%m.%d}.0"


def complete_pool(name: str, given: Json, cluster: Json, location: str, old: Json | None) -> Json:
    """All properties of a pool but the versions; `old` are those it has now."""
    where = f"agentPoolProfile.{name}"
    check_pool_name(name, given)
    if old:
        given = {**{key: old[key] for key in ("count", "mode", *_IMMUTABLE) if key in old}, **given}
        _check_immutable(given, old)
    properties: Json = {
        "count": given.get("minCount") or 1, "vmSize": "Standard_D4s_v5", "osDiskSizeGB": 128, "osDiskType": "Managed",
        "kubeletDiskType": "OS",
        "workloadRuntime": "OCIContainer", "maxPods": _default_pods(cluster), "type": "VirtualMachineScaleSets",
        "enableAutoScaling": False, "scaleDownMode": "Delete", "mode": "User", "osType": "Linux", "osSKU": "Ubuntu",
        "enableNodePublicIP": False, "enableEncryptionAtHost": False, "enableUltraSSD": False, "enableFIPS": False,
        "upgradeSettings": {} if given.get("scaleSetPriority") == "Spot" else {"maxSurge": "10%"},
        **{key: value for key, value in given.items() if key not in ("name", "powerState")},
        "powerState": given.get("powerState") or (old or {}).get("powerState") or {"code": "Running"},
    }  # fmt: skip
    properties["osDiskSizeGB"] = properties["osDiskSizeGB"] or 128
    _check_size(name, properties, location)
    _check_count(where, properties)
    _check_spot(where, properties)
    _check_details(where, properties, location)
    return properties


def check_pool_name(name: str, given: Json) -> None:
    rule = _WINDOWS_NAME if given.get("osType") == "Windows" else NAME
    if not rule.fullmatch(name):
        raise invalid_parameter(
            "agentPool.name",
            f"The value of parameter agentPool.name is invalid. Error details: agent pool name '{name}' must start "
            "with a lowercase letter, have max length of 12, and only have characters a-z0-9. Please see "
            "https://aka.ms/aks-naming-rules for more details.",
        )


def _default_pods(cluster: Json) -> int:
    network = cluster.get("networkProfile", {})
    if network.get("networkPluginMode") == "overlay":
        return 250
    return 30 if network.get("networkPlugin") == "azure" else 110


def _check_immutable(given: Json, old: Json) -> None:
    for field in _IMMUTABLE:
        before, now = old.get(field), given.get(field)
        if field == "osDiskSizeGB" and not now:
            continue
        if _normal(before) != _normal(now) and field in given:
            raise bad_request(
                "PropertyChangeNotAllowed",
                f"Changing property 'properties.{field}' is not allowed.",
                f"properties.{field}",
            )


def _normal(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _check_size(name: str, properties: Json, location: str) -> None:
    size = catalog.size_in(properties["vmSize"], location)
    if size is None:
        raise not_allowed(properties["vmSize"], name, location)
    if size.vcpus < 2:
        raise bad_request(
            "VMSizeNotSupported", f"The VM size {size.name} has fewer than 2 vCPUs and cannot be used by AKS."
        )
    if properties["mode"] == "System" and size.memory_gib < 4:
        raise bad_request(
            "BadRequest",
            f"System node pool {name} must use VM sku with more than 2 cores and 4GB memory; {size.name} has "
            f"{size.memory_gib:g} GB.",
        )


def _check_count(where: str, properties: Json) -> None:
    count, low, high = properties["count"], properties.get("minCount"), properties.get("maxCount")
    least = 1 if properties["mode"] == "System" else 0
    if not least <= count <= MOST_NODES:
        raise invalid_parameter(
            f"{where}.count",
            f"The value of parameter {where}.count is invalid: {count}; a pool in mode {properties['mode']} has "
            f"{least} to {MOST_NODES} nodes.",
        )
    if not properties["enableAutoScaling"]:
        if low is not None or high is not None:
            raise invalid_parameter(
                f"{where}.minCount", "minCount and maxCount can be set only when enableAutoScaling is true."
            )
        return
    if low is None or high is None:
        raise invalid_parameter(
            f"{where}.minCount", "minCount and maxCount must be set when enableAutoScaling is true."
        )
    if not least <= low <= high <= MOST_NODES or not low <= count <= high:
        raise invalid_parameter(
            f"{where}.count",
            f"The value of parameter {where}.count is invalid: minCount ({low}) <= count ({count}) <= maxCount "
            f"({high}) must hold, and minCount must be at least {least}.",
        )


def _check_spot(where: str, properties: Json) -> None:
    if properties.get("scaleSetPriority") != "Spot":
        for field in ("scaleSetEvictionPolicy", "spotMaxPrice"):
            if field in properties and not (field == "spotMaxPrice" and properties[field] == -1):
                raise invalid_parameter(
                    f"{where}.{field}", f"{field} can be set only on a pool whose scaleSetPriority is Spot."
                )
        return
    if properties["mode"] == "System":
        raise invalid_parameter(
            f"{where}.scaleSetPriority", "A system node pool cannot have the scaleSetPriority Spot."
        )
    if properties["upgradeSettings"].get("maxSurge"):
        raise invalid_parameter(f"{where}.upgradeSettings.maxSurge", "Spot node pools can't set max surge.")
    properties.setdefault("scaleSetEvictionPolicy", "Delete")
    price = properties.setdefault("spotMaxPrice", -1)
    if price != -1 and price <= 0:
        raise invalid_parameter(f"{where}.spotMaxPrice", "spotMaxPrice is -1, the on-demand price, or a price above 0.")
    taint = f"{SPOT['key']}={SPOT['value']}:NoSchedule"
    taints = properties.setdefault("nodeTaints", [])
    if taint not in taints:
        taints.append(taint)
    properties["nodeLabels"] = {**properties.get("nodeLabels", {}), SPOT["key"]: SPOT["value"]}


def _check_details(where: str, properties: Json, location: str) -> None:
    if not 10 <= properties["maxPods"] <= 250:
        raise invalid_parameter(
            f"{where}.maxPods", f"maxPods is {properties['maxPods']}; it must be between 10 and 250."
        )
    if not 30 <= properties["osDiskSizeGB"] <= 2048:
        raise invalid_parameter(
            f"{where}.osDiskSizeGB",
            f"osDiskSizeGB is {properties['osDiskSizeGB']}; it must be 0 or between 30 and 2048.",
        )
    for taint in properties.get("nodeTaints", []):
        if not _TAINT.fullmatch(taint):
            raise invalid_parameter(f"{where}.nodeTaints", f"The taint '{taint}' is invalid; write key=value:Effect.")
    for label in properties.get("nodeLabels", {}):
        if label.partition("/")[0].endswith("kubernetes.azure.com") and label != SPOT["key"]:
            raise invalid_parameter(
                f"{where}.nodeLabels", f"The label '{label}' has the reserved prefix kubernetes.azure.com."
            )
    _check_upgrade(where, properties)
    zones, known = properties.get("availabilityZones", []), catalog.REGIONS[location].zones
    if not set(zones) <= set(known):
        raise ArmError(
            400,
            "AvailabilityZoneNotSupported",
            f"The zone(s) '{','.join(zones)}' for resource '{where}' is not supported. The supported zones for "
            f"location '{location}' are '{','.join(known)}'.",
        )
    check_tags(properties.get("tags", {}))


def _check_upgrade(where: str, properties: Json) -> None:
    """https://learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling"""
    given = {name: properties["upgradeSettings"].get(name) for name in ("maxSurge", "maxUnavailable")}
    for name, share in given.items():
        if share is not None and not _SHARE.fullmatch(share):
            raise invalid_parameter(
                f"{where}.upgradeSettings.{name}", f"{name} '{share}' is neither a number nor a percentage."
            )
    surge, missing = (int(str(share or "0").rstrip("%")) for share in given.values())
    if missing and properties["mode"] == "System":
        raise invalid_parameter(
            f"{where}.upgradeSettings.maxUnavailable", "maxUnavailable can't be set on system node pools."
        )
    if missing and surge:
        raise invalid_parameter(
            f"{where}.upgradeSettings", "maxSurge and maxUnavailable together need the preview MaxUnavailable fallback."
        )
    if not missing and not surge and properties.get("scaleSetPriority") != "Spot":
        raise invalid_parameter(
            f"{where}.upgradeSettings.maxSurge", "maxSurge must be greater than 0 when maxUnavailable is 0."
        )


def surge_of(properties: Json) -> int:
    """How many nodes an upgrade adds for a while."""
    text = str(properties["upgradeSettings"].get("maxSurge", "0"))
    if text.endswith("%"):
        return -(-int(properties["count"]) * int(text[:-1]) // 100)
    return int(text)
