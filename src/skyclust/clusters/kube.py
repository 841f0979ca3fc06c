"""A cluster's own Kubernetes API: list nodes, cordon, uncordon and drain them. Called with no database session open.

The endpoint and its CA come from the cloud, not from a user; TLS is verified against that CA only, redirects are not
followed, answers are bounded in time.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from skyclust.clusters.errors import kubernetes_refused, kubernetes_unreachable, node_not_found
from skyclust.clusters.schemas import DrainAnswer, NodeAnswer, PodAnswer
from skyclust.contract.provider import ClusterAccess, KubeToken

PAGE = 500
_TIMEOUT = httpx.Timeout(10.0)
#: Labels by whose last word clouds tell the pool of a node.
_POOL_WORDS = ("nodegroup", "nodepool", "agentpool")


class KubeApi:
    """One cluster's API, open."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """`client` knows the endpoint, the CA and the token."""
        self._client = client

    async def nodes(self) -> list[NodeAnswer]:
        """All nodes by name, page by page."""
        return sorted((node_answer(node) for node in await self._listed("/api/v1/nodes")), key=lambda node: node.name)

    async def node(self, name: str) -> NodeAnswer:
        """One node; 404 when there is none."""
        return node_answer(await self._ask("GET", f"/api/v1/nodes/{name}", name=name))

    async def set_schedulable(self, name: str, *, schedulable: bool) -> NodeAnswer:
        """Cordon or uncordon."""
        patch = {"spec": {"unschedulable": None if schedulable else True}}
        headers = {"Content-Type": "application/merge-patch+json"}
        return node_answer(await self._ask("PATCH", f"/api/v1/nodes/{name}", name=name, json=patch, headers=headers))

    async def drain(self, name: str) -> DrainAnswer:
        """Cordon the node and ask every pod that can live elsewhere to go, honouring disruption budgets. One pass."""
        await self.set_schedulable(name, schedulable=False)
        pods = await self._listed("/api/v1/pods", fieldSelector=f"spec.nodeName={name}")
        kept = [_pod(pod, why) for pod in pods if (why := stays_because(pod))]
        going = [pod for pod in pods if not stays_because(pod)]
        blocked = []
        for pod in going:
            refusal = await self._evict(pod)
            if refusal:
                blocked.append(_pod(pod, refusal))
        held = {(pod.namespace, pod.name) for pod in blocked}
        evicted = [item for item in (_pod(pod) for pod in going) if (item.namespace, item.name) not in held]
        return DrainAnswer(node=name, done=not going, evicted=evicted, blocked=blocked, kept=kept)

    async def _evict(self, pod: Mapping[str, Any]) -> str:
        """Empty when the pod goes or is gone; else what holds it (429 of the Eviction API)."""
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
        }
        path = f"/api/v1/namespaces/{namespace}/pods/{name}/eviction"
        response = await self._send("POST", path, json=eviction)
        if response.status_code == 429:
            return _message(response)
        if response.is_success or response.status_code == 404:
            return ""
        raise kubernetes_refused(response.status_code, _message(response))

    async def _listed(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        """Every item, page by page."""
        found: list[Mapping[str, Any]] = []
        following = ""
        while True:
            page = await self._ask("GET", path, params={"limit": str(PAGE), "continue": following, **query})
            found += page.get("items", [])
            following = page.get("metadata", {}).get("continue", "")
            if not following:
                return found

    async def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return await self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise kubernetes_unreachable(str(self._client.base_url)) from error

    async def _ask(self, method: str, path: str, *, name: str = "", **request: Any) -> dict[str, Any]:
        response = await self._send(method, path, **request)
        if response.status_code == 404 and name:
            raise node_not_found(name)
        if not response.is_success:
            raise kubernetes_refused(response.status_code, _message(response))
        document: dict[str, Any] = response.json()
        return document


@asynccontextmanager
async def opened(
    access: ClusterAccess, token: KubeToken, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[KubeApi]:
    """The API of a cluster, reached with a short-lived token. `transport` is for a server in the same process."""
    verified: ssl.SSLContext | bool = True
    if transport is None:
        verified = ssl.create_default_context(cadata=base64.b64decode(access.ca_data).decode())
    async with httpx.AsyncClient(
        base_url=access.endpoint,
        verify=verified,
        headers={"Authorization": f"Bearer {token.token}", "Accept": "application/json"},
        timeout=_TIMEOUT,
        follow_redirects=False,
        trust_env=False,
        transport=transport,
    ) as client:
        yield KubeApi(client)


def node_answer(node: Mapping[str, Any]) -> NodeAnswer:
    """A node as Kubernetes shows it, in our words. Pure."""
    metadata, spec, status = node["metadata"], node.get("spec", {}), node.get("status", {})
    labels: Mapping[str, str] = metadata.get("labels", {})
    ready = _condition(status.get("conditions", []), "Ready")
    schedulable = not spec.get("unschedulable", False)
    return NodeAnswer(
        name=metadata["name"],
        state=("Ready" if ready else "NotReady") + ("" if schedulable else ",SchedulingDisabled"),
        ready=ready,
        schedulable=schedulable,
        version=status.get("nodeInfo", {}).get("kubeletVersion", ""),
        node_pool=next((value for key, value in labels.items() if key.endswith(_POOL_WORDS)), None),
        machine_type=labels.get("node.kubernetes.io/instance-type"),
        zone=labels.get("topology.kubernetes.io/zone"),
        internal_ip=next((a["address"] for a in status.get("addresses", []) if a.get("type") == "InternalIP"), None),
        created_at=metadata.get("creationTimestamp"),
    )


def stays_because(pod: Mapping[str, Any]) -> str:
    """Why draining leaves a pod where it is; empty when it has to go. As `kubectl drain --ignore-daemonsets`."""
    metadata = pod["metadata"]
    if "kubernetes.io/config.mirror" in metadata.get("annotations", {}):
        return "belongs to the node itself (mirror pod)"
    owners = [owner for owner in metadata.get("ownerReferences", []) if owner.get("controller")]
    if any(owner.get("kind") == "DaemonSet" for owner in owners):
        return "runs on every node (DaemonSet)"
    if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return "has ended already"
    return ""


def _pod(pod: Mapping[str, Any], message: str = "") -> PodAnswer:
    return PodAnswer(namespace=pod["metadata"]["namespace"], name=pod["metadata"]["name"], message=message)


def _condition(conditions: Sequence[Mapping[str, Any]], kind: str) -> bool:
    return any(condition.get("type") == kind and condition.get("status") == "True" for condition in conditions)


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json().get("message", ""))[:500]
    except ValueError:
        return "no explanation"
