"""Add-ons of the simulated cloud: what it offers as data, their nodes and their driver. Called through `Sim`."""

from __future__ import annotations

from dataclasses import replace

from skyclust.contract.addons import ADDON_PREFIX, AddonOffer, AddonVersion
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Node, Observed, ref
from skyclust.contract.specs import AddonSpec
from skyclust.providers.sim.drivers import SimDriver
from skyclust.providers.sim.sessions import SimSession, ours
from skyclust.providers.sim.world import SimResource, Wanted

_REPLICAS: JsonObject = {
    "type": "object", "additionalProperties": False, "properties": {"replicas": {"type": "integer", "minimum": 1}},
}  # fmt: skip
_ALL = ("1.32", "1.33", "1.34")
#: name -> versions, newest first, each with the Kubernetes versions it is made for.
_RELEASES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "dns": (("2.1", _ALL[1:]), ("2.0", _ALL[1:]), ("1.9", _ALL[:2])),
    "metrics": (("0.8", _ALL),),
    "volumes": (("1.2", _ALL), ("1.1", _ALL[:2])),
}
_TITLES = {
    "dns": ("Names of services", "Names of services are not resolved.", ""),
    "metrics": ("Use of CPU and memory", "", ""),
    "volumes": ("Volumes for pods", "", "needed"),
}


def offers(version: str) -> tuple[AddonOffer, ...]:
    """Those with a version made for this one."""
    return tuple(_offer(name, version) for name in _RELEASES if _fitting(name, version))


def _offer(name: str, version: str) -> AddonOffer:
    title, essential, identity = _TITLES[name]
    names = _fitting(name, version)
    versions = tuple(AddonVersion(item, item == _default(name, version)) for item in names)
    return AddonOffer(name, title, versions, True, _REPLICAS, essential, identity=identity)


def _fitting(name: str, version: str) -> list[str]:
    return [item for item, supports in _RELEASES.get(name, ()) if version in supports]


def _default(name: str, version: str) -> str | None:
    """What is taken when none is named: one release behind the newest, where there are two."""
    return next(iter(_fitting(name, version)[1:2] or _fitting(name, version)), None)


def addon_node(wish: AddonSpec) -> Node:
    """A wish as a node."""
    values: JsonObject = {
        "name": wish.name, "cluster": ref("cluster"), "version": wish.version,
        "configuration": dict(wish.configuration), "identity": wish.identity,
    }  # fmt: skip
    return Node(ADDON_PREFIX + wish.name, "sim.addon", f"add-on {wish.name}", values)


class AddonDriver(SimDriver):
    """A version that the cloud chose is let be."""

    def __init__(self) -> None:
        """Of the one kind."""
        super().__init__("addon")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """As of any other kind, but for that version."""
        found = super().diff(spec, observed)
        return tuple(change for change in found if change.field != "version" or change.after is not None)

    def shows(self, mine: SimSession, item: SimResource) -> Observed:
        """With what its version is made for, and the newest for each."""
        seen = super().shows(mine, item)
        known = _RELEASES.get(item.name, ())
        supports = [supports for version, supports in known if version == item.fields["version"]]
        newest = {version: _fitting(item.name, version)[0] for version in _ALL if _fitting(item.name, version)}
        return replace(
            seen, fields={**seen.fields, "supports": list(supports[0]) if supports else [], "newest": newest}
        )

    def _wanted(self, mine: SimSession, spec: JsonObject) -> Wanted:
        wanted = super()._wanted(mine, spec)
        cluster = mine.world.books.get(spec["cluster"])
        if wanted.fields["version"] is not None or cluster is None:
            return wanted
        chosen = _default(spec["name"], str(cluster.fields["version"]))
        return replace(wanted, fields={**wanted.fields, "version": chosen})


async def asked(session: Session, version: str) -> tuple[AddonOffer, ...]:
    """The same as `offers`, by a call."""
    return await ours(session).call("read.addon_offers", lambda: offers(version))
