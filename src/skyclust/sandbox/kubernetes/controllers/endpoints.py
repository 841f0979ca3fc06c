"""Endpoints and EndpointSlices: where the ready pods of a service are."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import is_ready, living, owned, owner_reference

Document = dict[str, Any]

SLICES = "endpointslices.discovery.k8s.io"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"


def reconcile(cluster: Cluster) -> None:
    for service in cluster.objects.all("services"):
        selector = service["spec"].get("selector")
        if selector:
            pods = [pod for pod in _selected(cluster, service, selector) if pod.get("status", {}).get("podIP")]
            _write_endpoints(cluster, service, pods)
            _write_slice(cluster, service, pods)
    services = {(s["metadata"]["namespace"], s["metadata"]["name"]) for s in cluster.objects.all("services")}
    for document in cluster.objects.all("endpoints"):
        if (document["metadata"]["namespace"], document["metadata"]["name"]) not in services:
            deleting.remove_in(cluster, cluster.resource("", "Endpoints"), document)


def _selected(cluster: Cluster, service: Document, selector: dict[str, str]) -> list[Document]:
    pods = living(cluster.objects.all("pods", service["metadata"]["namespace"]))
    return [pod for pod in pods if selector.items() <= (pod["metadata"].get("labels") or {}).items()]


def _target(pod: Document) -> Document:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _ports(service: Document, pods: list[Document]) -> list[Document]:
    found = []
    for port in service["spec"].get("ports") or ():
        number = port.get("targetPort", port["port"])
        if isinstance(number, str):
            number = _named_port(pods, number)
        if number:
            name = {"name": port["name"]} if port.get("name") else {}
            found.append({**name, "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _named_port(pods: list[Document], name: str) -> int:
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or ():
                if port.get("name") == name:
                    return int(port["containerPort"])
    return 0


def _write_endpoints(cluster: Cluster, service: Document, pods: list[Document]) -> None:
    addresses = [
        {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}
        for pod in pods
        if is_ready(pod)
    ]
    subsets = [{"addresses": addresses, "ports": _ports(service, pods)}] if addresses else []
    metadata = service["metadata"]
    labels = {**(metadata.get("labels") or {}), "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    wanted: Document = {"metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels}}
    if subsets:
        wanted["subsets"] = subsets
    resource = cluster.resource("", "Endpoints")
    existing = cluster.objects.get("endpoints", metadata["namespace"], metadata["name"])
    if existing is None:
        writing.add(cluster, resource, wanted)
    else:
        kept = {key: value for key, value in existing.items() if key != "subsets"}
        writing.change(cluster, resource, existing, {**kept, **({"subsets": subsets} if subsets else {})})


def _write_slice(cluster: Cluster, service: Document, pods: list[Document]) -> None:
    resource = cluster.resource("discovery.k8s.io", "EndpointSlice")
    content: Document = {"addressType": "IPv4", "endpoints": [_endpoint(pod) for pod in pods]}
    content["ports"] = [{"name": "", **port} for port in _ports(service, pods)]
    existing = owned(cluster, SLICES, service)
    if existing:
        writing.change(cluster, resource, existing[0], {**existing[0], **content})
        return
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    metadata = {
        "generateName": f"{name}-",
        "namespace": namespace,
        "labels": {"kubernetes.io/service-name": name, MANAGED_BY: "endpointslice-controller.k8s.io"},
        "ownerReferences": [owner_reference(cluster.resource("", "Service"), service)],
    }
    writing.add(cluster, resource, {"metadata": metadata, **content})


def _endpoint(pod: Document) -> Document:
    ready = is_ready(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
    }
