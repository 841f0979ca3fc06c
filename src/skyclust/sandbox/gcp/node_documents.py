"""What the machines behind a node pool look like: in compute.v1, and to Kubernetes. Pure.

Called when node pools change. Sources: `gcloud compute instances describe` and `kubectl get node -o yaml` of GKE nodes.
"""

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import named, short_hash
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.gke_defaults import TAINT_EFFECTS
from skyclust.sandbox.gcp.gke_networks import node_tag
from skyclust.sandbox.kernel import NodeSpec


def group_fields(cluster: Json, path: str) -> Json:
    return {
        "network": f"compute://{cluster['_network']}",
        "subnetwork": f"compute://{cluster['_subnetwork']}",
        "namedPorts": [],
        "fingerprint": _fingerprint(path),
    }


def manager_fields(group: str, path: str) -> Json:
    return {
        "instanceGroup": f"compute://{group}",
        "baseInstanceName": named(path).removesuffix("-grp"),
        "fingerprint": _fingerprint(path),
        "status": {"isStable": True},
    }


def _fingerprint(text: str) -> str:
    return short_hash(text, 11) + "="


def _labels(cluster: Json, pool: Json) -> Json:
    labels = {
        **cluster.get("resourceLabels", {}),
        **pool["config"].get("resourceLabels", {}),
        "goog-gke-node": "",
        "goog-k8s-cluster-name": cluster["name"],
        "goog-k8s-node-pool-name": pool["name"],
    }
    return {"labels": labels, "labelFingerprint": _fingerprint(repr(labels))}


def _beside(path: str, collection: str, name: str) -> str:
    """The link of something in the zone of `path`."""
    return f"compute://{'/'.join(path.split('/')[:4])}/{collection}/{name}"


def disk_fields(cluster: Json, pool: Json, path: str, user: str) -> Json:
    return {
        "status": "READY",
        "sizeGb": str(pool["config"]["diskSizeGb"]),
        "type": _beside(path, "diskTypes", pool["config"]["diskType"]),
        "users": [f"compute://{user}"],
        "physicalBlockSizeBytes": "4096",
        **_labels(cluster, pool),
    }


def instance_fields(cluster: Json, pool: Json, path: str, disk: str, address: str) -> Json:
    config = pool["config"]
    tags = [node_tag(cluster), *config.get("tags", [])]
    return {
        "machineType": _beside(path, "machineTypes", config["machineType"]),
        "status": "RUNNING",
        "cpuPlatform": "AMD Milan",
        "tags": {"items": tags, "fingerprint": _fingerprint(repr(tags))},
        "networkInterfaces": [_card(cluster, address)],
        "disks": [_boot_disk(disk, config["diskSizeGb"])],
        "scheduling": {
            "preemptible": bool(config.get("preemptible")),
            "automaticRestart": not config.get("spot"),
            "provisioningModel": "SPOT" if config.get("spot") else "STANDARD",
            "onHostMaintenance": "MIGRATE",
        },
        "deletionProtection": False,
        "startRestricted": False,
        **_labels(cluster, pool),
    }


def _card(cluster: Json, address: str) -> Json:
    return {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": f"compute://{cluster['_network']}",
        "subnetwork": f"compute://{cluster['_subnetwork']}",
        "networkIP": address,
        "stackType": "IPV4_ONLY",
    }


def _boot_disk(disk: str, gigabytes: int) -> Json:
    return {
        "kind": "compute#attachedDisk",
        "source": f"compute://{disk}",
        "boot": True,
        "autoDelete": True,
        "index": 0,
        "deviceName": "persistent-disk-0",
        "type": "PERSISTENT",
        "mode": "READ_WRITE",
        "diskSizeGb": str(gigabytes),
    }


def node_spec(pool: Json, path: str, row: Json) -> NodeSpec:
    """The instance at `path` as the node that Kubernetes shall see."""
    shape, zone = catalog.MACHINE_TYPES[named(row["machineType"])], path.split("/")[3]
    return NodeSpec(
        name=named(path),
        machine_type=shape.name,
        zone=zone,
        region=catalog.ZONES[zone],
        cpu_millis=shape.cpus * 1000,
        memory_bytes=shape.memory_mb * 1024 * 1024,
        provider_id=f"gce://{path.split('/')[1]}/{zone}/{named(path)}",
        internal_ip=row["networkInterfaces"][0]["networkIP"],
        kubernetes_version=pool["version"],
        max_pods=int(pool["maxPodsConstraint"]["maxPodsPerNode"]),
        labels=_node_labels(pool, shape.name),
        taints=tuple(_taint(given) for given in pool["config"].get("taints", [])),
    )


def _node_labels(pool: Json, machine_type: str) -> dict[str, str]:
    labels: dict[str, str] = {
        "cloud.google.com/gke-nodepool": pool["name"],
        "cloud.google.com/gke-os-distribution": "cos",
        "cloud.google.com/machine-family": machine_type.split("-", maxsplit=1)[0],
    }
    if pool["config"].get("spot"):
        labels["cloud.google.com/gke-spot"] = "true"
    labels.update(pool["config"].get("labels", {}))
    return labels


def _taint(given: Json) -> dict[str, str]:
    effect = TAINT_EFFECTS.get(given.get("effect", ""), "NoSchedule")
    return {"key": given["key"], "value": given.get("value", ""), "effect": effect}
