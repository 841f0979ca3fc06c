"""Store new and changed objects the way every writer must: identity, versions, generations, no empty changes.

Called by verbs for clients and by controllers for the cluster itself.
"""

from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.defaulting import fill
from skyclust.sandbox.kubernetes.initial import initial_state
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.schemas import shape_of_kind

Document = dict[str, Any]

COUNTS_GENERATIONS = frozenset(
    {"pods", "replicationcontrollers", "deployments.apps", "replicasets.apps", "daemonsets.apps", "statefulsets.apps",
     "jobs.batch", "cronjobs.batch", "poddisruptionbudgets.policy", "ingresses.networking.k8s.io",
     "networkpolicies.networking.k8s.io", "endpointslices.discovery.k8s.io",
     "customresourcedefinitions.apiextensions.k8s.io"}
)  # fmt: skip


def prepare_new(cluster: Cluster, resource: Resource, document: Document) -> Document:
    """The object as it will be stored, but for its resource version."""
    metadata = dict(document.get("metadata") or {})
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + cluster.new_suffix()
    metadata["uid"] = cluster.new_uid()
    metadata["creationTimestamp"] = cluster.timestamp()
    metadata.pop("resourceVersion", None)
    metadata.pop("deletionTimestamp", None)
    if resource.custom or resource.collection in COUNTS_GENERATIONS:
        metadata["generation"] = 1
    whole = {"kind": resource.kind, "apiVersion": resource.api_version, **document, "metadata": metadata}
    whole = initial_state(cluster, resource, whole)
    filled: Document = fill(whole, shape_of_kind(resource.api_version, resource.kind))
    return filled


def add(cluster: Cluster, resource: Resource, document: Document) -> Document:
    return cluster.objects.put(resource.collection, prepare_new(cluster, resource, document))


def change(cluster: Cluster, resource: Resource, before: Document, after: Document) -> Document:
    """Store `after` unless nothing but its version differs; a changed desired state counts a generation.

    An object that waits for its finalizers goes when the last one does.
    """
    if _content(before) == _content(after):
        return before
    if (resource.custom or resource.collection in COUNTS_GENERATIONS) and _desired(before) != _desired(after):
        generation = before["metadata"].get("generation", 1) + 1
        after = {**after, "metadata": {**after["metadata"], "generation": generation}}
    stored = cluster.objects.put(resource.collection, after)
    metadata = stored["metadata"]
    if metadata.get("deletionTimestamp") and not holds_back(stored):
        cluster.objects.remove(resource.collection, stored)
    return stored


def holds_back(document: Document) -> bool:
    """Whether something still keeps an object that is being deleted: finalizers, or a pod's grace period."""
    metadata = document["metadata"]
    if metadata.get("finalizers") or document.get("spec", {}).get("finalizers"):
        return True
    return bool(metadata.get("deletionGracePeriodSeconds"))


def _content(document: Document) -> Document:
    """All but the version, and but when fields were last written."""
    metadata = {key: value for key, value in document["metadata"].items() if key != "resourceVersion"}
    if "managedFields" in metadata:
        metadata["managedFields"] = [{**entry, "time": ""} for entry in metadata["managedFields"]]
    return {**document, "metadata": metadata}


def _desired(document: Document) -> Document:
    """What counts as a generation; a pod's being bound to a node does not."""
    desired = {key: value for key, value in document.items() if key not in {"metadata", "status"}}
    if "nodeName" in desired.get("spec", {}):
        desired["spec"] = {key: value for key, value in desired["spec"].items() if key != "nodeName"}
    return desired
