"""Accept and repair drift. Each act is one event in the audit log."""

from __future__ import annotations

from uuid import UUID

from skyclust.clusters import service as clusters
from skyclust.drift.errors import drift_changed, drift_not_found, not_a_change, not_ours_to_repair, unknown_fields
from skyclust.drift.schemas import AcceptAnswer, FieldDriftAnswer
from skyclust.events.publishing import Event, publish
from skyclust.networks import service as networks
from skyclust.networks.service import Errand, Json, keep, once, recall
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.drift_acting import accept_drift
from skyclust.provisioning.drift_reading import Drifted, Place, drifted_by_id, workspace_of
from skyclust.provisioning.drifting import DriftKind
from skyclust.provisioning.repairing import Mend
from skyclust.workspaces.permissions import Permission


async def accept(errand: Errand, drift_id: UUID, fields: list[str] | None) -> Json:
    """Leave differing fields as they are, or tell on a dry run which those would be."""
    seen = await _find(errand, drift_id)
    if not isinstance(seen, Drifted):
        return seen
    errand.caller.require(seen.stack.workspace_id, Permission.DRIFT_ACCEPT)

    async def work() -> Json:
        answer = _accepting(seen, fields)
        return answer if errand.asked.dry_run else await _accept(errand, seen, answer)

    return await once(errand, seen.stack.workspace_id, work)


def _accepting(seen: Drifted, fields: list[str] | None) -> Json:
    drift = seen.drift
    if seen.row.adopted:
        raise not_ours_to_repair(seen.row.title)
    if drift.kind is not DriftKind.CHANGED:
        raise not_a_change(drift.kind.value)
    differing = [item.field for item in drift.fields]
    chosen = differing if fields is None else fields
    if unknown := [name for name in chosen if name not in differing]:
        raise unknown_fields(unknown, differing)
    return AcceptAnswer(
        id=seen.row.id,
        accepted=[FieldDriftAnswer.model_validate(item) for item in drift.fields if item.field in chosen],
        left=[name for name in differing if name not in chosen],
    ).model_dump(mode="json")


async def _accept(errand: Errand, seen: Drifted, answer: Json) -> Json:
    row, whole = seen.row, seen.whole
    async with errand.session() as session:
        if earlier := await recall(session, errand, seen.stack.workspace_id):
            return earlier
        if await accept_drift(session, row, [item["field"] for item in answer["accepted"]]) is None:
            raise drift_changed()
        data = {"name": whole.name, "key": row.key, "external_id": row.external_id, "fields": answer["accepted"]}
        topic = f"{whole.kind}/{whole.id}"
        await publish(session, Event("drift.accepted", topic, seen.stack.workspace_id, data, errand.caller.actor))
        await keep(session, errand, seen.stack.workspace_id, answer)
    return answer


async def repair(errand: Errand, drift_id: UUID) -> Json | PlanAnswer:
    """Bring one resource back to its spec, and what follows from making it anew."""
    seen = await _find(errand, drift_id)
    if not isinstance(seen, Drifted):
        return seen
    if seen.row.adopted:
        raise not_ours_to_repair(seen.row.title)
    mend = Mend(frozenset({seen.row.key}), data={"key": seen.row.key, "external_id": seen.row.external_id})
    return await mend_whole(errand, seen.whole.kind, seen.whole.id, mend)


async def repair_cluster(errand: Errand, wanted: str, where: Place) -> Json | PlanAnswer:
    """Everything of a cluster that drifted."""
    which = clusters.Filter(where.provider, where.credential_id, where.region)
    return await clusters.repair_cluster(errand, wanted, Mend(), which)


async def repair_network(errand: Errand, wanted: str, provider: str | None) -> Json | PlanAnswer:
    """Everything of a network that drifted."""
    return await networks.repair_network(errand, wanted, Mend(), provider)


async def mend_whole(errand: Errand, kind: str, whole_id: UUID, mend: Mend) -> Json | PlanAnswer:
    """By whoever keeps the spec."""
    if kind == "network":
        return await networks.repair_network(errand, str(whole_id), mend)
    return await clusters.repair_cluster(errand, str(whole_id), mend)


async def _find(errand: Errand, drift_id: UUID) -> Drifted | Json:
    """What drifted; or, since acting ends it, the answer that this very request got before."""
    allowed = errand.caller.workspace_ids(Permission.DRIFT_READ)
    async with errand.session() as session:
        found = await drifted_by_id(session, allowed, drift_id)
        workspace_id = await workspace_of(session, allowed, drift_id) if found is None else None
    if found is not None:
        return found
    if workspace_id is None:
        raise drift_not_found()
    return await once(errand, workspace_id, _nothing_of_it)


async def _nothing_of_it() -> Json:
    raise drift_not_found()
