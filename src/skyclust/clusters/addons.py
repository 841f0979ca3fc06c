"""Add-ons of a cluster: what is installed, how it suits, what may be asked for, and changes of the spec. Pure.

Called by the service. Invariant: what is shown comes from rows and data; what a cloud offers comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from skyclust.clusters.addon_schemas import AddonAnswer, AddonPatchBody, NewAddonBody
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import addon_exists, addon_not_found, no_addons, nothing_about_addon
from skyclust.clusters.states import CONTROL_PLANE, pool_state
from skyclust.clusters.upgrading import minor_of
from skyclust.contract.addons import ADDON_PREFIX, INSTALLED, AddonOffer, Addons, default_version
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import AddonSpec, ClusterSpec
from skyclust.kit.json_schemas import schema_errors
from skyclust.provisioning.rows import ResourceRow, State

#: Named in a refusal; of more their number is told.
MOST_NAMED = 12
Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Installed:
    """An add-on that a cluster has, gets or loses. `seen` as in contract/addons.py."""

    name: str
    state: str
    wish: AddonSpec | None
    seen: Seen = field(default_factory=dict)
    external_id: str | None = None
    message: str = ""


def offering(provider: Provider) -> Addons:
    """The provider as one that has add-ons; 422 where it has none."""
    if not isinstance(provider, Addons):
        raise no_addons(provider.title)
    return provider


def installed(standing: Standing) -> list[Installed]:
    """By name."""
    wishes = {wish.name: wish for wish in standing.spec.addons}
    rows = {
        row.key.removeprefix(ADDON_PREFIX): row
        for row in standing.resources
        if row.key.startswith(ADDON_PREFIX) and row.state is not State.GONE
    }
    plane = next((row for row in standing.resources if row.key == CONTROL_PLANE and row.state is not State.GONE), None)
    switches: Mapping[str, Seen] = plane.fields.get(INSTALLED, {}) if plane is not None else {}
    wanted = {name for name, wish in wishes.items() if wish.enabled}
    found = [_own(name, row, wishes.get(name)) for name, row in rows.items()]
    others = (switches.keys() | wanted) - rows.keys()
    found += [_switch(name, plane, wishes.get(name), switches.get(name)) for name in others]
    return sorted(found, key=lambda item: item.name)


def _own(name: str, row: ResourceRow, wish: AddonSpec | None) -> Installed:
    """One that is a resource of its own."""
    return Installed(name, pool_state(row), wish, row.fields, row.external_id, row.message)


def _switch(name: str, plane: ResourceRow | None, wish: AddonSpec | None, seen: Seen | None) -> Installed:
    """One that is a switch of the control plane."""
    if plane is None or seen is None:
        return Installed(name, "provisioning", wish, {}, None, plane.message if plane is not None else "")
    if wish is not None and not wish.enabled:
        return Installed(name, "deleting", wish, seen)
    asked = wish.configuration if wish is not None else {}
    pending = any(seen.get("configuration", {}).get(name) != value for name, value in asked.items())
    return Installed(name, "updating" if pending else "ready", wish, seen)


def installed_one(standing: Standing, name: str) -> Installed:
    """404 that tells which there are."""
    found = installed(standing)
    one = next((item for item in found if item.name == name), None)
    if one is None:
        raise addon_not_found(name, [item.name for item in found])
    return one


def addon_answer(provider: Provider | None, spec: ClusterSpec, item: Installed) -> AddonAnswer:
    """The wire shape. A provider no longer installed tells nothing of how it suits."""
    seen, minor, following = item.seen, _minor(spec.version), _next(provider, spec.version)
    offers = _offers(provider, spec.mode, minor)
    newest: Mapping[str, str] = seen.get("newest", {})
    version = seen.get("version") or None
    newer = newest.get(minor)
    configuration = seen.get("configuration", item.wish.configuration if item.wish is not None else {})
    return AddonAnswer(
        name=item.name,
        title=offers[item.name].title if item.name in offers else item.name,
        state=item.state,
        version=version,
        wanted_version=item.wish.version if item.wish is not None else None,
        newer_version=newer if newer != version else None,
        compatible=_fits(provider, spec.mode, item, minor),
        next_version=following,
        compatible_next=_fits(provider, spec.mode, item, following) if following is not None else None,
        version_for_next=newest.get(following) if following is not None else None,
        configuration=configuration if isinstance(configuration, dict) else {"text": configuration},
        identity=seen.get("identity"),
        managed=item.wish is not None or item.external_id is not None,
        external_id=item.external_id,
        message=item.message,
    )


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _next(provider: Provider | None, version: str) -> str | None:
    """The next minor version, if it is offered."""
    names = [item.name for item in provider.kubernetes_versions()] if provider is not None else []
    return next((_minor(name) for name in names if minor_of(name) == minor_of(version) + 1), None)


def _offers(provider: Provider | None, mode: str, version: str) -> dict[str, AddonOffer]:
    return {item.name: item for item in provider.addon_offers(version, mode)} if isinstance(provider, Addons) else {}


def _fits(provider: Provider | None, mode: str, item: Installed, version: str) -> bool | None:
    """By what was observed; by the data of the provider where add-ons have no versions; None where neither tells."""
    if "supports" in item.seen:
        return version in item.seen["supports"]
    if not isinstance(provider, Addons):
        return None
    offers = _offers(provider, mode, version)
    return None if any(offer.versioned for offer in offers.values()) else item.name in offers


# ---- what may be asked for ----
def wish_findings(
    spec: ClusterSpec, offers: Sequence[AddonOffer], title: str, names: Iterable[str] | None = None
) -> Iterator[Finding]:
    """What is wrong with the spec's wishes (those named, or all), given what the cloud offers such a cluster."""
    known = {offer.name: offer for offer in offers}
    for index, wish in enumerate(spec.addons):
        if names is not None and wish.name not in names:
            continue
        at, offer = f"/addons/{index}", known.get(wish.name)
        if offer is None:
            switches = not any(other.versioned for other in offers)  # what is not to be there may be gone from an offer
            yield from [_unknown(spec, wish, list(known), title, at)] if wish.enabled or switches else []
        elif wish.enabled:
            yield from _about(spec, wish, offer, at)
        elif offer.essential:
            message = f"Without the add-on {wish.name}: {offer.essential[0].lower()}{offer.essential[1:]}"
            yield Finding("warning", f"{at}/name", message, "addon-essential")


