"""Software that a cloud keeps inside a cluster: the protocol behind add-ons. Optional for a provider.

A provider that offers it declares the capability "addons". Its `cluster_blueprint` heeds `ClusterSpec.addons`: where
the cloud knows add-ons as resources, each that is wanted is a node "addon/<name>"; where they are switches of the
cluster, they are part of the control plane's spec. What is installed is read from what drivers observe: `INSTALLED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from skyclust.contract.provider import Session
from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec

#: Key of the node of an add-on that is a resource of its own. Its observed fields are those of `INSTALLED`'s values.
ADDON_PREFIX = "addon/"
#: Member of the control plane's observed fields where add-ons are switches: name -> what is seen of one that is on.
#:   version        as the cloud names it; left out where it has none of its own
#:   configuration  as it is
#:   supports       Kubernetes minor versions that this version of it is made for; left out where that is not known
#:   newest         Kubernetes minor version -> newest version of it that is offered there; likewise
#:   identity       what its pods are in the cloud
INSTALLED = "addons"


@dataclass(frozen=True, slots=True)
class AddonVersion:
    """A version that is offered. `default` is what the cloud takes when none is named."""

    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class AddonOffer:
    """An add-on that a cluster of some version may have.

    versions       newest first; none where it comes with the cluster's version, or where only the cloud itself knows
    versioned      it has versions of its own
    configuration  JSON Schema of what may be said to it; additionalProperties false and no properties = nothing
    essential      what no longer works without it, as a sentence; "" = nothing of the cluster's own
    by_default     a new cluster has it, whether asked for or not
    identity       its pods may be given an identity in the cloud: "optional", "needed", or "" = not taken
    present        the cloud shows it on the cluster now, whoever installed it; None = not looked at
    """

    name: str
    title: str
    versions: tuple[AddonVersion, ...] = ()
    versioned: bool = False
    configuration: JsonObject = field(default_factory=lambda: {"type": "object", "additionalProperties": False})
    essential: str = ""
    by_default: bool = False
    identity: str = ""
    present: bool | None = None


@runtime_checkable
class Addons(Protocol):
    """What a `Provider` may offer besides."""

    def addon_offers(self, version: str, mode: str) -> tuple[AddonOffer, ...]:
        """Pure: what a cluster of this Kubernetes version and mode may have, from data in the package; by name."""
        ...

    async def offered_addons(self, session: Session, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
        """What the cloud offers such a cluster now, with versions; by name. The same as above where it has no list."""
        ...


def default_version(offer: AddonOffer) -> str | None:
    """What the cloud takes when no version is named, else the newest."""
    chosen: Sequence[AddonVersion] = [item for item in offer.versions if item.default] or offer.versions
    return chosen[0].name if chosen else None
