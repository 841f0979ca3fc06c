"""Namespaces that are being deleted: first their content goes, then they."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import is_going

Document = dict[str, Any]


def reconcile(cluster: Cluster) -> None:
    for namespace in cluster.objects.all("namespaces"):
        if is_going(namespace):
            _empty(cluster, namespace)


def _empty(cluster: Cluster, namespace: Document) -> None:
    name = namespace["metadata"]["name"]
    content = [
        (resource, document)
        for resource in cluster.stored_resources().values()
        if resource.namespaced
        for document in cluster.objects.all(resource.collection, name)
    ]
    for resource, document in content:
        deleting.remove_in(cluster, resource, document)
    if not content and namespace["spec"].get("finalizers"):
        left = [finalizer for finalizer in namespace["spec"]["finalizers"] if finalizer != "kubernetes"]
        finished = {**namespace, "spec": {**namespace["spec"], "finalizers": left}}
        writing.change(cluster, cluster.resource("", "Namespace"), namespace, finished)
