"""Create a network: may you -> is it valid -> [no session] the cloud's word -> one transaction -> operation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import NetworkSpec, network_to_json
from skyclust.kit.problems import invalid
from skyclust.networks import queries
from skyclust.networks.cidrs import network_cidr_errors
from skyclust.networks.errors import check_findings, name_exists
from skyclust.networks.models import NetworkRow
from skyclust.networks.parsing import NetworkRequest, network_spec, region_of
from skyclust.networks.ranges import overlap_findings
from skyclust.networks.service.allowing import with_quotas
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.ground import Account, Errand, account_for
from skyclust.networks.service.ranging import ranges_seen_from
from skyclust.networks.states import network_state
from skyclust.provisioning.answers import PlanAnswer, check_digest, covering, plan_answer
from skyclust.provisioning.operating import NewStack, Target, active_operation, create_stack, load_rows
from skyclust.provisioning.planning import Plan, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ResourceRow
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Use


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is about to be made."""

    account: Account
    spec: NetworkSpec
    warnings: tuple[Finding, ...]
    protected: bool = False


async def create_network(errand: Errand, request: NetworkRequest) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    provider = errand.provider(request.provider)
    async with errand.session() as session:
        account = await account_for(
            session, errand.caller, credential_id=request.credential_id, provider=provider.name,
            workspace_id=request.workspace_id, permission=Permission.NETWORKS_CREATE,
        )  # fmt: skip

    async def work() -> Json | PlanAnswer:
        return await _create(errand, request, account)

    return await once(errand, account.workspace_id, work)


async def _create(errand: Errand, request: NetworkRequest, account: Account) -> Json | PlanAnswer:
    provider = errand.provider(account.provider)
    fallback = None if request.wish.region else await errand.default_region(account)
    region = region_of(provider, request.wish.region, fallback, request.pointer("region"))
    async with errand.session() as session:
        draft = await _draft(session, account, request, region)
        await refuse_namesake(session, _row(errand, draft))
    told = provider.validate_network(draft.spec)
    check_findings(told, request.pointer)
    async with errand.cloud(account.workspace_id, account.credential_id, region, request.pointer) as cloud:
        found = (*draft.warnings, *told, *await provider.preflight_network(cloud, draft.spec))
    findings = tuple(dict.fromkeys(found))
    plan = plan_network(provider, draft.spec, (), findings)
    if errand.asked.dry_run:
        shown = plan_answer(plan).model_copy(update={"cidr_block": draft.spec.cidr_block})
        return await with_quotas(errand, account.workspace_id, shown, Use(usd_per_month=plan.usd_per_month))
    check_findings(findings, request.pointer, preflight=True)
    check_digest(plan, errand.asked.plan_digest)
    return await _write(errand, request, draft, plan)


async def _draft(session: AsyncSession, account: Account, request: NetworkRequest, region: str) -> _Draft:
    ranges = await ranges_seen_from(session, account, region)
    spec = network_spec(request, region, ranges.avoided)
    errors = list(network_cidr_errors(spec, ranges.alone, request.at))
    if errors:
        raise invalid(errors)
    found = overlap_findings(spec.cidr_block, ranges.all, refuse=request.wish.refuse_overlap)
    return _Draft(account, spec, found, request.wish.deletion_protection)


def plan_network(
    provider: Provider, spec: NetworkSpec, rows: tuple[ResourceRow, ...], findings: tuple[Finding, ...] = ()
) -> Plan:
    """From `rows` to `spec`. The digest covers the whole spec."""
    graph = provider.network_blueprint(spec)
    plan = plan_towards(graph, rows, kinds_of(provider), price_of(provider, spec.region), findings)
    return replace(plan, digest=covering(plan.digest, network_to_json(spec)))


def _row(errand: Errand, draft: _Draft) -> NetworkRow:
    return NetworkRow(
        deletion_protection=draft.protected,
        id=errand.new_id(),
        workspace_id=draft.account.workspace_id,
        credential_id=draft.account.credential_id,
        provider=draft.account.provider,
        account=draft.account.account,
        region=draft.spec.region,
        name=draft.spec.name,
        spec=network_to_json(draft.spec),
        stack_id=errand.new_id(),
    )


async def _settled(
    session: AsyncSession, errand: Errand, request: NetworkRequest, draft: _Draft, plan: Plan
) -> tuple[_Draft, Plan]:
    """Judge the range again while nobody else can take one; who named none gets another, where it is taken by now."""
    await queries.hold_ranges(session, draft.account.workspace_id)
    again = await _draft(session, draft.account, request, draft.spec.region)
    check_findings(again.warnings, request.pointer, preflight=True)
    if again.spec == draft.spec:
        return draft, plan
    provider = errand.provider(draft.account.provider)
    check_findings(provider.validate_network(again.spec), request.pointer)
    return again, plan_network(provider, again.spec, (), plan.findings)


async def _write(errand: Errand, request: NetworkRequest, draft: _Draft, plan: Plan) -> Json:
    row = _row(errand, draft)
    try:
        async with errand.adding(row.workspace_id, row.credential_id) as session:
            if earlier := await recall(session, errand, row.workspace_id):
                return earlier
            await queries.retire_gone(session, row, errand.now())
            await refuse_namesake(session, row)
            draft, plan = await _settled(session, errand, request, draft, plan)
            row.spec = network_to_json(draft.spec)
            await queries.add(session, row)
            answer = await _begin(session, errand, row, draft.spec, plan)
    except IntegrityError as error:
        if "uq_networks_living_name" in str(error.orig):
            async with errand.session() as session:
                await refuse_namesake(session, row)
        raise
    errand.ground.ring()
    return answer


async def _begin(session: AsyncSession, errand: Errand, row: NetworkRow, spec: NetworkSpec, plan: Plan) -> Json:
    await create_stack(session, NewStack(
        row.stack_id, row.workspace_id, row.credential_id, row.provider, row.region, row.name, "network"
    ))  # fmt: skip
    return await begun(session, errand, Begin(
        row.workspace_id, row.stack_id, "network.create", target_of(row), plan,
        errand.provider(row.provider).network_blueprint(spec), "network.create_requested",
        {"provider": row.provider, "region": row.region, "cidr_block": spec.cidr_block},
    ))  # fmt: skip


def target_of(row: NetworkRow) -> Target:
    """The network as an operation's target."""
    return Target("network", row.id, row.name, row.provider, row.region)


async def refuse_namesake(session: AsyncSession, row: NetworkRow) -> None:
    """409 when a living network of its own has this name."""
    other = await queries.namesake(session, row)
    if other is None:
        return
    running = await active_operation(session, other.stack_id)
    state = network_state(await load_rows(session, other.stack_id), running.kind if running else None)
    raise name_exists(
        "network", other.name, other.region, row_id=other.id, state=state,
        operation_id=running.id if running else None,
    )  # fmt: skip
