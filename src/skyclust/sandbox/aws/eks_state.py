"""EKS's objects in memory and what they need of EC2. Used by the EKS operations.

Invariant: every object is made by replaying the journal, so nothing here is saved by itself.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.lifecycles import Agenda
from skyclust.sandbox.aws.moto_cloud import ACCOUNT, MotoCloud
from skyclust.sandbox.aws.networks import instances
from skyclust.sandbox.aws.replies import Refusal
from skyclust.sandbox.kernel import Faults, KubernetesPort, Latencies, NodeSpec

Document = dict[str, Any]


@dataclass
class EksCluster:
    """`document` is what DescribeCluster shows; the rest hangs below it by name."""

    region: str
    key: str
    document: Document
    creator: str = ""
    node_groups: dict[str, Document] = field(default_factory=dict)
    fargate_profiles: dict[str, Document] = field(default_factory=dict)
    addons: dict[str, Document] = field(default_factory=dict)
    access_entries: dict[str, Document] = field(default_factory=dict)
    pod_identities: dict[str, Document] = field(default_factory=dict)
    updates: dict[str, Document] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=list)
    request: Document = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.document["name"])


@dataclass
class Eks:
    moto: MotoCloud
    agenda: Agenda
    latencies: Latencies
    faults: Faults
    port: Callable[[], KubernetesPort]
    authenticator: Callable[[str], Callable[[str], str | None]]
    clusters: dict[tuple[str, str], EksCluster] = field(default_factory=dict)
    replaying: bool = False

    def cluster(self, region: str, name: str) -> EksCluster:
        found = self.clusters.get((region, name))
        if found is None:
            raise Refusal("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
        return found

    def active_cluster(self, region: str, name: str) -> EksCluster:
        found = self.cluster(region, name)
        if (status := found.document["status"]) not in {"ACTIVE", "UPDATING"}:
            code = "InvalidRequestException" if status == "CREATING" else "ResourceInUseException"
            status_code = 400 if status == "CREATING" else 409
            raise Refusal(code, f"Cluster '{name}' is not in ACTIVE status (it is {status})", status_code)
        return found

    def later(self, at: datetime, latency: str, key: str, effect: Callable[[datetime], None]) -> None:
        self.agenda.add(at, self.latencies.sample(latency, key), key, effect)

    def serve(self, cluster: EksCluster) -> None:
        """Make the cluster's Kubernetes API answer; during replay this waits for `serve_all`."""
        if self.replaying:
            return
        port = self.port()
        port.create(cluster.key, cluster.document["version"], self.authenticator(cluster.key))
        for name in cluster.node_groups:
            self.show_nodes(cluster, name)

    def serve_all(self) -> None:
        for cluster in self.clusters.values():
            if cluster.document["status"] not in {"CREATING", "FAILED"}:
                self.serve(cluster)

    def stop(self, cluster: EksCluster) -> None:
        if not self.replaying:
            self.port().delete(cluster.key)

    def show_nodes(self, cluster: EksCluster, group_name: str) -> None:
        if self.replaying:
            return
        group = cluster.node_groups.get(group_name)
        machines = group_instances(self.moto.ec2(cluster.region), group) if group else []
        nodes = [_node(cluster, group, machine) for machine in machines] if group else []
        self.port().set_nodes(cluster.key, group_name, nodes)


def group_instances(backend: Any, group: Document) -> list[Any]:
    return [item for item in instances(backend) if item.id in group["_instances"] and item.state != "terminated"]


def _node(cluster: EksCluster, group: Document, machine: Any) -> NodeSpec:
    zone = machine.placement.zone
    labels = {
        "eks.amazonaws.com/nodegroup": group["nodegroupName"],
        "eks.amazonaws.com/capacityType": group["capacityType"],
        "node.kubernetes.io/instance-type": machine.instance_type,
        "topology.kubernetes.io/zone": zone,
        "topology.kubernetes.io/region": cluster.region,
        **group.get("labels", {}),
    }
    effects = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
    taints = tuple(
        {"key": taint["key"], "value": taint.get("value", ""), "effect": effects[taint["effect"]]}
        for taint in group.get("taints", [])
    )
    cpu_millis, memory_bytes = _size(machine.instance_type)
    return NodeSpec(
        name=f"ip-{machine.private_ip.replace('.', '-')}.{cluster.region}.compute.internal",
        machine_type=machine.instance_type,
        zone=zone,
        region=cluster.region,
        cpu_millis=cpu_millis,
        memory_bytes=memory_bytes,
        provider_id=f"aws:///{zone}/{machine.id}",
        internal_ip=machine.private_ip,
        kubernetes_version=group["version"],
        max_pods=58,
        labels=labels,
        taints=taints,
    )


def _size(machine_type: str) -> tuple[int, int]:
    from moto.ec2.models.instance_types import INSTANCE_TYPES  # noqa: PLC0415 - the table is large and only nodes need it

    known = INSTANCE_TYPES.get(machine_type)
    if known is None:
        return 2000, 8 * 1024**3
    return known["VCpuInfo"]["DefaultVCpus"] * 1000, known["MemoryInfo"]["SizeInMiB"] * 1024**2


def arn(region: str, kind: str, *parts: str) -> str:
    return f"arn:aws:eks:{region}:{ACCOUNT}:{'/'.join((kind, *parts))}"


def stable_uuid(*parts: str) -> str:
    return str(uuid.UUID(hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]))
