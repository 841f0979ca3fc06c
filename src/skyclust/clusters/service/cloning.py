"""Clone a cluster: from its spec the body of a create request for another place, and, if asked to, that request.

Invariant: what is made is made by the one way in which clusters are made; here a body is written and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skyclust.clusters.answers import Standing
from skyclust.clusters.cloning import Clone, Place, cloned
from skyclust.clusters.parsing import parse_flat
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import CloneBody, CreationPlanAnswer
from skyclust.clusters.service.creating import create_cluster
from skyclust.clusters.service.reading import find_cluster
from skyclust.clusters.templates import parsed
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.kit.problems import FieldError, Problem, invalid
from skyclust.networks.errors import check_findings
from skyclust.networks.service import Account, Errand, Json, account_for, ranges_seen_from
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.planning import Plan
from skyclust.workspaces.permissions import Permission


async def clone_cluster(errand: Errand, wanted: str, which: Filter, body: CloneBody) -> Json | PlanAnswer:
    """The begun creation; or, unless `create` is true, the body that would be sent, its plan and the translations."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which)
        target = errand.provider(body.provider or seen.row.provider)
        account = await account_for(
            session, errand.caller, credential_id=body.credential_id, provider=target.name,
            workspace_id=body.workspace_id, permission=Permission.CLUSTERS_CREATE,
        )  # fmt: skip
    place = Place(target, await _region(errand, seen, account, target, body.region))
    async with errand.session() as session:
        ranges = await ranges_seen_from(session, account, place.region)
    source = Place(errand.provider(seen.row.provider), seen.row.region)
    clone = cloned(seen.spec, source, place, ranges.avoided, protected=seen.row.deletion_protection)
    whole = {**clone.body, "name": body.name, "credential_id": str(body.credential_id)}
    if body.create and not errand.asked.dry_run:
        check_findings(clone.findings)
        request = parse_flat(target, list(errand.ground.providers), parsed(whole))
        return await create_cluster(errand.citing(body.plan_digest), request)
    return await _rehearsed(errand, target, clone, whole)


async def _rehearsed(errand: Errand, target: Provider, clone: Clone, whole: dict[str, Any]) -> CreationPlanAnswer:
    """The plan of the request; where the target would refuse it, the body with the reasons."""
    dry = replace(errand, asked=replace(errand.asked, dry_run=True))
    findings = clone.findings
    answer: Json | PlanAnswer = plan_answer(Plan((), 0.0, 0.0, findings, ""))
    if all(item.severity != "error" for item in findings):
        try:
            answer = await create_cluster(dry, parse_flat(target, list(errand.ground.providers), parsed(whole)))
        except Problem as problem:
            if not problem.errors:
                raise
            refused = [Finding("error", error.pointer, error.detail, problem.kind) for error in problem.errors]
            answer = plan_answer(Plan((), 0.0, 0.0, tuple(refused), ""))
        assert isinstance(answer, PlanAnswer), "it is a rehearsal"
        told = plan_answer(Plan((), 0.0, 0.0, findings, "")).findings
        answer = answer.model_copy(update={"findings": [*told, *answer.findings]})
    assert isinstance(answer, PlanAnswer), "it is a rehearsal"
    return CreationPlanAnswer.model_validate({**dict(answer), "body": whole})


async def _region(errand: Errand, seen: Standing, account: Account, target: Provider, wanted: str | None) -> str:
    """The one that is asked for; else the cluster's own on the same cloud, the credential's on another."""
    here = seen.row.region if target.name == seen.row.provider else None
    region = wanted or here or await errand.default_region(account)
    if region is None or region not in target.regions():
        what = f"{target.title} has no region {region!r}." if region else "This credential has no default region."
        raise invalid([FieldError("/region", f"{what} GET /{target.name}/kubernetes/metadata/regions lists them.")])
    return region
