"""Machines as nodes: what a kubelet registers, and the pools a cloud says it has.

Called through the port whenever a cloud's machines change. Invariant: saying the same pool twice changes nothing; what
clients did to a node (cordon, taints, labels of theirs) stays.
"""

import ipaddress
import zlib
from typing import Any

from skyclust.sandbox.kernel import NodeSpec
from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.discovery import full_version

Document = dict[str, Any]

POOLS = "skyclust.pools"  # a private collection: never served, kept like any object
RESERVED_CPU_MILLIS = 80
RESERVED_MEMORY_BYTES = 512 * 1024**2
POD_SUBNETS = 4 * 256
DISK_BYTES = 100 * 1024**3
HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def set_pool(cluster: Cluster, pool: str, wanted: list[NodeSpec]) -> None:
    before = cluster.objects.get(POOLS, "", pool)
    known: dict[str, Document] = before["nodes"] if before else {}
    described = {spec.name: _description(spec) for spec in wanted}
    for name in known.keys() - described.keys():
        _unregister(cluster, name)
    for spec in wanted:
        if known.get(spec.name) != described[spec.name]:
            _register(cluster, spec, known.get(spec.name))
    if known != described or before is None:
        metadata = before["metadata"] if before else {"name": pool, "uid": cluster.new_uid()}
        cluster.objects.put(POOLS, {"metadata": metadata, "nodes": described})


def _description(spec: NodeSpec) -> Document:
    """What is remembered of a machine, to see later what changed about it."""
    return {"labels": node_labels(spec), "taints": list(spec.taints), "version": spec.kubernetes_version}


def _register(cluster: Cluster, spec: NodeSpec, known: Document | None) -> None:
    resource = cluster.resource("", "Node")
    existing = cluster.objects.get("nodes", "", spec.name)
    if existing is None:
        if known is None:
            writing.add(cluster, resource, _node(cluster, spec))
        return
    old = known or {"labels": {}, "taints": []}
    labels = {k: v for k, v in (existing["metadata"].get("labels") or {}).items() if k not in old["labels"]}
    taints = [taint for taint in existing["spec"].get("taints") or [] if taint not in old["taints"]]
    changed = {
        **existing,
        "metadata": {**existing["metadata"], "labels": labels | node_labels(spec)},
        "spec": {**existing["spec"], "taints": [*taints, *spec.taints]},
        "status": {**existing["status"], "nodeInfo": _node_info(cluster, spec)},
    }
    if not changed["spec"]["taints"]:
        del changed["spec"]["taints"]
    writing.change(cluster, resource, existing, changed)


def _unregister(cluster: Cluster, name: str) -> None:
    node = cluster.objects.get("nodes", "", name)
    if node is not None:
        cluster.objects.remove("nodes", node)


def node_labels(spec: NodeSpec) -> dict[str, str]:
    given = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": spec.name,
        "node.kubernetes.io/instance-type": spec.machine_type,
        "beta.kubernetes.io/instance-type": spec.machine_type,
        "topology.kubernetes.io/region": spec.region,
        "topology.kubernetes.io/zone": spec.zone,
    }
    return {key: value for key, value in given.items() if value} | spec.labels


def _node(cluster: Cluster, spec: NodeSpec) -> Document:
    cidr = _pod_cidr(cluster, spec.name)
    desired: Document = {"podCIDR": cidr, "podCIDRs": [cidr]}
    if spec.provider_id:
        desired["providerID"] = spec.provider_id
    if spec.taints:
        desired["taints"] = list(spec.taints)
    metadata = {"name": spec.name, "labels": node_labels(spec)}
    return {"metadata": metadata, "spec": desired, "status": _node_status(cluster, spec)}


def _node_status(cluster: Cluster, spec: NodeSpec) -> Document:
    now = cluster.timestamp()
    allocatable_memory = max(spec.memory_bytes - RESERVED_MEMORY_BYTES, spec.memory_bytes // 2)
    return {
        "capacity": _resources(spec.cpu_millis, spec.memory_bytes, spec.max_pods),
        "allocatable": _resources(spec.cpu_millis - RESERVED_CPU_MILLIS, allocatable_memory, spec.max_pods),
        "conditions": [
            {"type": kind, "status": value, "lastHeartbeatTime": now, "lastTransitionTime": now,
             "reason": reason, "message": message}
            for kind, value, reason, message in HEALTHY
        ],
        "addresses": [
            {"type": "InternalIP", "address": spec.internal_ip or derived_ip(spec.name, "10.0.0.0/12")},
            {"type": "Hostname", "address": spec.name},
            {"type": "InternalDNS", "address": spec.name},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": _node_info(cluster, spec),
    }  # fmt: skip


def _resources(cpu_millis: int, memory_bytes: int, pods: int) -> Document:
    cpu = str(cpu_millis // 1000) if cpu_millis % 1000 == 0 else f"{cpu_millis}m"
    return {
        "cpu": cpu,
        "ephemeral-storage": str(DISK_BYTES),
        "hugepages-2Mi": "0",
        "memory": f"{memory_bytes // 1024}Ki",
        "pods": str(pods),
    }


def _node_info(cluster: Cluster, spec: NodeSpec) -> Document:
    version = full_version(spec.kubernetes_version or cluster.version)
    identity = f"{zlib.crc32(spec.name.encode()):08x}"
    return {
        "architecture": "amd64",
        "bootID": identity,
        "containerRuntimeVersion": "containerd://2.1.0",
        "kernelVersion": "6.12.0-sandbox",
        "kubeProxyVersion": "",
        "kubeletVersion": version,
        "machineID": identity,
        "operatingSystem": "linux",
        "osImage": "SkyClust sandbox (simulated)",
        "systemUUID": identity,
    }


def derived_ip(name: str, network: str) -> str:
    """An address that stays with the name; two names may share one, which nothing here minds."""
    space = ipaddress.ip_network(network)
    return str(space[zlib.crc32(name.encode()) % (space.num_addresses - 2) + 1])


def _pod_cidr(cluster: Cluster, name: str) -> str:
    """A /24 of 10.244.0.0/14 no other node has."""
    taken = {node["spec"].get("podCIDR") for node in cluster.objects.all("nodes")}
    start = zlib.crc32(name.encode())
    numbers = ((start + step) % POD_SUBNETS for step in range(POD_SUBNETS))
    return next(cidr for n in numbers if (cidr := f"10.{244 + n // 256}.{n % 256}.0/24") not in taken)
