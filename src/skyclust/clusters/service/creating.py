"""Create a cluster: may you -> is it valid -> [no session] the cloud's word -> one transaction -> operation.

Called by both routes with the one internal request. Invariant: nothing is written before everything that can be known
beforehand is known; two requests for one name give one cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.parsing import ClusterRequest, TemplateUse, cluster_spec, region_of
from skyclust.clusters.schemas import CreationPlanAnswer
from skyclust.clusters.service.asking_addons import wishes_checked
from skyclust.clusters.service.planning import change_plan
from skyclust.clusters.states import cluster_state
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec
from skyclust.kit.problems import invalid
from skyclust.networks.errors import check_findings, name_exists
from skyclust.networks.service import (
    Account,
    Begin,
    Errand,
    Json,
    Owner,
    account_for,
    begun,
    network_cidr_errors,
    once,
    overlap_findings,
    ranges_seen_from,
    recall,
    record_use,
    register_owned,
    settled_block,
    vpc_id_of,
    with_quotas,
)
from skyclust.provisioning.answers import PlanAnswer, check_digest, plan_answer
from skyclust.provisioning.operating import NewStack, Target, active_operation, create_stack, load_rows
from skyclust.provisioning.planning import Plan
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Use


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is about to be made."""

    account: Account
    spec: ClusterSpec
    warnings: tuple[Finding, ...] = ()
    protected: bool = False
    template: TemplateUse | None = None
    #: Nobody named the range of the network that is made with it.
    chosen: bool = False
    refuse_overlap: bool = False


async def create_cluster(errand: Errand, request: ClusterRequest) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    provider = errand.provider(request.provider)
    async with errand.session() as session:
        account = await account_for(
            session, errand.caller, credential_id=request.credential_id, provider=provider.name,
            workspace_id=request.workspace_id, permission=Permission.CLUSTERS_CREATE,
        )  # fmt: skip

    async def work() -> Json | PlanAnswer:
        return await _create(errand.citing(request.plan_digest), request, account)

    return await once(errand, account.workspace_id, work)


async def _create(errand: Errand, request: ClusterRequest, account: Account) -> Json | PlanAnswer:
    provider = errand.provider(account.provider)
    fallback = None if request.region else await errand.default_region(account)
    region = region_of(request, fallback, provider)
    async with errand.session() as session:
        draft = await _draft(session, errand, request, account, region)
        await refuse_namesake(session, _row(errand, draft))
    told = provider.validate_cluster(draft.spec)
    check_findings(told, request.pointer)
    async with errand.cloud(account.workspace_id, account.credential_id, region, request.pointer) as cloud:
        spec = await provider.complete_cluster(cloud, draft.spec)
        addons = await wishes_checked(provider, cloud, spec)
        found = (*draft.warnings, *_advice(request), *told, *addons, *await provider.preflight_cluster(cloud, spec))
    findings = tuple(dict.fromkeys(found))
    draft = replace(draft, spec=spec, protected=request.deletion_protection, template=request.template)
    plan = change_plan(provider, spec, (), findings)
    if errand.asked.dry_run:
        wanted = Use(1, spec.most_nodes, plan.usd_per_month)
        block = spec.network.cidr_block if spec.network is not None else None
        return await with_quotas(errand, account.workspace_id, _answer(plan, request, block), wanted)
    check_findings(findings, request.pointer, preflight=True)
    check_digest(plan, errand.asked.plan_digest)
    return await _write(errand, request, draft, plan)


async def _draft(
    session: AsyncSession, errand: Errand, request: ClusterRequest, account: Account, region: str
) -> _Draft:
    """The spec, with a free block for its own network or the cloud's id of the existing one."""
    ranges = await ranges_seen_from(session, account, region)
    spec = cluster_spec(request, errand.provider(account.provider), region, ranges.avoided)
    if spec.vpc_id is not None:
        vpc_id = await vpc_id_of(session, errand.caller, account, spec.vpc_id)
        return _Draft(account, replace(spec, vpc_id=vpc_id))
    assert spec.network is not None, "a cluster has a network of its own or an existing one"
    errors = list(network_cidr_errors(spec.network, {}, "/network"))
    if errors:
        raise invalid(errors)
    wish = request.network
    refuse = wish is not None and wish.refuse_overlap is True
    found = overlap_findings(spec.network.cidr_block, ranges.all, "/network", refuse=refuse)
    return _Draft(account, spec, found, chosen=wish is None or wish.cidr_block is None, refuse_overlap=refuse)


