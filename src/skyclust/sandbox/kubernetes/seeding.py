"""What every new cluster contains before anyone uses it: namespaces, roles, the API's own service, system workloads.

Called when a cluster is created. Invariant: only what is missing is added, and only once per cluster, so that what a
user deleted stays deleted after a restart.
"""

from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster

Document = dict[str, Any]

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
SEEDS = "skyclust.seeds"  # a private collection: what is in it has been added
_ALL = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
_READ = ["get", "list", "watch"]
_TOLERATES_ALL = [{"operator": "Exists"}]
_WORKLOAD_RULES = [
    {"apiGroups": ["", "apps", "batch", "autoscaling", "networking.k8s.io", "policy"], "resources": ["*"]},
]


def seed(cluster: Cluster) -> None:
    if cluster.objects.get(SEEDS, "", "all"):
        return
    for name in NAMESPACES:
        writing.add(cluster, cluster.resource("", "Namespace"), {"metadata": {"name": name}})
    for group, kind, document in _seeds():
        writing.add(cluster, cluster.resource(group, kind), document)
    cluster.objects.put(SEEDS, {"metadata": {"name": "all", "uid": cluster.new_uid()}})


def _seeds() -> list[tuple[str, str, Document]]:
    rbac = "rbac.authorization.k8s.io"
    masters = [{"kind": "Group", "name": "system:masters", "apiGroup": rbac}]
    cluster_admin = {"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"}
    return [
        ("", "Service", _api_service()),
        ("scheduling.k8s.io", "PriorityClass", _priority("system-cluster-critical", 2_000_000_000)),
        ("scheduling.k8s.io", "PriorityClass", _priority("system-node-critical", 2_000_001_000)),
        (rbac, "ClusterRole", _role("cluster-admin", [_ALL])),
        (rbac, "ClusterRole", _role("edit", [{**rule, "verbs": ["*"]} for rule in _WORKLOAD_RULES])),
        (rbac, "ClusterRole", _role("view", [{**rule, "verbs": _READ} for rule in _WORKLOAD_RULES])),
        (rbac, "ClusterRoleBinding",
         {"metadata": {"name": "cluster-admin"}, "roleRef": cluster_admin, "subjects": masters}),
        ("storage.k8s.io", "StorageClass", _storage_class()),
        ("apps", "DaemonSet", _kube_proxy()),
        ("apps", "Deployment", _coredns()),
        ("", "Service", _dns_service()),
        ("policy", "PodDisruptionBudget",
         {"metadata": {"name": "coredns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
          "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"k8s-app": "kube-dns"}}}}),
    ]  # fmt: skip


def _role(name: str, rules: list[Document]) -> Document:
    return {"metadata": {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}, "rules": rules}


def _priority(name: str, value: int) -> Document:
    return {"metadata": {"name": name}, "value": value, "preemptionPolicy": "PreemptLowerPriority"}


def _storage_class() -> Document:
    return {
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "sandbox.skyclust.dev/disk",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
        "allowVolumeExpansion": True,
    }


def _api_service() -> Document:
    return {
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "ports": [{"name": "https", "port": 443, "targetPort": 6443}],
        },
    }


def _dns_service() -> Document:
    return {
        "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
        "spec": {
            "clusterIP": "10.96.0.10",
            "clusterIPs": ["10.96.0.10"],
            "selector": {"k8s-app": "kube-dns"},
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
                {"name": "dns-tcp", "port": 53, "targetPort": 53},
            ],
        },
    }


def _workload(name: str, label: str, pod: Document, **desired: Any) -> Document:
    labels = {"k8s-app": label}
    return {
        "metadata": {"name": name, "namespace": "kube-system", "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            **desired,
        },
    }


def _kube_proxy() -> Document:
    requests = {"cpu": "100m", "memory": "64Mi"}
    pod = {
        "containers": [
            {"name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1.34.0", "resources": {"requests": requests}}
        ],
        "hostNetwork": True,
        "priorityClassName": "system-node-critical",
        "tolerations": _TOLERATES_ALL,
    }
    return _workload("kube-proxy", "kube-proxy", pod)


def _coredns() -> Document:
    requests = {"cpu": "100m", "memory": "70Mi"}
    pod = {
        "containers": [
            {
                "name": "coredns",
                "image": "registry.k8s.io/coredns/coredns:v1.12.1",
                "resources": {"requests": requests, "limits": {"memory": "170Mi"}},
            }
        ],
        "priorityClassName": "system-cluster-critical",
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
    }
    return _workload("coredns", "kube-dns", pod, replicas=2)
