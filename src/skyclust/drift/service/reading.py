"""Lists of drift. A read never calls a cloud: sweeps have, and the answer tells when."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from skyclust.clusters import service as clusters
from skyclust.drift.answers import drift_answer, sweep_answer
from skyclust.drift.errors import drift_not_found
from skyclust.drift.schemas import DriftAnswer, DriftPage
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks import service as networks
from skyclust.networks.service import Errand, as_uuid
from skyclust.provisioning.drift_reading import Place, drifted_by_id, drifted_page, freshness
from skyclust.workspaces.permissions import Permission


def after_of(cursor: str | None) -> UUID | None:
    """The id after which a page begins."""
    key = decode_cursor(cursor, 1)
    after = as_uuid(key[0]) if key else None
    if key and after is None:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")])
    return after


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page, and how often sweeps should come."""

    interval_seconds: float
    limit: int
    cursor: str | None


async def drift_page(errand: Errand, place: Place, page: Paging) -> DriftPage:
    """Drifted resources in every workspace where the caller may see them, and how fresh that is."""
    allowed = errand.caller.workspace_ids(Permission.DRIFT_READ)
    async with errand.session() as session:
        found = await drifted_page(session, allowed, place, after=after_of(page.cursor), limit=page.limit + 1)
        kept, following = page_of(found, page.limit, lambda item: encode_cursor(str(item.row.id)))
        fresh = await freshness(session, allowed, place)
    return DriftPage(
        items=[drift_answer(item) for item in kept],
        next_cursor=following,
        sweeps=[sweep_answer(item, page.interval_seconds) for item in fresh],
    )


async def cluster_drift(errand: Errand, wanted: str, where: Place, page: Paging) -> DriftPage:
    """Drift of one cluster, its network included where that was made with it."""
    which = clusters.Filter(where.provider, where.credential_id, where.region)
    row = (await clusters.get_cluster(errand, wanted, which)).row
    errand.caller.require(row.workspace_id, Permission.DRIFT_READ)
    return await drift_page(errand, Place(row.provider, row.region, row.credential_id, stack_id=row.stack_id), page)


async def network_drift(errand: Errand, wanted: str, where: Place, page: Paging) -> DriftPage:
    """Drift of one network; of one made with a cluster, the whole cluster's."""
    row = (await networks.get_network(errand, where.provider, wanted)).row
    errand.caller.require(row.workspace_id, Permission.DRIFT_READ)
    return await drift_page(errand, Place(row.provider, row.region, row.credential_id, stack_id=row.stack_id), page)


async def get_drift(errand: Errand, drift_id: UUID) -> DriftAnswer:
    """One drifted resource."""
    async with errand.session() as session:
        found = await drifted_by_id(session, errand.caller.workspace_ids(Permission.DRIFT_READ), drift_id)
    if found is None:
        raise drift_not_found()
    return drift_answer(found)
