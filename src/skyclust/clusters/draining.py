"""The steps of draining a node, as the engine drives them: cordon, one pod each, and what is left in the end.

Called by the engine with rows that are to be gone: a pod's step is done when the pod is no longer there. Invariant:
nothing of a drain is known here; every call finds out anew from the cluster how far it is, so that another worker goes
on where one died, and doing a step twice does no harm.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from skyclust.clusters import kube
from skyclust.clusters.evicting import Wishes, budgets_of, full_name, held_now, is_going, sort_pods, stays_because
from skyclust.clusters.inside import is_schedulable, part, text, uid_of
from skyclust.clusters.kube import Document, KubeApi, Reply
from skyclust.clusters.kube_errors import KubeError, Trouble, as_provider_error
from skyclust.contract.errors import Blocked, Held
from skyclust.contract.provider import Driver, Provider, Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.provisioning.living import DRAIN, INSIDE_CLUSTERS

CORDON = f"{INSIDE_CLUSTERS}cordon"
POD = f"{INSIDE_CLUSTERS}pod"
REST = f"{INSIDE_CLUSTERS}rest"
#: The kind of the stacks of drains.
STACK = DRAIN
#: A budget changes when pods become ready elsewhere; kubectl asks every five seconds too.
RETRY_SECONDS = 5.0
#: More than any cloud lets onto a node.
MAX_NODE_PODS = 800
#: Evictions of one turn on what is left; the turn ends well before its limit.
REST_EVICTIONS = 20


class Step(ABC):
    """What the steps have in common. The spec says which cluster, which node, and how it was asked for."""

    kind = ""
    consistency_window_seconds = 0.0
    creates = True

    def __init__(self, provider: Provider) -> None:
        """The provider knows endpoint and token."""
        self._provider = provider

    #: When it is worth to look whether it is done.
    usual_seconds = 0.0

    def expected_seconds(self, action: str, spec: JsonObject) -> float:  # noqa: ARG002 - the protocol's shape
        """Pods take what they take; most end within seconds."""
        return self.usual_seconds if action == "delete" else 0.0

    def patience_seconds(self, spec: JsonObject) -> float:
        """For how long one step is waited for."""
        return float(spec["timeout_seconds"])

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:  # noqa: ARG002
        """Nothing is ever made here."""
        return None

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:  # noqa: ARG002
        """Nothing is ever made here."""
        raise Blocked("A drain makes nothing. This is a defect of SkyClust: please report it.")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:  # noqa: ARG002
        """There is nothing to change."""
        return ()

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """There is nothing to change."""
        del session, external_id, spec, changes, mark

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """How it stands; None when the step is done."""
        async with self._cluster(session, spec, mutating=False) as api:
            return await self.look(api, external_id, spec)

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """Do the step, or ask for it."""
        async with self._cluster(session, spec, mutating=True) as api:
            await self.act(api, external_id, spec)

    @asynccontextmanager
    async def _cluster(self, session: Session, spec: JsonObject, *, mutating: bool) -> AsyncIterator[KubeApi]:
        outputs = spec["cluster"]
        token = await self._provider.kube_token(session, outputs)
        try:
            async with kube.opened(self._provider.cluster_access(outputs), token) as api:
                yield api
        except KubeError as error:
            raise as_provider_error(error, mutating=mutating) from error

    @abstractmethod
    async def look(self, api: KubeApi, external_id: str, spec: JsonObject) -> Observed | None:
        """How it stands; None when the step is done."""

    @abstractmethod
    async def act(self, api: KubeApi, external_id: str, spec: JsonObject) -> None:
        """Do the step, or ask for it."""


class Cordon(Step):
    """No new pod may come. The id is the node's uid: a new node of the same name is none of ours."""

    kind = CORDON

    async def look(self, api: KubeApi, external_id: str, spec: JsonObject) -> Observed | None:
        """Done when the node is marked, or gone."""
        node = await _maybe(api, _node_path(spec))
        if node is None or uid_of(node) != external_id or not is_schedulable(node):
            return None
        return Observed(external_id, Phase.READY)

    async def act(self, api: KubeApi, external_id: str, spec: JsonObject) -> None:  # noqa: ARG002
        """Mark it."""
        await _cordon(api, spec)


class Pod(Step):
    """One pod goes. The id is namespace/name/uid."""

    kind = POD
    usual_seconds = 4.0

    async def look(self, api: KubeApi, external_id: str, spec: JsonObject) -> Observed | None:  # noqa: ARG002
        """Done when it is gone, has ended, or is another one of the same name."""
        namespace, name, uid = external_id.split("/")
        pod = await _maybe(api, f"/api/v1/namespaces/{namespace}/pods/{name}")
        if pod is None or uid_of(pod) != uid or stays_because(pod):
            return None
        if not is_going(pod):
            return Observed(external_id, Phase.READY)
        return Observed(external_id, Phase.DELETING, message=_ending(pod))

    async def act(self, api: KubeApi, external_id: str, spec: JsonObject) -> None:
        """Ask it to go."""
        namespace, name, uid = external_id.split("/")
        await evict(api, namespace, name, uid, spec.get("grace_period_seconds"))


