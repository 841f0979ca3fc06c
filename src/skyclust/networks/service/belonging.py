"""What clusters tell networks: one was made with me, I was put into that one. Called by clusters, and by deletion.

Networks know clusters by id and name only.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.specs import NetworkSpec, network_to_json
from skyclust.networks import queries
from skyclust.networks.errors import network_not_found, network_not_ready, several
from skyclust.networks.models import NetworkRow, NetworkUseRow
from skyclust.networks.queries import Filter
from skyclust.networks.service.ground import Account
from skyclust.networks.states import cloud_id
from skyclust.provisioning.operating import active_operation, in_progress_problem, load_rows
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class Owner:
    """The cluster a network is made with."""

    cluster_id: UUID
    cluster_name: str
    stack_id: UUID


async def register_owned(
    session: AsyncSession, *, network_id: UUID, account: Account, spec: NetworkSpec, owner: Owner
) -> None:
    """A network that is made with a cluster and goes with it."""
    row = NetworkRow(
        id=network_id,
        workspace_id=account.workspace_id,
        credential_id=account.credential_id,
        provider=account.provider,
        account=account.account,
        region=spec.region,
        name=spec.name,
        spec=network_to_json(spec),
        stack_id=owner.stack_id,
        owner_cluster_id=owner.cluster_id,
        owner_cluster_name=owner.cluster_name,
    )
    await queries.add(session, row)


async def record_use(session: AsyncSession, account: Account, vpc_id: str, owner: Owner) -> None:
    """A cluster is put into an existing network; 409 when that is a network of ours on its way out."""
    for network in await queries.by_cloud_id(session, [account.workspace_id], account.provider, vpc_id, lock=True):
        running = await active_operation(session, network.stack_id)
        if running is not None and running.kind.startswith("network.delete"):
            raise in_progress_problem(running)
    row = NetworkUseRow(
        cluster_id=owner.cluster_id,
        workspace_id=account.workspace_id,
        provider=account.provider,
        vpc_id=vpc_id,
        cluster_name=owner.cluster_name,
        stack_id=owner.stack_id,
    )
    await queries.add(session, row)


async def vpc_id_of(session: AsyncSession, caller: Caller, account: Account, wanted: str) -> str:
    """The cloud's id of a network given by our id, by the name of one of ours in the account, or by the cloud's id.

    404 for an id of ours that is none, 409 while the network has no id in the cloud yet.
    """
    network_id = as_uuid(wanted)
    if network_id is not None:
        row = await queries.by_id(session, caller.workspace_ids(Permission.NETWORKS_READ), network_id)
        if row is None or row.provider != account.provider:
            raise network_not_found()
    else:
        which = Filter(account.provider, account.credential_id, name=wanted)
        named = await queries.list_networks(session, [account.workspace_id], which, limit=1)
        if len(named) != 1:
            return wanted
        row = named[0]
    found = cloud_id(await load_rows(session, row.stack_id))
    if found is None:
        raise network_not_ready(row.name)
    return found


async def find_network(session: AsyncSession, caller: Caller, provider: str | None, wanted: str) -> NetworkRow:
    """A living network by our id, the cloud's id or its name; 404, or 409 when several have it."""
    allowed = caller.workspace_ids(Permission.NETWORKS_READ)
    network_id = as_uuid(wanted)
    if network_id is not None:
        row = await queries.by_id(session, allowed, network_id)
        if row is None or provider not in (None, row.provider):
            raise network_not_found()
        return row
    found = await queries.by_cloud_id(session, allowed, provider, wanted) if provider else []
    found = found or await queries.list_networks(session, allowed, Filter(provider, name=wanted), limit=10)
    if not found:
        raise network_not_found()
    if len(found) > 1:
        candidates = [{"id": str(row.id), "provider": row.provider, "region": row.region} for row in found]
        raise several("network", wanted, candidates)
    return found[0]


def as_uuid(text: str) -> UUID | None:
    """The id, if it is written as one."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
