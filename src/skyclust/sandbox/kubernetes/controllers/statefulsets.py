"""StatefulSets: numbered pods, one after the other, each with its own claims."""

from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import (
    delete_pod,
    is_going,
    is_ready,
    make_pod,
    owned,
    set_status,
    template_hash,
)

Document = dict[str, Any]

HASH_LABEL = "controller-revision-hash"


def reconcile(cluster: Cluster) -> None:
    for stateful_set in cluster.objects.all("statefulsets.apps"):
        if not is_going(stateful_set):
            _step(cluster, stateful_set)


def _step(cluster: Cluster, stateful_set: Document) -> None:
    spec = stateful_set["spec"]
    revision = f"{stateful_set['metadata']['name']}-{template_hash(spec['template'])}"
    pods = {_ordinal(pod): pod for pod in owned(cluster, "pods", stateful_set)}
    first = (spec.get("ordinals") or {}).get("start", 0)
    wanted = range(first, first + spec["replicas"])
    _fill_up(cluster, stateful_set, pods, wanted, revision)
    settled = all(ordinal in pods and is_ready(pods[ordinal]) for ordinal in wanted)
    surplus = sorted((n for n in pods if n not in wanted), reverse=True)
    for ordinal in surplus if spec["podManagementPolicy"] == "Parallel" else surplus[:1]:
        delete_pod(cluster, pods[ordinal])
    if settled and not surplus and spec["updateStrategy"]["type"] == "RollingUpdate":
        _replace_outdated(cluster, stateful_set, pods, revision)
    _report(cluster, stateful_set, revision)


def _ordinal(pod: Document) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _fill_up(cluster: Cluster, stateful_set: Document, pods: dict[int, Document], wanted: range, revision: str) -> None:
    """In order, the next only when the one before is ready, unless pods are managed in parallel."""
    parallel = stateful_set["spec"]["podManagementPolicy"] == "Parallel"
    for ordinal in wanted:
        if ordinal not in pods:
            _make(cluster, stateful_set, ordinal, revision)
        if not parallel and not (ordinal in pods and is_ready(pods[ordinal])):
            return


def _make(cluster: Cluster, stateful_set: Document, ordinal: int, revision: str) -> None:
    name = f"{stateful_set['metadata']['name']}-{ordinal}"
    template = stateful_set["spec"]["template"]
    volumes = list(template["spec"].get("volumes") or [])
    for claim in stateful_set["spec"].get("volumeClaimTemplates") or ():
        claim_name = f"{claim['metadata']['name']}-{name}"
        _claim(cluster, stateful_set, claim, claim_name)
        volumes.append({"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}})
    labels = {
        HASH_LABEL: revision,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": str(ordinal),
    }
    identity: Document = {"hostname": name, "subdomain": stateful_set["spec"].get("serviceName", "")}
    if volumes:
        identity["volumes"] = volumes
    resource = cluster.resource("apps", "StatefulSet")
    make_pod(cluster, resource, stateful_set, template, name=name, labels=labels, spec=identity)


def _claim(cluster: Cluster, stateful_set: Document, template: Document, name: str) -> None:
    namespace = stateful_set["metadata"]["namespace"]
    if cluster.objects.get("persistentvolumeclaims", namespace, name) is None:
        labels = stateful_set["spec"]["selector"].get("matchLabels", {})
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        claim = {"metadata": metadata, "spec": template["spec"]}
        writing.add(cluster, cluster.resource("", "PersistentVolumeClaim"), claim)


def _replace_outdated(cluster: Cluster, stateful_set: Document, pods: dict[int, Document], revision: str) -> None:
    """From the highest number down to the partition, one at a time."""
    partition = stateful_set["spec"]["updateStrategy"]["rollingUpdate"]["partition"]
    for ordinal in sorted(pods, reverse=True):
        outdated = pods[ordinal]["metadata"]["labels"].get(HASH_LABEL) != revision
        if outdated and ordinal >= partition:
            delete_pod(cluster, pods[ordinal])
            return


def _report(cluster: Cluster, stateful_set: Document, revision: str) -> None:
    pods = [pod for pod in owned(cluster, "pods", stateful_set) if not is_going(pod)]
    ready = sum(1 for pod in pods if is_ready(pod))
    updated = sum(1 for pod in pods if pod["metadata"]["labels"].get(HASH_LABEL) == revision)
    old = stateful_set.get("status", {}).get("currentRevision", revision)
    complete = updated == len(pods) == stateful_set["spec"]["replicas"]
    current = revision if complete else old
    counts = {
        "readyReplicas": ready,
        "currentReplicas": sum(1 for pod in pods if pod["metadata"]["labels"].get(HASH_LABEL) == current),
        "updatedReplicas": updated,
    }
    status = {
        "replicas": len(pods),
        "availableReplicas": ready,
        "collisionCount": 0,
        "currentRevision": current,
        "updateRevision": revision,
        "observedGeneration": stateful_set["metadata"]["generation"],
        **{name: count for name, count in counts.items() if count},
    }
    set_status(cluster, cluster.resource("apps", "StatefulSet"), stateful_set, status)
