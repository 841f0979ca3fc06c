"""Reach a cluster: kubeconfig, short-lived tokens, its own API. Each names itself as something that asks the cloud.

Invariant: nothing that is handed out outlives its token; every handing out is in the audit log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import kube, queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import no_cloud_exec, not_reachable_yet, too_many_for_a_file
from skyclust.clusters.kube_errors import KubeError, Trouble, kube_problem
from skyclust.clusters.kubeconfigs import (
    Document,
    Entry,
    cloud_user,
    exec_user,
    kubeconfig,
    lasting_context,
    token_user,
)
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import ExecCredential, ExecStatus
from skyclust.clusters.service.reading import find_cluster, standings
from skyclust.clusters.states import plane_outputs
from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.contract.resources import JsonObject
from skyclust.events.publishing import Event, publish
from skyclust.identity.service import Act
from skyclust.networks.errors import read_only
from skyclust.networks.service import Errand
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import forbidden
from skyclust.workspaces.permissions import Permission

#: All that one request asks of a cluster's own API.
INSIDE_SECONDS = 30.0
Auth = Literal["exec", "token", "cloud"]
#: A kubeconfig of all holds at most so many; each takes about two kilobytes.
MOST_CLUSTERS = 500


@dataclass(frozen=True, slots=True)
class Reachable:
    """A cluster with a control plane to reach. `outputs` are its control plane's."""

    standing: Standing
    outputs: JsonObject
    access: ClusterAccess


async def get_kubeconfig(errand: Errand, wanted: str, which: Filter, auth: Auth) -> Document:
    """A kubeconfig whose user is an exec plug-in (ours or the cloud's) or a short-lived token."""
    found = await reachable(errand, wanted, which, Permission.CLUSTERS_KUBECONFIG)
    row = found.standing.row
    if auth == "token":
        errand.caller.require_fresh(Act.KUBECONFIG_TOKEN)
        user = token_user(await _token(errand, found))
    elif auth == "cloud":
        if found.access.user_exec is None:
            raise no_cloud_exec(row.provider)
        user = cloud_user(found.access.user_exec)
    else:
        user = exec_user(row.id)
    await tell(errand, found, "cluster.kubeconfig_issued", auth)
    return kubeconfig([Entry(place_of(row), found.access, user)])


def place_of(row: ClusterRow) -> str:
    """Where a cluster is and how it is called, in one word."""
    return f"{row.provider}-{row.region}-{row.name}"


async def get_kubeconfigs(errand: Errand, cluster_ids: Sequence[UUID]) -> Document:
    """One kubeconfig for these clusters, or for all that the caller may reach. Users are our exec plug-in only.

    404, 403 or 409 when one of those that were named is not there, may not be reached or has no endpoint yet; where
    none is named, such clusters are left out.
    """
    allowed = _reachable_in(errand.caller)
    async with errand.session() as session:
        if cluster_ids:
            chosen = [
                await find_cluster(session, errand.caller, str(cluster_id), Filter(), Permission.CLUSTERS_KUBECONFIG)
                for cluster_id in dict.fromkeys(cluster_ids)
            ]
        else:
            chosen = await _all_of(session, allowed)
    found = [item for item in (_reach(errand, standing) for standing in chosen) if item is not None]
    if cluster_ids and len(found) < len(chosen):
        early = next(item for item in chosen if plane_outputs(item.resources) is None)
        raise not_reachable_yet(early.state)
    async with errand.session() as session:
        for item in found:
            await publish(session, _told(errand, item, "cluster.kubeconfig_issued", "exec"))
    rows = [(item, item.standing.row) for item in found]
    return kubeconfig(
        [Entry(lasting_context(place_of(row), row.id), item.access, exec_user(row.id)) for item, row in rows]
    )


