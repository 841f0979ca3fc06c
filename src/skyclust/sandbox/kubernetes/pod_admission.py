"""What admission adds to a pod when it is created: account, tolerations, priority, the token's volume, QoS.

Called for pods of clients and of controllers alike.
"""

from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster

Document = dict[str, Any]

ACCOUNT_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
TOKEN_SOURCES = [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
    {
        "downwardAPI": {
            "items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]
        }
    },
]


def admit_pod(cluster: Cluster, pod: Document) -> Document:
    spec = dict(pod["spec"])
    spec.setdefault("serviceAccountName", "default")
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec["priority"] = _priority(cluster, spec.get("priorityClassName", ""))
    spec["tolerations"] = _tolerations(spec.get("tolerations") or [])
    if spec.get("automountServiceAccountToken", True):
        spec |= _with_token(spec, f"kube-api-access-{cluster.new_suffix()}")
    status = {"phase": "Pending", "qosClass": quality_of_service(spec)}
    return {**pod, "spec": spec, "status": status}


def _priority(cluster: Cluster, name: str) -> int:
    found = cluster.objects.get("priorityclasses.scheduling.k8s.io", "", name) if name else None
    return int(found["value"]) if found else 0


def _tolerations(given: list[Document]) -> list[Document]:
    def covers(entry: Document, key: str) -> bool:
        return entry.get("effect") in {None, "", "NoExecute"} and entry.get("key") in {None, "", key}

    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in _TOLERATED
        if not any(covers(entry, key) for entry in given)
    ]
    return [*given, *added]


def _with_token(spec: Document, volume: str) -> Document:
    mount = {"name": volume, "readOnly": True, "mountPath": ACCOUNT_MOUNT}
    containers: Document = {
        group: [_mounted(container, mount) for container in spec[group]]
        for group in ("containers", "initContainers")
        if group in spec
    }
    projected = {"name": volume, "projected": {"sources": TOKEN_SOURCES}}
    return {**containers, "volumes": [*(spec.get("volumes") or []), projected]}


def _mounted(container: Document, mount: Document) -> Document:
    mounts = container.get("volumeMounts") or []
    if any(entry["mountPath"] == ACCOUNT_MOUNT for entry in mounts):
        return container
    return {**container, "volumeMounts": [*mounts, mount]}


def quality_of_service(spec: Document) -> str:
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    resources = [container.get("resources") or {} for container in containers]
    if not any(entry.get("requests") or entry.get("limits") for entry in resources):
        return "BestEffort"
    for entry in resources:
        limits = entry.get("limits") or {}
        if not {"cpu", "memory"} <= limits.keys():
            return "Burstable"
        if any(limits.get(name) != amount for name, amount in (entry.get("requests") or {}).items()):
            return "Burstable"
    return "Guaranteed"
