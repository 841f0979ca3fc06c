"""AKS's add-ons: `addonProfiles` of a cluster, and the drivers and controllers of its `storageProfile`. Pure.

By the names that the API gives them. They come with the cluster's version and have none of their own. Source, read
2026-11-30: https://learn.microsoft.com/azure/aks/integrations and the REST reference of managed clusters. HTTP
application routing is not here: Microsoft retired it in March 2025.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from skyclust.contract.addons import AddonOffer
from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec

_NOTHING: JsonObject = {"type": "object", "additionalProperties": False}
_SWITCH: JsonObject = {"enum": ["true", "false"]}
_TEXT: JsonObject = {"type": "string", "minLength": 1, "maxLength": 500}


@dataclass(frozen=True, slots=True)
class _Known:
    """`storage`: in the storage profile, where it has a switch and nothing else."""

    title: str
    configuration: JsonObject = field(default_factory=lambda: _NOTHING)
    storage: bool = False
    essential: str = ""
    by_default: bool = False


def _settings(*required: str, **properties: JsonObject) -> JsonObject:
    return {**_NOTHING, "properties": properties, "required": list(required)}


_GATEWAY = _settings(applicationGatewayId=_TEXT, applicationGatewayName=_TEXT, subnetCIDR=_TEXT, subnetId=_TEXT)
_KNOWN: dict[str, _Known] = {
    "azureKeyvaultSecretsProvider": _Known(
        "Secrets of Azure Key Vault as volumes", _settings(enableSecretRotation=_SWITCH, rotationPollInterval=_TEXT)
    ),
    "azurepolicy": _Known("Azure Policy inside the cluster"),
    "blobCSIDriver": _Known("Volumes on Azure Blob Storage", storage=True),
    "diskCSIDriver": _Known(
        "Volumes on Azure Disk", storage=True, essential="No volume is made on Azure Disk.", by_default=True
    ),
    "fileCSIDriver": _Known(
        "Volumes on Azure Files", storage=True, essential="No volume is made on Azure Files.", by_default=True
    ),
    "ingressApplicationGateway": _Known("Ingress by Application Gateway", {
        **_GATEWAY, "anyOf": [{"required": [name]} for name in ("applicationGatewayId", "subnetCIDR", "subnetId")],
    }),
    "omsagent": _Known("Container insights of Azure Monitor", _settings(
        "logAnalyticsWorkspaceResourceID", logAnalyticsWorkspaceResourceID=_TEXT, useAADAuth=_SWITCH
    )),
    "snapshotController": _Known("Snapshots of volumes", storage=True, by_default=True),
}  # fmt: skip


def offers() -> tuple[AddonOffer, ...]:
    """The same for every version."""
    return tuple(
        AddonOffer(
            name, known.title, configuration=known.configuration, essential=known.essential, by_default=known.by_default
        )
        for name, known in sorted(_KNOWN.items())
    )


def wished(spec: ClusterSpec) -> JsonObject:
    """Part of the control plane's spec: name -> {"enabled", "configuration"}; nothing where nobody asked."""
    wishes = {
        wish.name: {"enabled": wish.enabled, "configuration": dict(wish.configuration)}
        for wish in spec.addons
        if wish.name in _KNOWN
    }
    return {"addons": wishes} if wishes else {}


def profiles_of(spec: JsonObject, before: JsonObject) -> JsonObject:
    """The properties that hold them: what was read, with what is wished. What was never touched is left out."""
    wishes: Mapping[str, JsonObject] = spec.get("addons", {})
    addons, storage = dict(before.get("addonProfiles") or {}), dict(before.get("storageProfile") or {})
    for name, wish in wishes.items():
        if _KNOWN[name].storage:
            storage[name] = {**(storage.get(name) or {}), "enabled": wish["enabled"]}
        else:
            key = next((shown for shown in addons if shown.lower() == name.lower()), name)
            addons[key] = _profile(addons.get(key) or {}, wish)
    kept = {"addonProfiles": addons, "storageProfile": storage} if wishes else {}
    return {name: value for name, value in kept.items() if value}


def _profile(before: JsonObject, wish: JsonObject) -> JsonObject:
    """AKS keeps no configuration of what is off."""
    if not wish["enabled"]:
        return {"enabled": False}
    config = {**(before.get("config") or {}), **wish["configuration"]}
    return {**before, "enabled": True, **({"config": config} if config else {})}


def seen(properties: JsonObject) -> JsonObject:
    """Those that are on, as contract/addons.py tells them."""
    addons = {name.lower(): value or {} for name, value in (properties.get("addonProfiles") or {}).items()}
    storage = properties.get("storageProfile") or {}
    shown = {
        name: (storage.get(name) or {}) if known.storage else addons.get(name.lower(), {})
        for name, known in sorted(_KNOWN.items())
    }
    return {name: {"configuration": item.get("config") or {}} for name, item in shown.items() if item.get("enabled")}


def differing(spec: JsonObject, fields: JsonObject) -> JsonObject:
    """Wishes that have not come true. AKS adds settings of its own to those that were asked for."""
    on = fields.get("addons", {})
    return {name: wish for name, wish in spec.get("addons", {}).items() if not _granted(wish, on.get(name))}


def _granted(wish: JsonObject, shown: JsonObject | None) -> bool:
    if shown is None or not wish["enabled"]:
        return bool(wish["enabled"]) == (shown is not None)
    return all(shown["configuration"].get(name) == value for name, value in wish["configuration"].items())
