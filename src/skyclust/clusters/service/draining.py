"""Plan the draining of a node and begin it: may you -> [no session] what is on the node -> one transaction.

Called by the route. The engine does the rest by the steps in `clusters.draining`, in a stack of their own, so that no
drain keeps its cluster from being changed. Invariant: nothing is evicted that would be lost, unless that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import draining, queries
from skyclust.clusters.errors import cluster_not_found, drain_refused, drained_already
from skyclust.clusters.evicting import Sorted, Wishes, full_name, held_now, sort_pods
from skyclust.clusters.inside import name_of, namespace_of, uid_of
from skyclust.clusters.inside_schemas import NAME, DrainBody, DrainedPodAnswer, DrainPlanAnswer
from skyclust.clusters.kube import KubeApi
from skyclust.clusters.kube_errors import KubeError, Trouble
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.looking import find_node, pods_on
from skyclust.clusters.service.reaching import Reachable, opened
from skyclust.contract.resources import Finding, JsonObject, digest
from skyclust.networks.service import Begin, Errand, Json, begun, once, recall
from skyclust.provisioning.answers import plan_answer
from skyclust.provisioning.operating import NewStack, Target, active_for, add_stack
from skyclust.provisioning.planning import Plan, PlannedChange, Verb
from skyclust.provisioning.rows import ResourceRow, State
from skyclust.provisioning.viewing import NODE_DRAIN
from skyclust.workspaces.permissions import Permission

_KEY_OF_CORDON, _KEY_OF_REST = "cordon", "rest"
_NAME, _UID = re.compile(NAME), re.compile(r"^[A-Za-z0-9-]{1,64}$")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """A node as it was found: its pods, sorted, and every budget of their namespaces."""

    node: str
    uid: str
    pods: Sorted
    budgets: Sequence[Document]


async def drain_node(
    errand: Errand, wanted: str, which: Filter, node: str, body: DrainBody
) -> Json | DrainPlanAnswer:  # fmt: skip
    """The begun operation; on a dry run what would be evicted, and which budget would hold it."""
    async with opened(errand, wanted, which, Permission.CLUSTERS_UPDATE) as (found, api):
        scene = await _scene(api, node, Wishes(body.force, body.delete_emptydir_data))
    plan = _plan(scene, body)
    if errand.asked.dry_run:
        return _answer(scene, plan)

    async def work() -> Json:
        if scene.pods.refused:
            raise drain_refused(node, [_shown(pod, why) for pod, why in scene.pods.refused])
        return await _begin(errand, found, scene, plan, body)

    return await once(errand, found.standing.row.workspace_id, work)


async def _scene(api: KubeApi, node: str, wishes: Wishes) -> Scene:
    found, pods = await find_node(api, node), await pods_on(api, node)
    budgets = await api.all("/apis/policy/v1/poddisruptionbudgets", MAX_BUDGETS)
    for pod in pods:
        if not (_NAME.match(name_of(pod)) and _NAME.match(namespace_of(pod)) and _UID.match(uid_of(pod))):
            raise KubeError(Trouble.GARBAGE, "a pod on the node has no name or no uid")
    return Scene(node, uid_of(found), sort_pods(pods, wishes), budgets)


#: Of all namespaces; each is a kilobyte or two.
MAX_BUDGETS = 2_000


def _plan(scene: Scene, body: DrainBody) -> Plan:
    """Cordon, then all pods at once, then what has come meanwhile."""
    lines = [_line(row, seconds) for row, seconds in _steps(scene, {})]
    findings = [Finding("error", "", f"{full_name(pod)}: {why}", "drain-refused") for pod, why in scene.pods.refused]
    for pod in scene.pods.going:
        _, why = held_now(pod, scene.budgets)
        if why:
            findings.append(Finding("warning", "", f"{full_name(pod)}: {why}", "disruption-budget"))
    decided = [scene.uid, [line.key for line in lines], body.model_dump(exclude={"plan_digest"})]
    seconds = draining.Pod.usual_seconds * bool(scene.pods.going) + draining.Rest.usual_seconds
    return Plan(tuple(lines), 0.0, seconds, tuple(findings), digest(decided))


def _steps(scene: Scene, spec: JsonObject) -> list[tuple[ResourceRow, float]]:
    """Rows in the order of work, with their usual seconds. What stands on another goes before it."""
    pods = [
        _row(f"pod/{uid_of(pod)}", draining.POD, f"pod {full_name(pod)}", spec, f"{full_name(pod)}/{uid_of(pod)}")
        for pod in scene.pods.going
    ]
    after = tuple(row.key for row, _ in _timed(pods, 0.0)) or (_KEY_OF_REST,)
    cordon = _row(_KEY_OF_CORDON, draining.CORDON, f"cordon of {scene.node}", spec, scene.uid, after)
    rest = _row(_KEY_OF_REST, draining.REST, f"rest of {scene.node}", spec, scene.uid, ())
    return [
        (cordon, draining.Cordon.usual_seconds),
        *_timed(pods, draining.Pod.usual_seconds),
        (rest, draining.Rest.usual_seconds),
    ]


def _timed(rows: Sequence[ResourceRow], seconds: float) -> list[tuple[ResourceRow, float]]:
    return [(row, seconds) for row in rows]


_NOBODY = UUID(int=0)


def _row(
    key: str, kind: str, title: str, spec: JsonObject, external_id: str, before: tuple[str, ...] = (_KEY_OF_REST,)
) -> ResourceRow:  # fmt: skip
    """`before` are the steps that wait for this one. Its ids are given when it is written."""
    return ResourceRow(
        _NOBODY, _NOBODY, key, kind, title, spec, before, state=State.READY, external_id=external_id,
        observed_generation=1,
    )  # fmt: skip


def _line(row: ResourceRow, seconds: float) -> PlannedChange:
    return PlannedChange(row.key, row.kind, row.title, Verb.DRAIN, row.depends_on, seconds, row.external_id)


async def _begin(errand: Errand, found: Reachable, scene: Scene, plan: Plan, body: DrainBody) -> Json:
    row, stack_id = found.standing.row, errand.new_id()
    spec = {"cluster": found.outputs, "node": scene.node, **body.model_dump(exclude={"plan_digest"})}
    async with errand.session() as session:
        if earlier := await recall(session, errand, row.workspace_id):
            return earlier
        await _refuse_second(session, row.workspace_id, row.id, scene)
        new = NewStack(
            stack_id, row.workspace_id, row.credential_id, row.provider, row.region, scene.node[:100], draining.STACK
        )  # fmt: skip
        await add_stack(session, new, [step for step, _ in _steps(scene, spec)], errand.new_id)
        target = Target("cluster", row.id, row.name, row.provider, row.region)
        data = {"node": scene.node, "pods": len(scene.pods.going)} | body.model_dump(exclude={"plan_digest"})
        answer = await begun(session, errand, Begin(
            row.workspace_id, stack_id, NODE_DRAIN, target, plan, None, "cluster.node_drain_requested", data,
        ))  # fmt: skip
    errand.ground.ring()  # after the commit: a bell before it would wake the engine for nothing
    return answer


async def _refuse_second(session: AsyncSession, workspace_id: UUID, cluster_id: UUID, scene: Scene) -> None:
    """One drain of a node at a time: held together by the cluster's row."""
    if await queries.by_id(session, [workspace_id], cluster_id, lock=True) is None:
        raise cluster_not_found()
    for running in await active_for(session, cluster_id, NODE_DRAIN):
        if any(step.kind == draining.CORDON and step.external_id == scene.uid for step in running.steps):
            raise drained_already(scene.node, running.id)


def _answer(scene: Scene, plan: Plan) -> DrainPlanAnswer:
    held = [(pod, *held_now(pod, scene.budgets)) for pod in scene.pods.going]
    return DrainPlanAnswer(
        **plan_answer(plan).model_dump(),
        node=scene.node,
        evicts=[_shown(pod) for pod in scene.pods.going],
        blocked=[_shown(pod, why, budgets) for pod, budgets, why in held if why],
        refused=[_shown(pod, why) for pod, why in scene.pods.refused],
        kept=[_shown(pod, why) for pod, why in scene.pods.kept],
    )


def _shown(pod: Document, message: str = "", budgets: Sequence[Document] = ()) -> DrainedPodAnswer:
    names = tuple(full_name(budget) for budget in budgets)
    return DrainedPodAnswer(namespace=namespace_of(pod), name=name_of(pod), message=message, budgets=names)
