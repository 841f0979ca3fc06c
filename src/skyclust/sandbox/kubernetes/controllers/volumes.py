"""Volumes: a claim of a known storage class gets a volume made for it; a released one goes by its policy."""

from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers.pods import is_going, set_status

Document = dict[str, Any]

CLASSES = "storageclasses.storage.k8s.io"


def reconcile(cluster: Cluster) -> None:
    for claim in cluster.objects.all("persistentvolumeclaims"):
        if not claim["spec"].get("volumeName") and not is_going(claim):
            _provide(cluster, claim)
    for volume in cluster.objects.all("persistentvolumes"):
        _release(cluster, volume)


def _provide(cluster: Cluster, claim: Document) -> None:
    class_name = claim["spec"].get("storageClassName")
    storage_class = cluster.objects.get(CLASSES, "", class_name) if class_name else None
    if storage_class is None:
        return
    metadata = claim["metadata"]
    name = f"pvc-{metadata['uid']}"
    capacity = {"storage": claim["spec"]["resources"]["requests"]["storage"]}
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1"}
    reference |= {key: metadata[key] for key in ("namespace", "name", "uid")}
    volume = {
        "metadata": {"name": name},
        "spec": {
            "capacity": capacity,
            "accessModes": claim["spec"].get("accessModes", ["ReadWriteOnce"]),
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": class_name,
            "claimRef": reference,
            "csi": {"driver": storage_class["provisioner"], "volumeHandle": name},
        },
    }
    made = writing.add(cluster, cluster.resource("", "PersistentVolume"), volume)
    set_status(cluster, cluster.resource("", "PersistentVolume"), made, {"phase": "Bound"})
    status = {"phase": "Bound", "accessModes": volume["spec"]["accessModes"], "capacity": capacity}
    bound = {**claim, "spec": {**claim["spec"], "volumeName": name}, "status": status}
    writing.change(cluster, cluster.resource("", "PersistentVolumeClaim"), claim, bound)


def _release(cluster: Cluster, volume: Document) -> None:
    reference = volume["spec"].get("claimRef")
    if not reference or cluster.objects.by_uid(reference.get("uid", "")):
        return
    resource = cluster.resource("", "PersistentVolume")
    if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
        deleting.remove_in(cluster, resource, volume)
    else:
        set_status(cluster, resource, volume, {"phase": "Released"})
