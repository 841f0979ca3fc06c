"""CustomResourceDefinitions: established at once; their objects go before they do."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import condition, is_going, set_status
from skyclust.sandbox.kubernetes.custom import CLEANUP, DEFINITIONS, custom_resource

Document = dict[str, Any]


def reconcile(cluster: Cluster) -> None:
    for definition in cluster.objects.all(DEFINITIONS):
        if is_going(definition):
            _clean_up(cluster, definition)
        else:
            resource = cluster.resource("apiextensions.k8s.io", "CustomResourceDefinition")
            set_status(cluster, resource, definition, _status(cluster, definition))


def _status(cluster: Cluster, definition: Document) -> Document:
    now, old = cluster.timestamp(), definition.get("status")
    conditions = [
        condition("NamesAccepted", True, "NoConflicts", "no conflicts found", now=now, old=old),
        condition(
            "Established", True, "InitialNamesAccepted", "the initial names have been accepted", now=now, old=old
        ),
    ]
    stored = [version["name"] for version in definition["spec"]["versions"] if version.get("storage")]
    return {"acceptedNames": definition["spec"]["names"], "conditions": conditions, "storedVersions": stored}


def _clean_up(cluster: Cluster, definition: Document) -> None:
    kind = custom_resource(definition)
    objects = cluster.objects.all(kind.collection)
    for document in objects:
        deleting.remove_in(cluster, kind, document)
    if not objects:
        resource = cluster.resource("apiextensions.k8s.io", "CustomResourceDefinition")
        left = [name for name in definition["metadata"].get("finalizers") or () if name != CLEANUP]
        writing.change(
            cluster, resource, definition, {**definition, "metadata": {**definition["metadata"], "finalizers": left}}
        )
