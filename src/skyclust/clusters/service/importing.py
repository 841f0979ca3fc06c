"""Import a cluster, take an observed one over, give one back: may you -> [no session] look -> one transaction.

Invariant: nothing in the cloud changes but our mark; its network is never taken over with it.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import cluster_not_found
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.creating import refuse_namesake, target_of
from skyclust.clusters.service.reading import find_cluster
from skyclust.clusters.service.repairing import whole_of
from skyclust.contract.specs import ClusterSpec
from skyclust.kit.pagination import Page
from skyclust.networks.errors import managed_already, never_imported
from skyclust.networks.schemas import ImportableAnswer, ImportBody
from skyclust.networks.service import (
    Account,
    Begin,
    Errand,
    Json,
    Owner,
    Takeover,
    account_for,
    begun,
    check_name,
    describe,
    existing_again,
    forget_use,
    hold,
    importable_page,
    look,
    once,
    recall,
    record_use,
    refuse_taken,
    region_in,
    release,
    told,
    was_imported,
)
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.operating import NewStack, create_stack, load_rows
from skyclust.provisioning.rows import State
from skyclust.workspaces.permissions import Permission

IMPORT = "cluster.import"


async def list_importable(errand: Errand, which: Filter, *, limit: int, cursor: str | None) -> Page[ImportableAnswer]:
    """Clusters that exist in a region, as the cloud shows them now."""
    assert which.provider is not None, "the route has it in its path"
    assert which.credential_id is not None, "the route demands it"
    account = await _account(errand, which.provider, which.credential_id, None)
    region = await region_in(errand, account, which.region, "?region")
    return await importable_page(errand, account, region, "cluster", limit=limit, cursor=cursor)


async def import_cluster(errand: Errand, provider: str, body: ImportBody) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    errand = errand.citing(body.plan_digest)
    account = await _account(errand, errand.provider(provider).name, body.credential_id, body.workspace_id)

    async def work() -> Json | PlanAnswer:
        region = await region_in(errand, account, body.region, "/region")
        found = await look(errand, account, region, "cluster", body)
        spec = _spec(found)
        if errand.asked.dry_run:
            return await found.answer(errand, account, found.plan(spec.to_json()))
        found.refuse_unfit()
        check_name("cluster", spec.name)
        return await _write(errand, account, _row(errand, account, spec), found)

    return await once(errand, account.workspace_id, work)


async def manage_cluster(errand: Errand, wanted: str, which: Filter) -> Json | PlanAnswer:
    """Take over what was only observed so far. The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_IMPORT)
    row = seen.row
    account = await _account(errand, row.provider, row.credential_id, row.workspace_id)

    async def work() -> Json | PlanAnswer:
        if seen.managed:
            raise managed_already("cluster", row.name)
        again = await existing_again(errand, account, row.region, "cluster", _external_id(seen))
        found = await describe(errand, account, "cluster", again, managed=True)
        if errand.asked.dry_run:
            return await found.answer(errand, account, found.plan(_spec(found).to_json(), seen.resources))
        found.refuse_unfit()
        return await _take_over(errand, account, seen, found)

    return await once(errand, row.workspace_id, work)


async def release_cluster(errand: Errand, wanted: str, which: Filter) -> Json | PlanAnswer:
    """Forget a cluster and take our mark off; nothing is deleted. The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_IMPORT)
        imported = await was_imported(session, seen.row.workspace_id, seen.row.id, IMPORT)
    row = seen.row
    if not imported:
        raise never_imported("cluster", row.name)

    async def forget(session: AsyncSession) -> None:
        await forget_use(session, row.id)

    return await release(errand, whole_of(seen), forget)


async def _account(errand: Errand, provider: str, credential_id: UUID, workspace_id: UUID | None) -> Account:
    async with errand.session() as session:
        return await account_for(
            session, errand.caller, credential_id=credential_id, provider=provider, workspace_id=workspace_id,
            permission=Permission.CLUSTERS_IMPORT,
        )  # fmt: skip


def _spec(found: Takeover) -> ClusterSpec:
    spec = found.imported.spec
    assert isinstance(spec, ClusterSpec), "a cluster was asked for"
    return spec


def _external_id(seen: Standing) -> str:
    living = [row for row in seen.resources if row.key == "cluster" and row.state is not State.GONE]
    return next((row.external_id for row in living if row.external_id), "")


def _row(errand: Errand, account: Account, spec: ClusterSpec) -> ClusterRow:
    return ClusterRow(
        id=errand.new_id(),
        workspace_id=account.workspace_id,
        credential_id=account.credential_id,
        provider=account.provider,
        account=account.account,
        region=spec.region,
        name=spec.name,
        spec=spec.to_json(),
        stack_id=errand.new_id(),
    )


async def _write(errand: Errand, account: Account, row: ClusterRow, found: Takeover) -> Json:
    try:
        async with errand.adding(row.workspace_id, row.credential_id) as session:
            if earlier := await recall(session, errand, row.workspace_id):
                return earlier
            await hold(session, "cluster", account, found.existing.external_id)
            await refuse_taken(session, errand, "cluster", account, found.existing)
            await queries.retire_gone(session, row, errand.now())
            await refuse_namesake(session, row)
            await queries.add(session, row)
            await create_stack(session, NewStack(
                row.stack_id, row.workspace_id, row.credential_id, row.provider, row.region, row.name, "cluster"
            ))  # fmt: skip
            await _enter_network(session, account, row, found)
            answer = await begun(session, errand, Begin(
                row.workspace_id, row.stack_id, IMPORT, target_of(row), found.plan(row.spec), found.graph,
                "cluster.import_requested", {"provider": row.provider, "region": row.region, **told(found)},
            ))  # fmt: skip
    except IntegrityError as error:
        if "uq_clusters_living_name" in str(error.orig):
            async with errand.session() as session:
                await refuse_namesake(session, row)
        raise
    errand.ground.ring()
    return answer


async def _take_over(errand: Errand, account: Account, seen: Standing, found: Takeover) -> Json:
    async with errand.adding(seen.row.workspace_id) as session:
        if earlier := await recall(session, errand, seen.row.workspace_id):
            return earlier
        row = await queries.by_id(session, [seen.row.workspace_id], seen.row.id, lock=True)
        if row is None:
            raise cluster_not_found()
        now = Standing(row, await load_rows(session, row.stack_id), None)
        if now.managed:
            raise managed_already("cluster", row.name)
        row.previous_spec, row.spec = row.spec, _spec(found).to_json()
        row.generation += 1
        await _enter_network(session, account, row, found)
        answer = await begun(session, errand, Begin(
            row.workspace_id, row.stack_id, "cluster.manage", target_of(row), found.plan(row.spec, now.resources),
            found.graph, "cluster.manage_requested", {"provider": row.provider, "region": row.region, **told(found)},
            row.previous_spec,
        ))  # fmt: skip
    errand.ground.ring()
    return answer


async def _enter_network(session: AsyncSession, account: Account, row: ClusterRow, found: Takeover) -> None:
    """Only a managed one: what an observed one leaves in the network is not ours to sweep."""
    vpc_id = _spec(found).vpc_id
    if found.managed and vpc_id is not None:
        await record_use(session, account, vpc_id, Owner(row.id, row.name, row.stack_id))
