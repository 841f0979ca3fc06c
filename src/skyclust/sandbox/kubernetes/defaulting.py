"""Fill what a client left out, as the real API server does: constants by type, and a few rules that look around.

Called before an object is stored. Pure; filling twice changes nothing.
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.kubernetes.schemas import ANY, Shape, child

Document = dict[str, Any]

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_WORKLOAD = {"replicas": 1, "revisionHistoryLimit": 10}
CONSTANTS: dict[str, Document] = {
    "core.v1.PodSpec": {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    },
    "core.v1.Container": {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    },
    "core.v1.ContainerPort": {"protocol": "TCP"},
    "core.v1.ServicePort": {"protocol": "TCP"},
    "core.v1.Probe": _PROBE,
    "core.v1.HTTPGetAction": {"path": "/", "scheme": "HTTP"},
    "core.v1.ConfigMapVolumeSource": {"defaultMode": 420},
    "core.v1.SecretVolumeSource": {"defaultMode": 420},
    "core.v1.ProjectedVolumeSource": {"defaultMode": 420},
    "core.v1.DownwardAPIVolumeSource": {"defaultMode": 420},
    "core.v1.HostPathVolumeSource": {"type": ""},
    "core.v1.ObjectFieldSelector": {"apiVersion": "v1"},
    "core.v1.ServiceSpec": {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"},
    "core.v1.PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    "core.v1.PersistentVolumeSpec": {"volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"},
    "core.v1.Secret": {"type": "Opaque"},
    "apps.v1.DeploymentSpec": {**_WORKLOAD, "progressDeadlineSeconds": 600, "strategy": {}},
    "apps.v1.DeploymentStrategy": {"type": "RollingUpdate"},
    "apps.v1.ReplicaSetSpec": {"replicas": 1},
    "apps.v1.DaemonSetSpec": {"revisionHistoryLimit": 10, "updateStrategy": {}},
    "apps.v1.DaemonSetUpdateStrategy": {"type": "RollingUpdate"},
    "apps.v1.StatefulSetSpec": {
        **_WORKLOAD,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    },
    "apps.v1.StatefulSetUpdateStrategy": {"type": "RollingUpdate"},
    "batch.v1.JobSpec": {
        "completions": 1, "parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False,
        "manualSelector": False, "podReplacementPolicy": "TerminatingOrFailed",
    },
    "batch.v1.CronJobSpec": {
        "concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
    },
    "storage.v1.StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {
        "minReplicas": 1,
        "metrics": [
            {"type": "Resource",
             "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
        ],
    },
    "networking.v1.NetworkPolicySpec": {"policyTypes": ["Ingress"]},
}  # fmt: skip


JOB_TEMPLATE = "batch.v1.JobTemplateSpec"  # its job gets its constants when it is made


def fill(value: Any, shape: Shape, within: str = "") -> Any:
    """The document with the constants of every type in it, then the rules of its type."""
    if shape.is_list and isinstance(value, list):
        return [fill(item, shape.item or ANY) for item in value]
    if not isinstance(value, dict):
        return value
    constants = {} if within == JOB_TEMPLATE else CONSTANTS.get(shape.word, {})
    whole = {**constants, **value}
    filled = {key: fill(entry, child(shape, key) or ANY, shape.word) for key, entry in whole.items()}
    rule = RULES.get(shape.word)
    return rule(filled) if rule else filled


def _container(container: Document) -> Document:
    name = container.get("image", "").rpartition("/")[2]
    tag = name.rpartition(":")[2] if ":" in name else "latest"
    pulled = "IfNotPresent" if "@" in name or tag != "latest" else "Always"
    resources = container["resources"]
    limits, requests = resources.get("limits"), resources.get("requests", {})
    if limits:
        container = {**container, "resources": {**resources, "requests": {**limits, **requests}}}
    return {"imagePullPolicy": pulled, **container}


def _deployment_strategy(strategy: Document) -> Document:
    if strategy["type"] != "RollingUpdate":
        return strategy
    rolling = {"maxUnavailable": "25%", "maxSurge": "25%", **strategy.get("rollingUpdate", {})}
    return {**strategy, "rollingUpdate": rolling}


def _daemonset_strategy(strategy: Document) -> Document:
    if strategy["type"] != "RollingUpdate":
        return strategy
    return {**strategy, "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0, **strategy.get("rollingUpdate", {})}}


def _statefulset_strategy(strategy: Document) -> Document:
    if strategy["type"] != "RollingUpdate":
        return strategy
    return {**strategy, "rollingUpdate": {"partition": 0, **strategy.get("rollingUpdate", {})}}


def _pod_spec(spec: Document) -> Document:
    account = spec.get("serviceAccountName")
    return {**spec, "serviceAccount": account} if account else spec


def _service_port(port: Document) -> Document:
    return port if "targetPort" in port or "port" not in port else {**port, "targetPort": port["port"]}


def _network_policy(spec: Document) -> Document:
    if "egress" in spec and spec["policyTypes"] == ["Ingress"]:
        return {**spec, "policyTypes": ["Ingress", "Egress"]}
    return spec


RULES: dict[str, Callable[[Document], Document]] = {
    "core.v1.Container": _container,
    "core.v1.PodSpec": _pod_spec,
    "core.v1.ServicePort": _service_port,
    "apps.v1.DeploymentStrategy": _deployment_strategy,
    "apps.v1.DaemonSetUpdateStrategy": _daemonset_strategy,
    "apps.v1.StatefulSetUpdateStrategy": _statefulset_strategy,
    "networking.v1.NetworkPolicySpec": _network_policy,
}