def _unknown(spec: ClusterSpec, wish: AddonSpec, known: Sequence[str], title: str, at: str) -> Finding:
    near = get_close_matches(wish.name, known, 3, 0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    message = (
        f"{title} has no add-on {wish.name!r} for a {spec.mode} cluster of Kubernetes {spec.version}.{hint} "
        f"There are: {_listed(known)}."
    )
    return Finding("error", f"{at}/name", message, "addon-unknown")


def _about(spec: ClusterSpec, wish: AddonSpec, offer: AddonOffer, at: str) -> Iterator[Finding]:
    names = [item.name for item in offer.versions]
    if wish.version is not None and not offer.versioned:
        message = f"The add-on {wish.name} comes with the cluster's version and has none of its own. Leave it out."
        yield Finding("error", f"{at}/version", message, "addon-version")
    elif wish.version is not None and names and wish.version not in names:
        message = (
            f"{wish.version} of the add-on {wish.name} is not offered for Kubernetes {spec.version}. Choose one of "
            f"{_listed(names)}; without a version it is {default_version(offer)}."
        )
        yield Finding("error", f"{at}/version", message, "addon-version")
    if wish.identity is not None and not offer.identity:
        message = f"The pods of the add-on {wish.name} take no identity of their own. Leave it out."
        yield Finding("error", f"{at}/identity", message, "addon-identity")
    elif wish.identity is None and offer.identity == "needed":
        message = (
            f"The pods of the add-on {wish.name} call the cloud, and without an identity they may do what their nodes "
            "may. Give it one, or let the nodes' role do what it needs."
        )
        yield Finding("warning", f"{at}/identity", message, "addon-identity")
    for wrong in schema_errors(offer.configuration, wish.configuration, f"{at}/configuration"):
        yield Finding("error", wrong.pointer, f"The add-on {wish.name}: {wrong.detail}", "addon-configuration")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(names[:MOST_NAMED]) + more) or "none"


def inside_any_addon(pointer: str) -> str:
    """For a body that is one add-on: fields of the spec's wishes are fields of the body."""
    path = pointer.strip("/").split("/")
    return "/" + "/".join(path[2:] if path[0] == "addons" and len(path) > 2 else path)


# ---- changes of the spec ----
def with_addon(spec: ClusterSpec, body: NewAddonBody, present: Iterable[str]) -> ClusterSpec:
    """One more; 409 when it is there. `present` are the names of those installed."""
    if body.name in present:
        raise addon_exists(body.name)
    return _wishing(spec, AddonSpec(body.name, body.version, dict(body.configuration), body.identity))


def with_addon_changed(spec: ClusterSpec, item: Installed, body: AddonPatchBody) -> ClusterSpec:
    """Only what is given changes; what the cloud installed by itself becomes a wish."""
    given = body.model_fields_set - {"plan_digest"}
    if not given:
        raise nothing_about_addon()
    wish = item.wish or AddonSpec(item.name)
    if "version" in given:
        wish = replace(wish, version=body.version)
    if "configuration" in given:
        wish = replace(wish, configuration=dict(body.configuration or {}))
    if "identity" in given:
        wish = replace(wish, identity=body.identity)
    return _wishing(spec, replace(wish, enabled=True))


def without_addon(spec: ClusterSpec, name: str) -> ClusterSpec:
    """One that is not to be there."""
    return _wishing(spec, AddonSpec(name, enabled=False))


def _wishing(spec: ClusterSpec, wish: AddonSpec) -> ClusterSpec:
    others = [other for other in spec.addons if other.name != wish.name]
    return replace(spec, addons=tuple(sorted([*others, wish], key=lambda item: item.name)))
