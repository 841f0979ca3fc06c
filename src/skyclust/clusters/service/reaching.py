"""Reach a cluster: kubeconfig, short-lived tokens, its own API. Each names itself as something that asks the cloud.

Invariant: nothing that is handed out outlives its token; every handing out is in the audit log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from skyclust.clusters import kube
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import no_cloud_exec, not_reachable_yet
from skyclust.clusters.kube_errors import KubeError, Trouble, kube_problem
from skyclust.clusters.kubeconfigs import Document, cloud_user, exec_user, kubeconfig, token_user
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import ExecCredential, ExecStatus
from skyclust.clusters.service.reading import find_cluster
from skyclust.clusters.states import plane_outputs
from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.contract.resources import JsonObject
from skyclust.events.publishing import Event, publish
from skyclust.identity.service import Act
from skyclust.networks.errors import read_only
from skyclust.networks.service import Errand
from skyclust.workspaces.permissions import Permission

#: All that one request asks of a cluster's own API.
INSIDE_SECONDS = 30.0
Auth = Literal["exec", "token", "cloud"]


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
    return kubeconfig(found.access, f"{row.provider}-{row.region}-{row.name}", user)


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
    row = found.standing.row
    data = {"name": row.name, "provider": row.provider, "region": row.region, "detail": detail}
    async with errand.session() as session:
        await publish(session, Event(name, f"cluster/{row.id}", row.workspace_id, data, errand.caller.actor))
