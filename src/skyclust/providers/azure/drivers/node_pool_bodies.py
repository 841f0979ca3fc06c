"""A node pool's spec in the words of AKS and back. Pure; called by node_pools.py and surveys.py.

A "spare" pool is one that no row stands for: see cluster_bodies.py. Its tags tell it, and the stack it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from skyclust.contract.pools import UPGRADE, upgrade_changes
from skyclust.contract.resources import TAG_STACK, Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.azure.drivers.arm import phase_of

TAG_SPARE = "skyclust:spare"
#: Labels and taints that AKS adds by itself (spot machines, modes): no difference unless asked for.
_OWN_PREFIXES = ("kubernetes.azure.com/",)


def spare_tags(mark: Mark) -> dict[str, str]:
    """The tags of a pool that nobody asked for; they hold no resource id, so nothing of ours is found by them."""
    return {TAG_SPARE: "true", TAG_STACK: str(mark.stack_id)}


def is_spare(pool: JsonObject) -> bool:
    """Whether no row stands for the pool."""
    return TAG_SPARE in tags_of(pool)


def is_spare_of(pool: JsonObject, mark: Mark) -> bool:
    """Likewise, in a cluster of this stack."""
    return is_spare(pool) and tags_of(pool).get(TAG_STACK) == str(mark.stack_id)


def as_pool(profile: JsonObject) -> JsonObject:
    """A profile inside a cluster in the shape of the pool itself."""
    return {"name": profile["name"], "properties": {key: value for key, value in profile.items() if key != "name"}}


def tags_of(pool: JsonObject) -> JsonObject:
    """A pool has its tags among its properties."""
    return pool.get("properties", {}).get("tags") or {}


def is_system(pool: JsonObject) -> bool:
    """Whether AKS may run its own Pods there."""
    return bool(pool.get("properties", {}).get("mode") == "System")


def pool_body(spec: JsonObject, mark: Mark) -> JsonObject:
    """The body of the PUT that creates a pool. Its version is that of the control plane."""
    properties: JsonObject = {
        "type": "VirtualMachineScaleSets",
        "osType": "Linux",
        "vmSize": spec["machine_type"],
        "osDiskSizeGB": spec["disk_gb"],
        "osDiskType": spec.get("disk_type", "Managed"),
        "vnetSubnetID": spec["subnet"],
        "tags": mark.tags(),
        "upgradeSettings": {"maxSurge": "10%", **_upgrade_settings(spec)},
        **_size(spec),
        **_mutable(spec, [], {}),
    }
    if spec["zones"]:
        properties["availabilityZones"] = list(spec["zones"])
    if spec["spot"]:
        # -1: up to the price on demand
        properties |= {"scaleSetPriority": "Spot", "scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1}
        del properties["upgradeSettings"]
    return {"properties": properties}


def changed_body(pool: JsonObject, spec: JsonObject) -> JsonObject:
    """What was read, as the spec says, but for the version."""
    before: JsonObject = pool["properties"]
    own_taints = [taint for taint in before.get("nodeTaints") or [] if taint.startswith(_OWN_PREFIXES)]
    own_labels = {k: v for k, v in (before.get("nodeLabels") or {}).items() if k.startswith(_OWN_PREFIXES)}
    size = _size(spec)
    if spec["auto_scaling"] is not None and before.get("enableAutoScaling"):
        bounds = spec["auto_scaling"]
        size["count"] = min(max(int(before.get("count") or 0), bounds["min"]), bounds["max"])
    kept = {key: value for key, value in before.items() if key not in ("minCount", "maxCount")}
    asked = _upgrade_settings(spec)
    surge = {"upgradeSettings": {**(before.get("upgradeSettings") or {}), **asked}} if asked else {}
    return {**pool, "properties": {**kept, **size, **surge, **_mutable(spec, own_taints, own_labels)}}


def _upgrade_settings(spec: JsonObject) -> JsonObject:
    wanted = spec.get(UPGRADE)
    return {} if wanted is None else {"maxSurge": wanted["max_surge"], "maxUnavailable": wanted["max_unavailable"]}


def upgraded_body(pool: JsonObject, version: str) -> JsonObject:
    """What was read, with another version."""
    return {**pool, "properties": {**pool["properties"], "orchestratorVersion": version}}


def tagged_body(pool: JsonObject, tags: dict[str, str]) -> JsonObject:
    """What was read, with other tags."""
    return {**pool, "properties": {**pool["properties"], "tags": tags}}


def _size(spec: JsonObject) -> JsonObject:
    bounds = spec["auto_scaling"]
    if bounds is None:
        return {"count": spec["node_count"], "enableAutoScaling": False}
    return {
        "count": spec["node_count"],
        "enableAutoScaling": True,
        "minCount": bounds["min"],
        "maxCount": bounds["max"],
    }


def _mutable(spec: JsonObject, own_taints: list[str], own_labels: JsonObject) -> JsonObject:
    taints = [f"{row['key']}={row['value']}:{row['effect']}" for row in spec["taints"]]
    return {
        "mode": spec["mode"],
        "nodeLabels": {**own_labels, **spec["labels"]},
        "nodeTaints": [*own_taints, *taints],
    }


# ---- what AKS shows ----
def observed_pool(external_id: str, pool: JsonObject, *, spare: bool, lives: bool, message: str = "") -> Observed:
    """A pool as the engine sees it. `spare`: whether the cluster has another one that nobody asked for.

    A change that fails leaves the machines there are (`lives`) running as before: that is a difference, which `update`
    tells and repairs. Only a pool without a machine has failed.
    """
    properties = pool.get("properties", {})
    phase = phase_of(pool)
    if phase is Phase.FAILED and lives:
        phase = Phase.READY
    outputs = {
        "id": external_id,
        "name": pool.get("name", ""),
        "version": version_of(pool),
        "node_count": int(properties.get("count") or 0),
    }
    return Observed(external_id, phase, outputs, _fields(pool, spare=spare), message)


def version_of(pool: JsonObject) -> str:
    """The version its nodes run."""
    properties = pool.get("properties", {})
    return str(properties.get("currentOrchestratorVersion") or properties.get("orchestratorVersion") or "")


def spare_beside(pool: JsonObject, pools: Iterable[JsonObject]) -> bool:
    """Whether a system pool stands beside a spare one, which it makes needless."""
    if not is_system(pool) or is_spare(pool):
        return False
    return any(
        is_spare(other) and other["name"] != pool["name"] and phase_of(other) is not Phase.DELETING for other in pools
    )


def until_control_plane_is_upgraded(seen: Observed) -> Observed:
    """An upgrade of the control plane takes long: meanwhile the pool settles, rather than being refused."""
    return replace(seen, phase=Phase.SETTLING, message="waits for the control plane's upgrade")


def _fields(pool: JsonObject, *, spare: bool) -> JsonObject:
    properties = pool.get("properties", {})
    bounds = None
    if properties.get("enableAutoScaling"):
        bounds = {"min": int(properties.get("minCount") or 0), "max": int(properties.get("maxCount") or 0)}
    labels = properties.get("nodeLabels") or {}
    return {
        "version": version_of(pool),
        "state": properties.get("provisioningState", ""),
        "machine_type": properties.get("vmSize"),
        "disk_gb": int(properties.get("osDiskSizeGB") or 0),
        "spot": properties.get("scaleSetPriority") == "Spot",
        "zones": sorted(properties.get("availabilityZones") or []),
        "mode": properties.get("mode"),
        "auto_scaling": bounds,
        "node_count": int(properties.get("count") or 0),
        "labels": {key: value for key, value in labels.items() if not key.startswith(_OWN_PREFIXES)},
        "taints": sorted_taints(_taint(text) for text in properties.get("nodeTaints") or []),
        "spare": spare,
        UPGRADE: _upgrade(properties.get("upgradeSettings") or {}),
        "disk_type": properties.get("osDiskType"),
    }


def _upgrade(settings: JsonObject) -> JsonObject:
    surge, missing = settings.get("maxSurge"), settings.get("maxUnavailable")
    return {"max_surge": str(surge or "0"), "max_unavailable": str(missing or "0")}


def _taint(text: str) -> JsonObject:
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return {"key": key, "value": value, "effect": effect}


def sorted_taints(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Taints in a fixed order, without those of AKS: theirs means nothing."""
    asked = (row for row in rows if not row["key"].startswith(_OWN_PREFIXES))
    return sorted(asked, key=lambda taint: (taint["key"], taint["effect"], taint["value"]))


