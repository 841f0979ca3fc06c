"""Import a network, take an observed one over, give one back: may you -> [no session] look -> one transaction.

Invariant: nothing in the cloud changes but our mark. Two imports of one network give one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.specs import NetworkSpec, network_to_json
from skyclust.kit.pagination import Page
from skyclust.networks import queries
from skyclust.networks.answers import Standing
from skyclust.networks.errors import (
    belongs_to_cluster,
    managed_already,
    network_not_found,
    never_imported,
)
from skyclust.networks.models import NetworkRow
from skyclust.networks.parsing import region_of
from skyclust.networks.queries import Filter
from skyclust.networks.schemas import ImportableAnswer, ImportBody
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.creating import refuse_namesake, target_of
from skyclust.networks.service.ground import Account, Errand, account_for
from skyclust.networks.service.mending import release
from skyclust.networks.service.reading import network_standing
from skyclust.networks.service.repairing import whole_of
from skyclust.networks.service.takeover import (
    Takeover,
    check_name,
    describe,
    existing_again,
    importable_page,
    look,
    refuse_taken,
    was_imported,
)
from skyclust.networks.states import cloud_id
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.operating import NewStack, create_stack, load_rows
from skyclust.workspaces.permissions import Permission

IMPORT = "network.import"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row that is about to be written, and what it stands for."""

    row: NetworkRow
    account: Account
    found: Takeover


async def list_importable(
    errand: Errand, which: Filter, *, limit: int, cursor: str | None
) -> Page[ImportableAnswer]:  # fmt: skip
    """Networks that exist in a region, as the cloud shows them now."""
    assert which.provider is not None, "the route has it in its path"
    assert which.credential_id is not None, "the route demands it"
    account = await _account(errand, which.provider, which.credential_id, None)
    region = await region_in(errand, account, which.region, "?region")
    return await importable_page(errand, account, region, "network", limit=limit, cursor=cursor)


async def import_network(errand: Errand, provider: str, body: ImportBody) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    errand = errand.citing(body.plan_digest)
    account = await _account(errand, errand.provider(provider).name, body.credential_id, body.workspace_id)

    async def work() -> Json | PlanAnswer:
        region = await region_in(errand, account, body.region, "/region")
        found = await look(errand, account, region, "network", body)
        if errand.asked.dry_run:
            return await found.answer(errand, account, found.plan(network_to_json(_spec(found))))
        found.refuse_unfit()
        check_name("network", _spec(found).name)
        return await _write(errand, _Entry(_row(errand, account, _spec(found)), account, found))

    return await once(errand, account.workspace_id, work)


async def manage_network(errand: Errand, provider: str | None, wanted: str) -> Json | PlanAnswer:
    """Take over what was only observed so far. The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await network_standing(session, errand, provider, wanted, Permission.NETWORKS_IMPORT)
    row = seen.row
    account = await _account(errand, row.provider, row.credential_id, row.workspace_id)

    async def work() -> Json | PlanAnswer:
        if seen.managed:
            raise managed_already("network", row.name)
        again = await existing_again(errand, account, row.region, "network", cloud_id(seen.resources) or "")
        found = await describe(errand, account, "network", again, managed=True)
        if errand.asked.dry_run:
            return await found.answer(errand, account, found.plan(network_to_json(_spec(found)), seen.resources))
        found.refuse_unfit()
        return await _take_over(errand, seen, found)

    return await once(errand, row.workspace_id, work)


async def release_network(errand: Errand, provider: str | None, wanted: str) -> Json | PlanAnswer:
    """Forget a network and take our mark off; nothing is deleted. The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await network_standing(session, errand, provider, wanted, Permission.NETWORKS_IMPORT)
        imported = await was_imported(session, seen.row.workspace_id, seen.row.id, IMPORT)
    row = seen.row
    if row.owner_cluster_id is not None:
        raise belongs_to_cluster(row.owner_cluster_id, row.owner_cluster_name or "")
    if not imported:
        raise never_imported("network", row.name)

    async def nothing(_: AsyncSession) -> None:
        return None

    return await release(errand, whole_of(seen), nothing)


async def _account(errand: Errand, provider: str, credential_id: UUID, workspace_id: UUID | None) -> Account:
    async with errand.session() as session:
        return await account_for(
            session, errand.caller, credential_id=credential_id, provider=provider, workspace_id=workspace_id,
            permission=Permission.NETWORKS_IMPORT,
        )  # fmt: skip


async def region_in(errand: Errand, account: Account, wanted: str | None, pointer: str) -> str:
    """The region that is named, else the credential's; 422 when there is none."""
    fallback = None if wanted else await errand.default_region(account)
    return region_of(errand.provider(account.provider), wanted, fallback, pointer)


def _spec(found: Takeover) -> NetworkSpec:
    spec = found.imported.spec
    assert isinstance(spec, NetworkSpec), "a network was asked for"
    return spec


def _row(errand: Errand, account: Account, spec: NetworkSpec) -> NetworkRow:
    return NetworkRow(
        id=errand.new_id(),
        workspace_id=account.workspace_id,
        credential_id=account.credential_id,
        provider=account.provider,
        account=account.account,
        region=spec.region,
        name=spec.name,
        spec=network_to_json(spec),
        stack_id=errand.new_id(),
    )


async def _write(errand: Errand, entry: _Entry) -> Json:
    row, found = entry.row, entry.found
    try:
        async with errand.adding(row.workspace_id, row.credential_id) as session:
            if earlier := await recall(session, errand, row.workspace_id):
                return earlier
            await queries.hold(session, "network", entry.account, found.existing.external_id)
            await refuse_taken(session, errand, "network", entry.account, found.existing)
            await queries.retire_gone(session, row, errand.now())
            await refuse_namesake(session, row)
            await queries.add(session, row)
            await create_stack(session, NewStack(
                row.stack_id, row.workspace_id, row.credential_id, row.provider, row.region, row.name, "network"
            ))  # fmt: skip
            answer = await begun(session, errand, Begin(
                row.workspace_id, row.stack_id, IMPORT, target_of(row), found.plan(row.spec), found.graph,
                "network.import_requested", {"provider": row.provider, "region": row.region, **told(found)},
            ))  # fmt: skip
    except IntegrityError as error:
        if "uq_networks_living_name" in str(error.orig):
            async with errand.session() as session:
                await refuse_namesake(session, row)
        raise
    errand.ground.ring()
    return answer


async def _take_over(errand: Errand, seen: Standing, found: Takeover) -> Json:
    async with errand.adding(seen.row.workspace_id) as session:
        if earlier := await recall(session, errand, seen.row.workspace_id):
            return earlier
        row, rows = await _held(session, seen)
        row.previous_spec, row.spec = row.spec, network_to_json(_spec(found))
        row.generation += 1
        answer = await begun(session, errand, Begin(
            row.workspace_id, row.stack_id, "network.manage", target_of(row), found.plan(row.spec, rows.resources),
            found.graph, "network.manage_requested", {"provider": row.provider, "region": row.region, **told(found)},
            row.previous_spec,
        ))  # fmt: skip
    errand.ground.ring()
    return answer


async def _held(session: AsyncSession, seen: Standing) -> tuple[NetworkRow, Standing]:
    row = await queries.by_id(session, [seen.row.workspace_id], seen.row.id, lock=True)
    if row is None:
        raise network_not_found()
    now = Standing(row, await load_rows(session, row.stack_id), None)
    if now.managed:
        raise managed_already("network", row.name)
    return row, now


def told(found: Takeover) -> Json:
    """What the audit log says of an import besides its target."""
    return {"managed": found.managed, "external_id": found.existing.external_id}