class Rest(Step):
    """Nothing but what belongs to the node is left on it: also what came between the plan and the cordon goes."""

    kind = REST
    usual_seconds = 2.0

    async def look(self, api: KubeApi, external_id: str, spec: JsonObject) -> Observed | None:
        """Done when all are gone."""
        pods = await _left(api, spec)
        if not pods:
            return None
        names = ", ".join(full_name(pod) for pod in pods[:5])
        phase = Phase.DELETING if all(is_going(pod) for pod in pods) else Phase.READY
        return Observed(external_id, phase, message=f"{len(pods)} still there: {names}")

    async def act(self, api: KubeApi, external_id: str, spec: JsonObject) -> None:  # noqa: ARG002
        """Evict what has come since."""
        await _cordon(api, spec)
        found = sort_pods(await _left(api, spec), Wishes(spec["force"], spec["delete_emptydir_data"]))
        if found.refused:
            named = "; ".join(f"{full_name(pod)}: {why}" for pod, why in found.refused[:10])
            raise Blocked(f"Pods came that must not be evicted. {named}")
        for pod in [pod for pod in found.going if not is_going(pod)][:REST_EVICTIONS]:
            namespace, _, name = full_name(pod).partition("/")
            await evict(api, namespace, name, uid_of(pod), spec.get("grace_period_seconds"))


def drivers(provider: Provider) -> dict[str, Driver]:
    """The steps on a cluster of this provider, by kind."""
    return {step.kind: step for step in (Cordon(provider), Pod(provider), Rest(provider))}


async def evict(api: KubeApi, namespace: str, name: str, uid: str, grace_seconds: int | None) -> None:
    """Ask for the eviction of exactly this pod. Silent when it is gone; Held names the budget that holds it."""
    options: dict[str, Any] = {"preconditions": {"uid": uid}}
    options |= {} if grace_seconds is None else {"gracePeriodSeconds": grace_seconds}
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": options,
    }
    path = f"/api/v1/namespaces/{namespace}/pods/{name}"
    reply = await api.send("POST", f"{path}/eviction", json=eviction)
    if reply.ok or reply.status in (404, 409):  # 409: another pod of this name; looking will tell
        return
    pod = await _maybe(api, path) if reply.status in (429, 500) else None
    if pod is not None:
        await _tell_budget(api, namespace, pod, reply)
    raise KubeError.refused(reply.status, reply.message)


async def _tell_budget(api: KubeApi, namespace: str, pod: Document, reply: Reply) -> None:
    """Raise who holds the pod; return when no budget covers it, since then something else was refused."""
    budgets = await api.all(f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets", MAX_NODE_PODS)
    covering = budgets_of(pod, budgets)
    if not covering:
        return
    names = tuple(full_name(budget) for budget in covering)
    _, why = held_now(pod, budgets)
    said = why or f"{_cause_in(reply) or reply.message} ({', '.join(names)})"
    if len(covering) > 1:
        raise Blocked(said)
    raise Held(said, blockers=names, retry_after_seconds=RETRY_SECONDS)


def _cause_in(reply: Reply) -> str:
    causes = part(reply.document, "details").get("causes")
    first = causes[0] if isinstance(causes, list) and causes else None
    return text(part(first).get("message"), 500)


async def _cordon(api: KubeApi, spec: JsonObject) -> None:
    try:
        await api.merge(_node_path(spec), {"spec": {"unschedulable": True}})
    except KubeError as error:
        if error.trouble is not Trouble.NOT_FOUND:
            raise


async def _left(api: KubeApi, spec: JsonObject) -> Sequence[Document]:
    """Pods on the node that a drain does not leave there."""
    listed = await api.all("/api/v1/pods", MAX_NODE_PODS, fieldSelector=f"spec.nodeName={spec['node']}")
    return [pod for pod in listed if not stays_because(pod)]


async def _maybe(api: KubeApi, path: str) -> Document | None:
    try:
        return await api.get(path)
    except KubeError as error:
        if error.trouble is Trouble.NOT_FOUND:
            return None
        raise


def _node_path(spec: JsonObject) -> str:
    return f"/api/v1/nodes/{spec['node']}"


def _ending(pod: Document) -> str:
    """What a pod waits for that was asked to end."""
    metadata = part(pod, "metadata")
    finalizers = metadata.get("finalizers")
    until = text(metadata.get("deletionTimestamp"), 64)
    if isinstance(finalizers, list) and finalizers:
        return f"ending; held by its finalizer {text(finalizers[0])}"
    return f"ending, until {until} at the latest"
