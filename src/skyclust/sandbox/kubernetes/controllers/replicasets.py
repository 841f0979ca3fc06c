"""ReplicaSets and ReplicationControllers: as many pods of the template as wanted."""

from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.events import record
from skyclust.sandbox.kubernetes.controllers.pods import (
    delete_pod,
    is_going,
    is_ready,
    living,
    make_pod,
    owned,
    set_status,
)
from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]


def reconcile(cluster: Cluster) -> None:
    _reconcile_all(cluster, cluster.resource("apps", "ReplicaSet"))


def reconcile_replication(cluster: Cluster) -> None:
    _reconcile_all(cluster, cluster.resource("", "ReplicationController"))


def _reconcile_all(cluster: Cluster, resource: Resource) -> None:
    for replica_set in cluster.objects.all(resource.collection):
        if not is_going(replica_set):
            _size(cluster, resource, replica_set)
            pods = living(owned(cluster, "pods", replica_set))
            set_status(cluster, resource, replica_set, _status(replica_set, pods))


def _size(cluster: Cluster, resource: Resource, replica_set: Document) -> None:
    pods = living(owned(cluster, "pods", replica_set))
    wanted = replica_set["spec"]["replicas"]
    for _ in range(wanted - len(pods)):
        pod = make_pod(cluster, resource, replica_set, replica_set["spec"]["template"])
        _tell(cluster, replica_set, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
    for pod in sorted(pods, key=_dispensable)[: max(len(pods) - wanted, 0)]:
        delete_pod(cluster, pod)
        _tell(cluster, replica_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")


def _tell(cluster: Cluster, replica_set: Document, reason: str, message: str) -> None:
    record(cluster, replica_set, reason, message, component="replicaset-controller")


def _dispensable(pod: Document) -> tuple[bool, bool, int]:
    """Pods without a node go first, then those not ready, then the youngest."""
    return bool(pod["spec"].get("nodeName")), is_ready(pod), -int(pod["metadata"]["resourceVersion"])


def _status(replica_set: Document, pods: list[Document]) -> Document:
    ready = sum(1 for pod in pods if is_ready(pod))
    counts = {
        "replicas": len(pods),
        "fullyLabeledReplicas": len(pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
    kept = {name: count for name, count in counts.items() if count or name == "replicas"}
    return kept | {"observedGeneration": replica_set["metadata"]["generation"]}
