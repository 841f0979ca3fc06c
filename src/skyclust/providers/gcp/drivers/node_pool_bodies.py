"""A node pool's spec in GKE's words and back. Pure; called by node_pools.py.

GKE counts nodes per zone, a spec counts them all: `node_count` is spread evenly over `locations` (blueprints.spread).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from skyclust.contract.pools import UPGRADE, upgrade_changes
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.drivers.cluster_bodies import CLOUD_PLATFORM, GKE_METADATA, behind
from skyclust.providers.gcp.naming import relative_path

_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
_EFFECT_WORDS = {gke: word for word, gke in _EFFECTS.items()}
_PHASES = {
    "PROVISIONING": Phase.SETTLING,
    "RUNNING": Phase.READY,
    # Usable, though the last change came to nothing: `update` tells why.
    "RUNNING_WITH_ERROR": Phase.READY,
    "RECONCILING": Phase.SETTLING,
    "STOPPING": Phase.DELETING,
    "ERROR": Phase.FAILED,
}
#: Labels and taints that GKE adds by itself (GPUs, Arm): no difference unless asked for.
_OWN_PREFIXES = ("cloud.google.com/", "goog-gke-")
_OWN_TAINTS = ("nvidia.com/gpu", "kubernetes.io/arch")


def pool_body(spec: JsonObject, mark: Mark) -> JsonObject:
    """The `nodePool` of a create call. Its version is that of the control plane."""
    config: JsonObject = {
        "machineType": spec["machine_type"],
        "diskSizeGb": spec["disk_gb"],
        "diskType": spec["disk_type"],
        "spot": spec["spot"],
        "labels": spec["labels"],
        "taints": taints(spec),
        "serviceAccount": spec["service_account"],
        "oauthScopes": [CLOUD_PLATFORM],
        "resourceLabels": mark.labels(),
        "metadata": {"disable-legacy-endpoints": "true"},
        "shieldedInstanceConfig": {"enableIntegrityMonitoring": True, "enableSecureBoot": True},
    }
    if spec["workload_identity"]:
        config["workloadMetadataConfig"] = workload_metadata(spec)
    if spec.get("gpu"):
        config["accelerators"] = [_accelerator(spec["gpu"])]
    return {
        "name": spec["name"],
        "initialNodeCount": per_zone(spec),
        "locations": spec["locations"],
        "autoscaling": autoscaling(spec),
        "networkConfig": {"enablePrivateNodes": spec["private_nodes"]},
        "config": config,
        **({"upgradeSettings": upgrade_settings(spec)} if spec.get(UPGRADE) else {}),
    }


def _accelerator(gpu: JsonObject) -> JsonObject:
    """With GKE's own driver: https://cloud.google.com/kubernetes-engine/docs/how-to/gpus#create"""
    return {
        "acceleratorType": gpu["type"],
        "acceleratorCount": str(gpu["count"]),
        "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"},
    }


def upgrade_settings(spec: JsonObject) -> JsonObject:
    """GKE counts nodes, and both are told together. What is not surge has a strategy that nobody here asked for."""
    wanted = spec[UPGRADE]
    return {
        "strategy": "SURGE",
        "maxSurge": int(wanted["max_surge"]),
        "maxUnavailable": int(wanted["max_unavailable"]),
    }


def workload_metadata(spec: JsonObject) -> JsonObject:
    """With workload identity Pods see GKE's metadata server instead of the machine's."""
    return {"mode": GKE_METADATA if spec["workload_identity"] else "GCE_METADATA"}


def per_zone(spec: JsonObject) -> int:
    """Nodes in each zone."""
    return int(spec["node_count"]) // max(len(spec["locations"]), 1)


def taints(spec: JsonObject) -> list[JsonObject]:
    """Taints in GKE's words."""
    return [{**taint, "effect": _EFFECTS[taint["effect"]]} for taint in spec["taints"]]


def autoscaling(spec: JsonObject) -> JsonObject:
    """Bounds for the whole pool, whatever the number of zones."""
    bounds = spec["auto_scaling"]
    if bounds is None:
        return {"enabled": False}
    return {
        "enabled": True,
        "totalMinNodeCount": bounds["min"],
        "totalMaxNodeCount": bounds["max"],
        "locationPolicy": "BALANCED",
    }


def observed_pool(path: str, pool: JsonObject, node_count: int) -> Observed:
    """A pool as the engine sees it. `node_count` is what its instance groups aim at."""
    phase = _PHASES.get(pool.get("status", ""), Phase.SETTLING)
    outputs = {"id": path, "name": pool["name"], "version": pool.get("version", ""), "node_count": node_count}
    told = [str(row.get("message", "")) for row in pool.get("conditions", [])] or [pool.get("statusMessage", "")]
    message = " ".join(text for text in told if text)[:600]
    return Observed(path, phase, outputs, {**_fields(pool), "node_count": node_count}, message)