def _row(errand: Errand, draft: _Draft) -> ClusterRow:
    return ClusterRow(
        id=errand.new_id(),
        workspace_id=draft.account.workspace_id,
        credential_id=draft.account.credential_id,
        provider=draft.account.provider,
        account=draft.account.account,
        region=draft.spec.region,
        name=draft.spec.name,
        spec=draft.spec.to_json(),
        stack_id=errand.new_id(),
        deletion_protection=draft.protected,
    )


async def _settled(
    session: AsyncSession, errand: Errand, request: ClusterRequest, draft: _Draft, plan: Plan
) -> tuple[_Draft, Plan]:
    """Judge the range again while nobody else can take one; who named none gets another, where it is taken by now."""
    account, network = draft.account, draft.spec.network
    if network is None:
        return draft, plan
    block, ranges = await settled_block(session, account, draft.spec.region, network.cidr_block)
    if not draft.chosen or block == network.cidr_block:
        found = overlap_findings(network.cidr_block, ranges.all, "/network", refuse=draft.refuse_overlap)
        check_findings(found, request.pointer, preflight=True)
        return draft, plan
    provider = errand.provider(account.provider)
    spec = replace(draft.spec, network=replace(network, cidr_block=block))
    check_findings(provider.validate_cluster(spec), request.pointer)
    return replace(draft, spec=spec), change_plan(provider, spec, (), plan.findings)


async def _write(errand: Errand, request: ClusterRequest, draft: _Draft, plan: Plan) -> Json:
    row = _row(errand, draft)
    try:
        async with errand.adding(row.workspace_id, row.credential_id) as session:
            if earlier := await recall(session, errand, row.workspace_id):
                return earlier
            await queries.retire_gone(session, row, errand.now())
            await refuse_namesake(session, row)
            draft, plan = await _settled(session, errand, request, draft, plan)
            row.spec = draft.spec.to_json()
            await queries.add(session, row)
            answer = await _begin(session, errand, row, draft, plan)
    except IntegrityError as error:
        if "uq_clusters_living_name" in str(error.orig):
            async with errand.session() as session:
                await refuse_namesake(session, row)
        raise
    errand.ground.ring()
    return answer


async def _begin(session: AsyncSession, errand: Errand, row: ClusterRow, draft: _Draft, plan: Plan) -> Json:
    account, spec = draft.account, draft.spec
    await create_stack(session, NewStack(
        row.stack_id, row.workspace_id, row.credential_id, row.provider, row.region, row.name, "cluster"
    ))  # fmt: skip
    owner = Owner(row.id, row.name, row.stack_id)
    if spec.network is not None:
        await register_owned(session, network_id=errand.new_id(), account=account, spec=spec.network, owner=owner)
    elif spec.vpc_id is not None:
        await record_use(session, account, spec.vpc_id, owner)
    return await begun(session, errand, Begin(
        row.workspace_id, row.stack_id, "cluster.create", target_of(row), plan,
        errand.provider(row.provider).cluster_blueprint(spec), "cluster.create_requested",
        {"provider": row.provider, "region": row.region, "version": spec.version, **_made_from(draft)},
    ))  # fmt: skip


def _advice(request: ClusterRequest) -> tuple[Finding, ...]:
    """What speaks against the template."""
    why = request.template.deprecated if request.template is not None else ""
    return (Finding("warning", "/template", why, "deprecated-template"),) if why else ()


def _answer(plan: Plan, request: ClusterRequest, block: str | None) -> CreationPlanAnswer:
    """The plan, with what came out of the template."""
    use = request.template
    told = {"template": use.what, "body": use.body} if use is not None else {}
    return CreationPlanAnswer.model_validate({**dict(plan_answer(plan)), **told, "cidr_block": block})


def _made_from(draft: _Draft) -> Json:
    return {"template": draft.template.what} if draft.template is not None else {}


def target_of(row: ClusterRow) -> Target:
    """The cluster as an operation's target."""
    return Target("cluster", row.id, row.name, row.provider, row.region)


async def refuse_namesake(session: AsyncSession, row: ClusterRow) -> None:
    """409 when a living cluster has this name in this place."""
    other = await queries.namesake(session, row)
    if other is None:
        return
    running = await active_operation(session, other.stack_id)
    state = cluster_state(await load_rows(session, other.stack_id), running.kind if running else None)
    raise name_exists(
        "cluster", other.name, other.region, row_id=other.id, state=state,
        operation_id=running.id if running else None,
    )  # fmt: skip
