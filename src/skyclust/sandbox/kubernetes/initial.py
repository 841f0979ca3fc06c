"""What the server itself puts into a new object of some kinds: addresses, first status, selectors it generates.

Called before defaults are filled, for objects of clients and of controllers alike.
"""

import base64
import ipaddress
from collections.abc import Callable
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.custom import CLEANUP, DEFINITIONS
from skyclust.sandbox.kubernetes.pod_admission import admit_pod
from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]

SERVICE_NETWORK = ipaddress.ip_network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
UID_LABEL, NAME_LABEL = "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"


def initial_state(cluster: Cluster, resource: Resource, document: Document) -> Document:
    rule = RULES.get(resource.collection)
    return rule(cluster, document) if rule else document


def _namespace(_cluster: Cluster, namespace: Document) -> Document:
    metadata = namespace["metadata"]
    labels = {**(metadata.get("labels") or {}), "kubernetes.io/metadata.name": metadata["name"]}
    finalized = {**(namespace.get("spec") or {}), "finalizers": ["kubernetes"]}
    return {
        **namespace,
        "metadata": {**metadata, "labels": labels},
        "spec": finalized,
        "status": {"phase": "Active"},
    }


def _service(cluster: Cluster, service: Document) -> Document:
    spec = dict(service.get("spec") or {})
    kind = spec.get("type", "ClusterIP")
    if kind == "ExternalName":
        return {**service, "spec": spec, "status": {"loadBalancer": {}}}
    address = spec.get("clusterIP") or free_address(cluster)
    spec |= {"clusterIP": address, "clusterIPs": [address], "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"]}
    if kind in {"NodePort", "LoadBalancer"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")
        spec["ports"] = _with_node_ports(cluster, spec.get("ports") or [])
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    return {**service, "spec": spec, "status": {"loadBalancer": {}}}


def free_address(cluster: Cluster) -> str:
    taken = {service["spec"].get("clusterIP") for service in cluster.objects.all("services")}
    hosts = (str(address) for address in SERVICE_NETWORK.hosts())
    return next(address for address in hosts if address not in taken and not address.startswith("10.96.0."))


def _with_node_ports(cluster: Cluster, ports: list[Document]) -> list[Document]:
    services = cluster.objects.all("services")
    taken = {port.get("nodePort") for service in services for port in service["spec"].get("ports") or ()}
    free = (number for number in NODE_PORTS if number not in taken)
    return [port if port.get("nodePort") else {**port, "nodePort": next(free)} for port in ports]


def _secret(_cluster: Cluster, secret: Document) -> Document:
    return fold_string_data(secret)


def fold_string_data(secret: Document) -> Document:
    """`stringData` is written only; it becomes `data`."""
    plain = secret.get("stringData")
    if not plain:
        return secret
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
    kept = {key: value for key, value in secret.items() if key != "stringData"}
    return {**kept, "data": {**(secret.get("data") or {}), **encoded}}


def _job(_cluster: Cluster, job: Document) -> Document:
    """A selector by uid, so that the job never takes another's pods."""
    spec = job.get("spec") or {}
    if spec.get("manualSelector") or "template" not in spec:
        return job
    uid, name = job["metadata"]["uid"], job["metadata"]["name"]
    template = spec["template"]
    metadata = template.get("metadata") or {}
    generated = {UID_LABEL: uid, NAME_LABEL: name, "controller-uid": uid, "job-name": name}
    labelled = {**metadata, "labels": {**(metadata.get("labels") or {}), **generated}}
    selected = {"selector": {"matchLabels": {UID_LABEL: uid}}, "template": {**template, "metadata": labelled}}
    labels = job["metadata"].get("labels") or labelled["labels"]
    return {**job, "metadata": {**job["metadata"], "labels": labels}, "spec": {**spec, **selected}}


def _claim(cluster: Cluster, claim: Document) -> Document:
    spec = dict(claim.get("spec") or {})
    if "storageClassName" not in spec:
        classes = cluster.objects.all("storageclasses.storage.k8s.io")
        default = [c for c in classes if (c["metadata"].get("annotations") or {}).get(DEFAULT_CLASS) == "true"]
        if default:
            spec["storageClassName"] = default[0]["metadata"]["name"]
    return {**claim, "spec": spec, "status": {"phase": "Pending"}}


def _volume(_cluster: Cluster, volume: Document) -> Document:
    return {**volume, "status": {"phase": "Available"}}


def _definition(_cluster: Cluster, definition: Document) -> Document:
    return {**definition, "metadata": {**definition["metadata"], "finalizers": [CLEANUP]}}


RULES: dict[str, Callable[[Cluster, Document], Document]] = {
    "namespaces": _namespace,
    "pods": admit_pod,
    "services": _service,
    "secrets": _secret,
    "jobs.batch": _job,
    DEFINITIONS: _definition,
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _volume,
}
