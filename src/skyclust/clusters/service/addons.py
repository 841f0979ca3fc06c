"""Add-ons of a cluster: show them, ask what is offered, install, change, remove. Called by the routes.

Invariant: showing calls no cloud. Before anything is installed or changed the cloud is asked what it offers such a
cluster, with no session open, so that what it would refuse is refused here, in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from skyclust.clusters.addon_schemas import AddonAnswer, AddonPatchBody, NewAddonBody
from skyclust.clusters.addons import (
    Installed,
    addon_answer,
    inside_any_addon,
    installed,
    installed_one,
    offering,
    wish_findings,
    with_addon,
    with_addon_changed,
    without_addon,
)
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import addon_of_others
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.changing import Change, change_cluster
from skyclust.clusters.service.reading import find_cluster, get_cluster
from skyclust.contract.addons import AddonOffer
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.service import Errand, Json, once
from skyclust.provisioning.answers import PlanAnswer
from skyclust.workspaces.permissions import Permission

Wish = Callable[[ClusterSpec], ClusterSpec]
#: Of the operation, and of the event in the audit log.
Kind = tuple[str, str]
INSTALL: Kind = ("addon.install", "cluster.addon_install_requested")
UPDATE: Kind = ("addon.update", "cluster.addon_update_requested")
REMOVE: Kind = ("addon.remove", "cluster.addon_remove_requested")


async def list_addons(errand: Errand, wanted: str, which: Filter) -> list[AddonAnswer]:
    """By name."""
    standing = await get_cluster(errand, wanted, which)
    return [_answer(errand, standing, item) for item in installed(standing)]


async def get_addon(errand: Errand, wanted: str, which: Filter, name: str) -> AddonAnswer:
    """One."""
    standing = await get_cluster(errand, wanted, which)
    return _answer(errand, standing, installed_one(standing, name))


def _answer(errand: Errand, standing: Standing, item: Installed) -> AddonAnswer:
    return addon_answer(errand.ground.providers.get(standing.row.provider), standing.spec, item)


def known_addons(provider: Provider, version: str, mode: str) -> Sequence[AddonOffer]:
    """What is known of its add-ons without asking; 422 for a version or mode that it does not have."""
    keeper = offering(provider)
    versions = [item.name for item in provider.kubernetes_versions()]
    modes = [word.removeprefix("cluster.") for word in sorted(provider.capabilities) if word.startswith("cluster.")]
    if version not in versions:
        raise invalid([FieldError("?version", f"{provider.title} offers {', '.join(versions)}. Choose one of them.")])
    if mode not in modes:
        raise invalid([FieldError("?mode", f"{provider.title} has the modes {', '.join(modes)}. Choose one of them.")])
    return keeper.addon_offers(version, mode)


async def offered_addons(errand: Errand, wanted: str, which: Filter, version: str | None) -> Sequence[AddonOffer]:
    """What the cloud offers the cluster as it is, or at another version."""
    standing = await _standing(errand, wanted, which)
    spec = replace(standing.spec, version=version) if version is not None else standing.spec
    return await _asked(errand, standing, spec)


async def install_addon(errand: Errand, wanted: str, which: Filter, body: NewAddonBody) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    errand = errand.citing(body.plan_digest)
    standing = await _standing(errand, wanted, which)

    async def work() -> Json | PlanAnswer:
        present = [item.name for item in installed(standing)]
        offers = await _asked(errand, standing, with_addon(standing.spec, body, present))
        if any(offer.name == body.name and offer.present for offer in offers):
            raise addon_of_others(body.name, errand.provider(standing.row.provider).title)
        return await _begin(errand, standing, INSTALL, body.name, lambda spec: with_addon(spec, body, present), offers)

    return await once(errand, standing.row.workspace_id, work)


async def update_addon(
    errand: Errand, wanted: str, which: Filter, name: str, body: AddonPatchBody
) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    errand = errand.citing(body.plan_digest)
    standing = await _standing(errand, wanted, which)

    async def work() -> Json | PlanAnswer:
        item = installed_one(standing, name)
        offers = await _asked(errand, standing, with_addon_changed(standing.spec, item, body))
        return await _begin(errand, standing, UPDATE, name, lambda spec: with_addon_changed(spec, item, body), offers)

    return await once(errand, standing.row.workspace_id, work)


async def remove_addon(errand: Errand, wanted: str, which: Filter, name: str) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run. The cloud need not be asked."""
    standing = await _standing(errand, wanted, which)

    async def work() -> Json | PlanAnswer:
        installed_one(standing, name)
        keeper = offering(errand.provider(standing.row.provider))
        offers = keeper.addon_offers(standing.spec.version, standing.spec.mode)
        return await _begin(errand, standing, REMOVE, name, lambda spec: without_addon(spec, name), offers)

    return await once(errand, standing.row.workspace_id, work)


async def _standing(errand: Errand, wanted: str, which: Filter) -> Standing:
    async with errand.session() as session:
        return await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)


async def _asked(errand: Errand, standing: Standing, spec: ClusterSpec) -> Sequence[AddonOffer]:
    row = standing.row
    keeper = offering(errand.provider(row.provider))
    async with errand.cloud(row.workspace_id, row.credential_id, row.region) as cloud:
        return await keeper.offered_addons(cloud, spec)


async def _begin(
    errand: Errand, standing: Standing, kind: Kind, name: str, wish: Wish, offers: Sequence[AddonOffer]
) -> Json | PlanAnswer:
    title = errand.provider(standing.row.provider).title

    def findings(_: Standing, spec: ClusterSpec) -> tuple[Finding, ...]:
        return tuple(wish_findings(spec, offers, title, {name}))

    which = Filter(standing.row.provider, standing.row.credential_id, standing.row.region)
    change = Change(*kind, {"addon": name}, lambda spec, _: wish(spec), inside_any_addon, findings=findings)
    return await change_cluster(errand, str(standing.row.id), which, change)
