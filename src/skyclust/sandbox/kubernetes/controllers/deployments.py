"""Deployments: a ReplicaSet per template, moved from the old to the new within surge and availability."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.events import record
from skyclust.sandbox.kubernetes.controllers.pods import (
    condition,
    is_going,
    owned,
    owner_reference,
    scaled,
    set_status,
    template_hash,
)

Document = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"


def reconcile(cluster: Cluster) -> None:
    for deployment in cluster.objects.all("deployments.apps"):
        if not is_going(deployment):
            _roll(cluster, deployment)


def _roll(cluster: Cluster, deployment: Document) -> None:
    sets = owned(cluster, "replicasets.apps", deployment)
    current = next((s for s in sets if _same_template(s, deployment)), None)
    if not deployment["spec"].get("paused"):
        current = _current_set(cluster, deployment, sets, current)
        sets = owned(cluster, "replicasets.apps", deployment)
    old = [s for s in sets if current is None or s["metadata"]["uid"] != current["metadata"]["uid"]]
    if current is not None:
        _balance(cluster, deployment, current, old)
        _forget_old(cluster, deployment, old)
    sets = owned(cluster, "replicasets.apps", deployment)
    _report(cluster, deployment, sets, current["metadata"]["name"] if current else "")


def _same_template(replica_set: Document, deployment: Document) -> bool:
    template = replica_set["spec"]["template"]
    labels = {k: v for k, v in template.get("metadata", {}).get("labels", {}).items() if k != HASH_LABEL}
    plain = {**template, "metadata": {**template.get("metadata", {}), "labels": labels}}
    return bool(plain == deployment["spec"]["template"])


def _revision(replica_set: Document) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(REVISION, 0))


def _current_set(cluster: Cluster, deployment: Document, sets: list[Document], current: Document | None) -> Document:
    """The ReplicaSet of today's template, with the highest revision; made when there is none."""
    newest = max((_revision(s) for s in sets), default=0)
    resource = cluster.resource("apps", "ReplicaSet")
    if current is None:
        current = writing.add(cluster, resource, _new_set(cluster, deployment, sets, newest + 1))
        _tell_scaled(cluster, deployment, current, 0, current["spec"]["replicas"])
    elif _revision(current) < newest:
        current = writing.change(cluster, resource, current, _annotated(current, str(newest + 1)))
    revised = _annotated(deployment, str(_revision(current)))
    writing.change(cluster, cluster.resource("apps", "Deployment"), deployment, revised)
    return current


def _annotated(document: Document, revision: str) -> Document:
    metadata = document["metadata"]
    annotations = {**(metadata.get("annotations") or {}), REVISION: revision}
    return {**document, "metadata": {**metadata, "annotations": annotations}}


