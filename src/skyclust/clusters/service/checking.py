"""Ask cloud and cluster before an upgrade: what is about to be removed and still used, what would block or be lost.

Called for dry runs only, with no database session open. Invariant: whatever keeps them from answering ends up
in the plan as a warning that names what was not checked and why; the plan itself always comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from skyclust.clusters import kube
from skyclust.clusters.answers import Standing
from skyclust.clusters.kube import KubeApi
from skyclust.clusters.kube_errors import NOT_REACHED, KubeError, Trouble
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import UpgradePlanAnswer
from skyclust.clusters.service.reaching import kube_access
from skyclust.clusters.service.reading import find_cluster
from skyclust.clusters.states import NODE_POOL_PREFIX
from skyclust.clusters.upgrade_checks import (
    budget_findings,
    deprecated_uses,
    node_findings,
    pod_findings,
    removed_findings,
    unchecked,
)
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.upgrades import Upgrading
from skyclust.kit.problems import Problem
from skyclust.networks.service import Errand
from skyclust.provisioning.answers import FindingAnswer
from skyclust.provisioning.planning import resolve_known
from skyclust.provisioning.rows import State
from skyclust.workspaces.permissions import Permission

#: For all of them together: somebody waits for the plan.
CHECK_SECONDS = 25.0
MAX_METRICS_BYTES = 16 * 1024 * 1024
MAX_NODES = 1_000
MAX_BUDGETS = 2_000
#: Of pods only the metadata is read.
MAX_PODS = 5_000
APIS, NODES, PODS = (
    "removed APIs in use",
    "nodes that are not ready",
    "PodDisruptionBudgets and pods without a controller",
)

CLOUD = "what the cloud tells of its offers and of free addresses"

Check = Callable[[KubeApi, str], Awaitable[list[Finding]]]


async def with_checks(errand: Errand, wanted: str, which: Filter, answer: UpgradePlanAnswer) -> UpgradePlanAnswer:
    """The plan with what cloud and cluster say; unchanged where no hop is planned."""
    if not answer.hops:
        return answer
    path = [hop.version for hop in answer.hops]
    found = await asyncio.gather(_cloud_checked(errand, wanted, which, path), _checked(errand, wanted, which, path[-1]))
    told = [FindingAnswer.model_validate(finding) for part in found for finding in part]
    return answer.model_copy(update={"findings": [*answer.findings, *told]})


async def _cloud_checked(errand: Errand, wanted: str, which: Filter, path: Sequence[str]) -> list[Finding]:
    """What the cloud tells of the upgrade, where the provider asks it."""
    async with errand.session() as session:
        standing = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    row, provider = standing.row, errand.provider(standing.row.provider)
    if not isinstance(provider, Upgrading):
        return []
    try:
        async with (
            asyncio.timeout(CHECK_SECONDS),
            errand.cloud(row.workspace_id, row.credential_id, row.region) as cloud,
        ):
            return list(await provider.preflight_upgrade(cloud, standing.spec, path, _pools(standing)))
    except TimeoutError:
        return [unchecked([CLOUD], f"The cloud took longer than {CHECK_SECONDS:.0f} seconds to answer.")]
    except Problem as problem:
        return [unchecked([CLOUD], problem.detail or problem.title)]


def _pools(standing: Standing) -> dict[str, JsonObject]:
    """What each node pool was made from."""
    rows = [row for row in standing.resources if row.state is not State.GONE]
    outputs = {row.key: row.outputs for row in rows}
    pools = {row.key: resolve_known(row.spec, outputs) for row in rows if row.key.startswith(NODE_POOL_PREFIX)}
    return {key.removeprefix(NODE_POOL_PREFIX): spec for key, spec in pools.items() if spec is not None}


async def _checked(errand: Errand, wanted: str, which: Filter, target: str) -> list[Finding]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            access, token = await kube_access(errand, wanted, which, Permission.CLUSTERS_UPDATE)
            async with kube.opened(access, token) as api:
                return await look_inside(api, target)
    except TimeoutError:
        return [unchecked(list(CHECKS), f"The cluster took longer than {CHECK_SECONDS:.0f} seconds to answer.")]
    except KubeError as error:
        return [unchecked(list(CHECKS), f"{error.told} {error.next}")]
    except Problem as problem:  # no endpoint yet, or the cloud gives no token
        return [unchecked(list(CHECKS), problem.detail or problem.title)]


async def look_inside(api: KubeApi, target: str) -> list[Finding]:
    """All checks, one after the other; one that is refused does not keep the others from being made."""
    found: list[Finding] = []
    for place, (name, check) in enumerate(CHECKS.items()):
        try:
            found += await check(api, target)
        except KubeError as error:
            gone = error.trouble in NOT_REACHED | {Trouble.UNAUTHENTICATED}
            names = list(CHECKS)[place:] if gone else [name]
            found.append(unchecked(names, f"{error.told} {error.next}"))
            if gone:
                break
    return found


async def _apis(api: KubeApi, target: str) -> list[Finding]:
    metrics, whole = await api.text("/metrics", MAX_METRICS_BYTES)
    uses = await asyncio.to_thread(deprecated_uses, metrics)
    short = (
        [] if whole else [unchecked([APIS], f"Only the first {MAX_METRICS_BYTES // 1024**2} MiB of metrics were read.")]
    )
    return [*removed_findings(uses, target), *short]


async def _nodes(api: KubeApi, target: str) -> list[Finding]:  # noqa: ARG001 - the shape of a check
    return list(node_findings(await api.all("/api/v1/nodes", MAX_NODES)))


async def _pods(api: KubeApi, target: str) -> list[Finding]:  # noqa: ARG001 - the shape of a check
    running = {"fieldSelector": "status.phase!=Succeeded,status.phase!=Failed"}
    pods = await api.all_metadata("/api/v1/pods", MAX_PODS, **running)
    budgets = await api.all("/apis/policy/v1/poddisruptionbudgets", MAX_BUDGETS)
    found: Iterable[Finding] = (*budget_findings(budgets, pods), *pod_findings(pods))
    return list(found)


CHECKS: dict[str, Check] = {APIS: _apis, NODES: _nodes, PODS: _pods}
