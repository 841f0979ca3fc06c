"""Node leases: one in kube-node-lease per node, renewed in cloud time when somebody looks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster

Document = dict[str, Any]

NAMESPACE = "kube-node-lease"
COLLECTION = "leases.coordination.k8s.io"
LEASE_SECONDS = 40
RENEW_SECONDS = 600  # far less often than a kubelet's 10 s, so that fast clouds do not spend their time on it


def reconcile(cluster: Cluster) -> datetime:
    resource = cluster.resource("coordination.k8s.io", "Lease")
    nodes = {node["metadata"]["name"]: node for node in cluster.objects.all("nodes")}
    leases = {lease["metadata"]["name"]: lease for lease in cluster.objects.all(COLLECTION, NAMESPACE)}
    now = cluster.now()
    for name, node in nodes.items():
        lease = leases.get(name)
        if lease is None:
            writing.add(cluster, resource, _lease(node, now))
        elif now - _renewed_at(lease) >= timedelta(seconds=RENEW_SECONDS):
            renewed = {**lease, "spec": {**lease["spec"], "renewTime": _micro(now)}}
            writing.change(cluster, resource, lease, renewed)
    return now + timedelta(seconds=RENEW_SECONDS)


def _lease(node: Document, now: datetime) -> Document:
    name = node["metadata"]["name"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}
    return {
        "metadata": {"name": name, "namespace": NAMESPACE, "ownerReferences": [owner]},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": _micro(now)},
    }


def _micro(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _renewed_at(lease: Document) -> datetime:
    return datetime.fromisoformat(lease["spec"].get("renewTime") or "1970-01-01T00:00:00Z")