def _new_set(cluster: Cluster, deployment: Document, old: list[Document], revision: int) -> Document:
    template = deployment["spec"]["template"]
    digest = template_hash(template)
    labels = {**template.get("metadata", {}).get("labels", {}), HASH_LABEL: digest}
    selector = deployment["spec"]["selector"]
    annotations = {
        **(deployment["metadata"].get("annotations") or {}),
        **_size_notes(deployment),
        REVISION: str(revision),
    }
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return {
        "metadata": {
            "name": f"{deployment['metadata']['name']}-{digest}",
            "namespace": deployment["metadata"]["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [owner_reference(cluster.resource("apps", "Deployment"), deployment)],
        },
        "spec": {
            "replicas": _room(deployment, 0, sum(s["spec"]["replicas"] for s in old)),
            "selector": {
                **selector,
                "matchLabels": {**selector.get("matchLabels", {}), HASH_LABEL: digest},
            },
            "template": {**template, "metadata": {**template.get("metadata", {}), "labels": labels}},
        },
    }


def _balance(cluster: Cluster, deployment: Document, current: Document, old: list[Document]) -> None:
    """One step: up to what surge allows, down to what availability allows."""
    wanted, unavailable = deployment["spec"]["replicas"], _limits(deployment)[1]
    held_old = sum(s["spec"]["replicas"] for s in old)
    _resize(cluster, deployment, current, _room(deployment, current["spec"]["replicas"], held_old))
    available = sum(s.get("status", {}).get("availableReplicas", 0) for s in (current, *old))
    spare = held_old if not _is_rolling(deployment) else max(available - (wanted - unavailable), 0)
    for replica_set in sorted(old, key=_revision):
        size = replica_set["spec"]["replicas"]
        broken = size - replica_set.get("status", {}).get("availableReplicas", 0)
        drop = min(size, spare + broken)
        spare -= max(drop - broken, 0)
        _resize(cluster, deployment, replica_set, size - drop)


def _room(deployment: Document, held: int, held_old: int) -> int:
    """How many pods the current ReplicaSet may have now."""
    wanted = int(deployment["spec"]["replicas"])
    room = max(wanted + _limits(deployment)[0] - held - held_old, 0) if held_old else wanted
    return wanted if held >= wanted else min(wanted, held + room)


def _size_notes(deployment: Document) -> dict[str, str]:
    """What a ReplicaSet is told of its deployment's size."""
    wanted = deployment["spec"]["replicas"]
    most = wanted + _limits(deployment)[0]
    return {
        "deployment.kubernetes.io/desired-replicas": str(wanted),
        "deployment.kubernetes.io/max-replicas": str(most),
    }


def _tell_scaled(cluster: Cluster, deployment: Document, replica_set: Document, held: int, size: int) -> None:
    if size != held:
        direction = "up" if size > held else "down"
        message = f"Scaled {direction} replica set {replica_set['metadata']['name']} from {held} to {size}"
        record(cluster, deployment, "ScalingReplicaSet", message, component="deployment-controller")


def _is_rolling(deployment: Document) -> bool:
    return bool(deployment["spec"]["strategy"].get("type") != "Recreate")


def _limits(deployment: Document) -> tuple[int, int]:
    """(surge, unavailable); never both 0, or nothing could move. Recreate allows no surge."""
    if not _is_rolling(deployment):
        return 0, deployment["spec"]["replicas"]
    rolling, wanted = deployment["spec"]["strategy"]["rollingUpdate"], deployment["spec"]["replicas"]
    surge = scaled(rolling["maxSurge"], wanted, up=True)
    unavailable = scaled(rolling["maxUnavailable"], wanted, up=False)
    return surge, unavailable or (0 if surge else 1)


def _resize(cluster: Cluster, deployment: Document, replica_set: Document, size: int) -> None:
    metadata = replica_set["metadata"]
    _tell_scaled(cluster, deployment, replica_set, replica_set["spec"]["replicas"], size)
    annotations = {**(metadata.get("annotations") or {}), **_size_notes(deployment)}
    resized = {
        **replica_set,
        "metadata": {**metadata, "annotations": annotations},
        "spec": {**replica_set["spec"], "replicas": size},
    }
    writing.change(cluster, cluster.resource("apps", "ReplicaSet"), replica_set, resized)


def _forget_old(cluster: Cluster, deployment: Document, old: list[Document]) -> None:
    """Empty ReplicaSets beyond the history limit."""
    empty = [s for s in sorted(old, key=_revision) if not s["spec"]["replicas"] and not s["status"].get("replicas")]
    for replica_set in empty[: max(len(empty) - deployment["spec"]["revisionHistoryLimit"], 0)]:
        deleting.remove_in(cluster, cluster.resource("apps", "ReplicaSet"), replica_set)


def _report(cluster: Cluster, deployment: Document, sets: list[Document], current: str) -> None:
    def total(field: str, *, of_current: bool = False) -> int:
        counted = (s for s in sets if not of_current or s["metadata"]["name"] == current)
        return sum(s.get("status", {}).get(field, 0) for s in counted)

    wanted, now, old = deployment["spec"]["replicas"], cluster.timestamp(), deployment.get("status")
    counts = {
        "replicas": total("replicas"),
        "updatedReplicas": total("replicas", of_current=True),
        "readyReplicas": total("readyReplicas"),
        "availableReplicas": total("availableReplicas"),
    }
    missing = wanted - counts["availableReplicas"]
    status: Document = {name: count for name, count in counts.items() if count}
    status["observedGeneration"] = deployment["metadata"]["generation"]
    if missing > 0:
        status["unavailableReplicas"] = missing
    done = counts["updatedReplicas"] == counts["replicas"] == wanted and missing <= 0
    status["conditions"] = [
        _available(missing <= _limits(deployment)[1], now, old),
        _progressing(current, now, old, done=done),
    ]
    set_status(cluster, cluster.resource("apps", "Deployment"), deployment, status)


def _available(enough: bool, now: str, old: Document | None) -> Document:
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
    return _updated(condition("Available", enough, reason, message, now=now, old=old), now, old)


def _progressing(current: str, now: str, old: Document | None, *, done: bool) -> Document:
    words = "has successfully progressed." if done else "is progressing."
    reason = "NewReplicaSetAvailable" if done else "ReplicaSetUpdated"
    return _updated(
        condition("Progressing", True, reason, f'ReplicaSet "{current}" {words}', now=now, old=old), now, old
    )


def _updated(made: Document, now: str, old: Document | None) -> Document:
    """`lastUpdateTime` moves with any change of the condition."""
    for entry in (old or {}).get("conditions") or ():
        if {**entry, "lastUpdateTime": ""} == {**made, "lastUpdateTime": ""}:
            return dict(entry)
    return {**made, "lastUpdateTime": now}
