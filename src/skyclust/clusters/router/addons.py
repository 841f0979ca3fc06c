""".../clusters/{cluster}/addons: list, install, change, remove; .../addon-offers asks the cloud what there is.

metadata/addons tells of it from data.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from skyclust.clusters import service
from skyclust.clusters.addon_schemas import (
    AddonAnswer,
    AddonOfferAnswer,
    AddonOffersAnswer,
    AddonPatchBody,
    AddonRef,
    NewAddonBody,
)
from skyclust.clusters.router.places import ClusterRef, ProviderName, WhichDep
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted

router = APIRouter(prefix="/{provider}/kubernetes", tags=["clusters"])
HERE = "/clusters/{cluster}"

MinorQuery = Annotated[str, Query(max_length=20, pattern=r"^[0-9]+\.[0-9]+$", description="a name out of `versions`")]
ModeQuery = Annotated[str, Query(max_length=50, description="of the cluster")]
VersionQuery = Annotated[
    str | None,
    Query(max_length=20, pattern=r"^[0-9]+\.[0-9]+$", description="a minor version; left out: the cluster's own"),
]


@router.get(HERE + "/addons")
@Answers(409)
async def list_addons(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[AddonAnswer]:
    """Add-ons by name, as they were last observed: versions, state, how they suit this version and the next."""
    return page_among(await service.list_addons(errand, cluster, which), lambda item: item.name, limit, cursor)


@router.post(HERE + "/addons", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def install_addon(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, body: NewAddonBody) -> Response:
    """Install an add-on. The cloud is asked first what it offers this cluster."""
    return accepted(await service.install_addon(errand, cluster, which, body))


@router.get(HERE + "/addons/{addon}")
@Answers(409)
async def get_addon(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, addon: AddonRef) -> AddonAnswer:
    """One add-on."""
    return await service.get_addon(errand, cluster, which, addon)


@router.patch(HERE + "/addons/{addon}", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def update_addon(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef, addon: AddonRef, body: AddonPatchBody
) -> Response:
    """Another version, configuration or identity; what is not given stays."""
    return accepted(await service.update_addon(errand, cluster, which, addon, body))


@router.delete(HERE + "/addons/{addon}", status_code=202, responses=ACCEPTED)
@Answers(412)
async def remove_addon(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, addon: AddonRef) -> Response:
    """Remove an add-on with its software, or switch it off."""
    return accepted(await service.remove_addon(errand, cluster, which, addon))


@router.get(HERE + "/addon-offers")
@Answers(403, 409, 502)
async def list_addon_offers(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef, version: VersionQuery = None
) -> AddonOffersAnswer:
    """What the cloud offers this cluster now, with versions and what may be configured. Asks the cloud."""
    found = await service.offered_addons(errand, cluster, which, version)
    return AddonOffersAnswer(items=[AddonOfferAnswer.model_validate(item) for item in found])


@router.get("/metadata/addons", tags=["catalogue"])
@Answers(never={403})
async def list_known_addons(
    errand: ReadingDep, provider: ProviderName, version: MinorQuery, mode: ModeQuery = "standard"
) -> AddonOffersAnswer:
    """Add-ons for clusters of a version and mode, from data. Their own versions .../addon-offers tells."""
    found = service.known_addons(errand.provider(provider), version, mode)
    return AddonOffersAnswer(items=[AddonOfferAnswer.model_validate(item) for item in found])