def group_paths(pool: JsonObject) -> list[str]:
    """Paths of the instance groups whose sizes tell the pool's; none where an autoscaler owns them."""
    if pool.get("autoscaling", {}).get("enabled") or pool.get("status") not in ("RUNNING", "RUNNING_WITH_ERROR"):
        return []
    return [relative_path(link) for link in pool.get("instanceGroupUrls", [])]


def node_count(pool: JsonObject, sizes: Mapping[str, int]) -> int:
    """Nodes of all zones. What GKE calls the initial count is not kept up to date by every resize."""
    known = [sizes[path] for path in group_paths(pool) if path in sizes]
    return sum(known) if known else int(pool.get("initialNodeCount", 0)) * (len(pool.get("locations", [])) or 1)


def until_control_plane_is_upgraded(seen: Observed, cluster: JsonObject, version: str) -> Observed:
    """An upgrade of the control plane takes long: meanwhile the pool settles, rather than being refused."""
    waits = (
        seen.phase is Phase.READY
        and behind(seen.fields["version"], version)
        and cluster.get("status") == "RECONCILING"
        and behind(cluster.get("currentMasterVersion", ""), version)
    )
    return replace(seen, phase=Phase.SETTLING, message="waits for the control plane's upgrade") if waits else seen


def _fields(pool: JsonObject) -> JsonObject:
    config, scaling = pool.get("config", {}), pool.get("autoscaling", {})
    locations = len(pool.get("locations", [])) or 1
    bounds = None
    if scaling.get("enabled"):
        bounds = {
            "min": int(scaling.get("totalMinNodeCount") or int(scaling.get("minNodeCount", 0)) * locations),
            "max": int(scaling.get("totalMaxNodeCount") or int(scaling.get("maxNodeCount", 0)) * locations),
        }
    return {
        "version": pool.get("version", ""),
        "machine_type": config.get("machineType"),
        "disk_gb": int(config.get("diskSizeGb", 0)),
        "disk_type": config.get("diskType"),
        "spot": bool(config.get("spot")),
        "private_nodes": bool(pool.get("networkConfig", {}).get("enablePrivateNodes")),
        "workload_identity": config.get("workloadMetadataConfig", {}).get("mode") == GKE_METADATA,
        "locations": sorted(pool.get("locations", [])),
        "auto_scaling": bounds,
        UPGRADE: _upgrade(pool.get("upgradeSettings", {})),
        "gpu": _gpu(config.get("accelerators", [])),
        "labels": {k: v for k, v in config.get("labels", {}).items() if not k.startswith(_OWN_PREFIXES)},
        "taints": sorted_taints(
            {
                "key": row["key"],
                "value": row.get("value", ""),
                "effect": _EFFECT_WORDS.get(row["effect"], row["effect"]),
            }
            for row in config.get("taints", [])
            if row["key"] not in _OWN_TAINTS
        ),
    }


def _gpu(accelerators: list[JsonObject]) -> JsonObject | None:
    """None where there are none, and where there are several kinds, which nobody asks for here."""
    if len(accelerators) != 1:
        return None
    (only,) = accelerators
    return {"type": only.get("acceleratorType", ""), "count": int(only.get("acceleratorCount", 0))}


def _upgrade(settings: JsonObject) -> JsonObject:
    """None of both where the strategy is another than surge."""
    if settings.get("strategy", "SURGE") != "SURGE":
        return {"max_surge": None, "max_unavailable": None}
    names = {"max_surge": "maxSurge", "max_unavailable": "maxUnavailable"}
    return {ours: str(int(settings.get(theirs, 0))) for ours, theirs in names.items()}


def sorted_taints(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Taints in a fixed order: theirs means nothing."""
    return sorted(rows, key=lambda taint: (taint["key"], taint["effect"], taint["value"]))


def pool_changes(spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
    """What differs, in the order in which it should change. From when a pool has an autoscaler its size is that one's:
    bounds are taken away before the size changes, and given after it has.
    """
    seen = observed.fields
    changes = upgrade_changes(spec, seen)  # first: nodes are to be replaced as it was asked for
    if behind(seen.get("version", ""), spec["version"]):
        changes.append(Change("version", seen["version"], spec["version"]))
    sized = {"node_count": spec["node_count"]} if None in (spec["auto_scaling"], seen.get("auto_scaling")) else {}
    wanted = {
        **(sized if spec["auto_scaling"] is not None else {}),
        **{name: spec[name] for name in ("spot", "machine_type", "disk_type", "disk_gb", "labels", "auto_scaling")},
        "locations": sorted(spec["locations"]),
        "taints": sorted_taints(spec["taints"]),
    }
    wanted["workload_identity"] = spec["workload_identity"]
    if "private_nodes" in seen:  # else observed by an earlier version: the next look tells
        wanted["private_nodes"] = spec["private_nodes"]
    wanted |= sized
    if "gpu" in spec:
        wanted["gpu"] = spec["gpu"]
    changes.extend(
        Change(name, seen.get(name), value, replace=name in ("spot", "gpu"))
        for name, value in wanted.items()
        if seen.get(name) != value
    )
    return tuple(changes)
