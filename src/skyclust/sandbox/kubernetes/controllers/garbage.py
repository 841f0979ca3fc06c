"""The garbage collector: what belonged to an object that is gone goes too; foreground deletions wait for it."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import is_going

Document = dict[str, Any]


def reconcile(cluster: Cluster) -> None:
    dependents: dict[str, list[tuple[str, Document]]] = {}
    waiting: list[tuple[str, Document]] = []
    kinds = cluster.stored_resources()
    for collection in kinds:
        for document in cluster.objects.all(collection):
            for owner in document["metadata"].get("ownerReferences") or ():
                dependents.setdefault(owner["uid"], []).append((collection, document))
            if deleting.FOREGROUND in (document["metadata"].get("finalizers") or ()):
                waiting.append((collection, document))
    for uid, owned in dependents.items():
        if cluster.objects.by_uid(uid) is None:
            _collect(cluster, owned)
    for collection, owner in waiting:
        _finish_foreground(cluster, collection, owner, dependents.get(owner["metadata"]["uid"], []))


def _collect(cluster: Cluster, orphans: list[tuple[str, Document]]) -> None:
    """Only those with no owner left."""
    for collection, document in orphans:
        owners = document["metadata"]["ownerReferences"]
        if all(cluster.objects.by_uid(owner["uid"]) is None for owner in owners):
            deleting.remove_in(cluster, cluster.stored_resources()[collection], document)


def _finish_foreground(
    cluster: Cluster, collection: str, owner: Document, dependents: list[tuple[str, Document]]
) -> None:
    if not is_going(owner):
        return
    if not dependents:
        left = [name for name in owner["metadata"]["finalizers"] if name != deleting.FOREGROUND]
        metadata = {**owner["metadata"], "finalizers": left}
        writing.change(cluster, cluster.stored_resources()[collection], owner, {**owner, "metadata": metadata})
    for dependent_collection, document in dependents:
        deleting.remove_in(cluster, cluster.stored_resources()[dependent_collection], document)
