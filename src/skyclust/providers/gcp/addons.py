"""GKE's add-ons: switches of a cluster (`AddonsConfig`), by the names that the API gives them. Pure.

They come with the cluster's version and have none of their own. Source, read 2026-11-30:
https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters#AddonsConfig. Calico's
switch is not here: it follows the option `network_policy`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skyclust.contract.addons import AddonOffer
from skyclust.contract.checks import error
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec


@dataclass(frozen=True, slots=True)
class _Known:
    """`negative`: the API says "disabled" of it. `autopilot`: Google leaves it to people there, too."""

    title: str
    negative: bool = False
    essential: str = ""
    by_default: bool = False
    autopilot: bool = False
    workload_identity: bool = False


_KNOWN: dict[str, _Known] = {
    "configConnectorConfig": _Known(
        "Config Connector: Google Cloud through the Kubernetes API", autopilot=True, workload_identity=True
    ),
    "dnsCacheConfig": _Known("NodeLocal DNSCache; switching it makes the nodes anew"),
    "gcePersistentDiskCsiDriverConfig": _Known(
        "Volumes on Persistent Disk", essential="No volume is made on Persistent Disk.", by_default=True
    ),
    "gcpFilestoreCsiDriverConfig": _Known("Volumes on Filestore"),
    "gcsFuseCsiDriverConfig": _Known("Volumes on Cloud Storage", workload_identity=True),
    "gkeBackupAgentConfig": _Known("Agent of Backup for GKE", autopilot=True),
    "horizontalPodAutoscaling": _Known(
        "Horizontal Pod autoscaling", negative=True, essential="No HorizontalPodAutoscaler scales.", by_default=True
    ),
    "httpLoadBalancing": _Known(
        "Load balancers for Ingress", negative=True, essential="No Ingress gets a load balancer.", by_default=True
    ),
}


def offers(mode: str) -> tuple[AddonOffer, ...]:
    """The same for every version. Google keeps the others of an Autopilot cluster itself."""
    return tuple(
        AddonOffer(name, known.title, essential=known.essential, by_default=known.by_default and mode != "autopilot")
        for name, known in sorted(_KNOWN.items())
        if mode != "autopilot" or known.autopilot
    )


def wished(spec: ClusterSpec) -> JsonObject:
    """Part of the control plane's spec: name -> whether it is to be on; nothing where nobody asked."""
    wishes = {wish.name: wish.enabled for wish in spec.addons if wish.name in _KNOWN}
    return {"addons": wishes} if wishes else {}


def config_of(wishes: Mapping[str, bool]) -> JsonObject:
    """An `AddonsConfig` of what is wished."""
    return {name: {"disabled": not on} if _KNOWN[name].negative else {"enabled": on} for name, on in wishes.items()}


def seen(cluster: JsonObject) -> JsonObject:
    """Those that are on, as contract/addons.py tells them."""
    shown = cluster.get("addonsConfig") or {}
    return {name: {"configuration": {}} for name in sorted(_KNOWN) if _is_on(_KNOWN[name], shown.get(name))}


def _is_on(known: _Known, shown: JsonObject | None) -> bool:
    if known.negative:
        return shown is not None and not shown.get("disabled")
    return bool((shown or {}).get("enabled"))


def differing(spec: JsonObject, fields: JsonObject) -> dict[str, bool]:
    """Wishes that have not come true."""
    on = fields.get("addons", {})
    return {name: wanted for name, wanted in spec.get("addons", {}).items() if wanted != (name in on)}


def check(spec: ClusterSpec, *, workload_identity: bool) -> Iterator[Finding]:
    """What some of them need of the cluster."""
    for index, wish in enumerate(spec.addons):
        known = _KNOWN.get(wish.name)
        if wish.enabled and known is not None and known.workload_identity and not workload_identity:
            message = f"The add-on {wish.name} needs workload identity. Switch workload_identity of the cluster on."
            yield error(f"/addons/{index}/name", message, "addon-needs")