def _reachable_in(caller: Caller) -> list[UUID]:
    """Workspaces in which the caller may read clusters and reach them; 403 when there is none."""
    needed = (Permission.CLUSTERS_READ, Permission.CLUSTERS_KUBECONFIG)
    allowed = [place for place in caller.workspaces if all(caller.may(place, need) for need in needed)]
    if not allowed:
        lacked = next((need for need in needed if not caller.workspace_ids(need)), needed[-1])
        caller.default_workspace(None, lacked)
        raise forbidden(lacked)
    return allowed


async def _all_of(session: AsyncSession, workspace_ids: Sequence[UUID]) -> list[Standing]:
    rows = await queries.list_clusters(session, workspace_ids, Filter(), limit=MOST_CLUSTERS)
    if len(rows) > MOST_CLUSTERS:
        raise too_many_for_a_file(MOST_CLUSTERS)
    return await standings(session, rows)


def _reach(errand: Errand, standing: Standing) -> Reachable | None:
    """The cluster with its way in; None while it has none, or its provider is not installed."""
    outputs, provider = plane_outputs(standing.resources), errand.ground.providers.get(standing.row.provider)
    if outputs is None or provider is None:
        return None
    return Reachable(standing, outputs, provider.cluster_access(outputs))


async def issue_kube_token(errand: Errand, wanted: str, which: Filter) -> ExecCredential:
    """A token for kubectl's exec plug-in."""
    found = await reachable(errand, wanted, which, Permission.CLUSTERS_KUBECONFIG)
    token = await _token(errand, found)
    await tell(errand, found, "cluster.kube_token_issued", "token")
    return ExecCredential(status=ExecStatus(token=token.token, expirationTimestamp=token.expires_at))


@asynccontextmanager
async def opened(
    errand: Errand, wanted: str, which: Filter, permission: Permission
) -> AsyncIterator[tuple[Reachable, kube.KubeApi]]:
    """The cluster's own API for whoever holds `permission`; what keeps it from answering becomes a problem.

    Nothing of a cluster that was imported read-only is changed.
    """
    found = await reachable(errand, wanted, which, permission)
    if permission is Permission.CLUSTERS_UPDATE and not found.standing.managed:
        raise read_only("cluster", found.standing.row.name)
    token = await _token(errand, found)
    try:
        async with asyncio.timeout(INSIDE_SECONDS), kube.opened(found.access, token) as api:
            yield found, api
    except KubeError as error:
        raise kube_problem(error) from error
    except TimeoutError:
        raise kube_problem(KubeError(Trouble.TIMED_OUT)) from None


async def kube_access(
    errand: Errand, wanted: str, which: Filter, permission: Permission
) -> tuple[ClusterAccess, KubeToken]:
    """What opens the cluster's own API; whoever opens it sees to what keeps it from answering."""
    found = await reachable(errand, wanted, which, permission)
    return found.access, await _token(errand, found)


async def reachable(errand: Errand, wanted: str, which: Filter, permission: Permission) -> Reachable:
    """The cluster, if the caller may do this and there is something to reach."""
    async with errand.session() as session:
        standing = await find_cluster(session, errand.caller, wanted, which, permission)
    outputs = plane_outputs(standing.resources)
    if outputs is None:
        raise not_reachable_yet(standing.state)
    return Reachable(standing, outputs, errand.provider(standing.row.provider).cluster_access(outputs))


async def _token(errand: Errand, found: Reachable) -> KubeToken:
    row = found.standing.row
    async with errand.cloud(row.workspace_id, row.credential_id, row.region) as cloud:
        return await errand.provider(row.provider).kube_token(cloud, found.outputs)


async def tell(errand: Errand, found: Reachable, name: str, detail: str) -> None:
    """Into the audit log, with what exactly was reached."""
    async with errand.session() as session:
        await publish(session, _told(errand, found, name, detail))


def _told(errand: Errand, found: Reachable, name: str, detail: str) -> Event:
    row = found.standing.row
    data = {"name": row.name, "provider": row.provider, "region": row.region, "detail": detail}
    return Event(name, f"cluster/{row.id}", row.workspace_id, data, errand.caller.actor)
