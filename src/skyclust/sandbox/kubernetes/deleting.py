"""Delete objects for a client: grace, finalizers, propagation to dependents. Called by the front and by eviction.

What remains to be done after the reply (dependents, namespace content) is the garbage controller's.
"""

from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.objects import namespace_of
from skyclust.sandbox.kubernetes.reading import get, select
from skyclust.sandbox.kubernetes.requests import Options, Target
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.statuses import conflict, forbidden, success

Document = dict[str, Any]

FOREGROUND = "foregroundDeletion"
KEPT_NAMESPACES = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


def delete(cluster: Cluster, target: Target, wishes: Document, options: Options) -> Document:
    """`wishes` are DeleteOptions. The object while it is still going away, a Status once it is gone."""
    document = get(cluster, target)
    resource = target.resource
    if resource.collection == "namespaces" and target.name in KEPT_NAMESPACES:
        raise forbidden(resource, target.name, "this namespace may not be deleted")
    _check_preconditions(resource, document, wishes.get("preconditions") or {})
    if options.dry_run or wishes.get("dryRun"):
        return success(resource, target.name, document["metadata"]["uid"])
    return remove(cluster, resource, document, wishes)


def delete_collection(cluster: Cluster, target: Target, wishes: Document, options: Options) -> Document:
    found = select(cluster, target, options)
    if not (options.dry_run or wishes.get("dryRun")):
        for document in found:
            remove(cluster, target.resource, document, wishes)
    resource = target.resource
    metadata = {"resourceVersion": str(cluster.objects.version)}
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": found}


def _check_preconditions(resource: Resource, document: Document, wanted: Document) -> None:
    metadata = document["metadata"]
    for key, title in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        if wanted.get(key) and wanted[key] != metadata[key]:
            why = (
                f"Precondition failed: {title} in precondition: {wanted[key]}, {title} in object meta: {metadata[key]}"
            )
            raise conflict(resource, metadata["name"], why)


def remove(cluster: Cluster, resource: Resource, document: Document, wishes: Document) -> Document:
    propagation = wishes.get("propagationPolicy") or "Background"
    if propagation == "Orphan":
        _orphan_dependents(cluster, document["metadata"]["uid"])
    going = _marked(cluster, resource, document, wishes, foreground=propagation == "Foreground")
    if going is None:
        cluster.objects.remove(resource.collection, document)
        return success(resource, document["metadata"]["name"], document["metadata"]["uid"])
    return writing.change(cluster, resource, document, going)


def _marked(
    cluster: Cluster, resource: Resource, document: Document, wishes: Document, *, foreground: bool
) -> Document | None:
    """The object as it waits for its end; None when nothing holds it back."""
    metadata = dict(document["metadata"])
    if foreground and FOREGROUND not in metadata.get("finalizers", ()):
        metadata["finalizers"] = [*metadata.get("finalizers", ()), FOREGROUND]
    grace = _grace_seconds(resource, document, wishes)
    if resource.collection == "pods" and grace > 0:
        metadata["deletionGracePeriodSeconds"] = min(grace, metadata.get("deletionGracePeriodSeconds", grace))
    else:
        metadata.pop("deletionGracePeriodSeconds", None)
        metadata["deletionGracePeriodSeconds"] = 0
    metadata.setdefault("deletionTimestamp", cluster.timestamp())
    going = {**document, "metadata": metadata}
    if resource.collection == "namespaces":
        going["status"] = {**going.get("status", {}), "phase": "Terminating"}
    return going if writing.holds_back(going) else None


def _grace_seconds(resource: Resource, document: Document, wishes: Document) -> int:
    """A pod no kubelet has seen needs none."""
    if resource.collection != "pods" or not document["spec"].get("nodeName"):
        return 0
    if document.get("status", {}).get("phase") in {"Succeeded", "Failed"}:
        return 0
    given = wishes.get("gracePeriodSeconds")
    return int(document["spec"].get("terminationGracePeriodSeconds", 30) if given is None else given)


def _orphan_dependents(cluster: Cluster, uid: str) -> None:
    for collection in cluster.objects.collections():
        for document in cluster.objects.all(collection):
            owners = document["metadata"].get("ownerReferences") or []
            left = [owner for owner in owners if owner["uid"] != uid]
            if len(left) < len(owners):
                metadata = {**document["metadata"], "ownerReferences": left}
                cluster.objects.put(collection, {**document, "metadata": metadata})


def remove_in(cluster: Cluster, resource: Resource, document: Document) -> None:
    """What a controller does to an object it no longer wants."""
    if not document["metadata"].get("deletionTimestamp"):
        current = cluster.objects.get(resource.collection, namespace_of(document), document["metadata"]["name"])
        if current is not None:
            remove(cluster, resource, current, {})