# ---- differences ----
_FIXED = ("machine_type", "disk_gb", "spot", "zones")


def pool_changes(spec: JsonObject, observed: Observed, *, is_behind: bool) -> tuple[Change, ...]:
    """What differs, in the order in which it should change. The size of an autoscaled pool is the autoscaler's."""
    seen = observed.fields
    wanted = {
        **{name: spec[name] for name in (*_FIXED, "mode", "auto_scaling", "labels")},
        "zones": sorted(spec["zones"]),
        "taints": sorted_taints(spec["taints"]),
    }
    if "disk_type" in spec:
        wanted["disk_type"] = spec["disk_type"]
    if spec["auto_scaling"] is None:
        wanted["node_count"] = spec["node_count"]
    changes = [
        Change(name, seen.get(name), value, replace=name in (*_FIXED, "disk_type"))
        for name, value in wanted.items()
        if seen.get(name) != value
    ]
    changes.extend(upgrade_changes(spec, seen))
    if is_behind:
        changes.append(Change("version", seen["version"], spec["version"]))
    if seen.get("spare"):
        changes.append(Change("spare", before=True, after=False))
    if not changes and str(seen.get("state", "")).lower() in ("failed", "canceled"):
        changes.append(Change("state", seen["state"], "Succeeded"))
    return tuple(changes)
