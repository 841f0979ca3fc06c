"""What several controllers do with pods: own them, count them, make them from templates. Pure but for `make_pod`."""

import hashlib
import json
from typing import Any

from skyclust.sandbox.kubernetes import deleting, writing
from skyclust.sandbox.kubernetes.cluster import SUFFIX_LETTERS, Cluster
from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]

HASH_LENGTH = 10


def owner_reference(resource: Resource, owner: Document) -> Document:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(document: Document) -> Document | None:
    owners = document["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), None)


def owned(cluster: Cluster, collection: str, owner: Document) -> list[Document]:
    """What `owner` controls, in its namespace."""
    namespace, uid = owner["metadata"]["namespace"], owner["metadata"]["uid"]
    found = cluster.objects.all(collection, namespace)
    return [document for document in found if (controller_of(document) or {}).get("uid") == uid]


def is_going(document: Document) -> bool:
    return bool(document["metadata"].get("deletionTimestamp"))


def is_finished(pod: Document) -> bool:
    return pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}


def is_ready(pod: Document) -> bool:
    conditions = pod.get("status", {}).get("conditions") or ()
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def living(pods: list[Document]) -> list[Document]:
    return [pod for pod in pods if not is_going(pod) and not is_finished(pod)]


def template_hash(template: Document) -> str:
    """Names a template's content; not the real server's hash, but as good as one."""
    number = int(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest(), 16)
    letters = []
    for _ in range(HASH_LENGTH):
        number, index = divmod(number, len(SUFFIX_LETTERS))
        letters.append(SUFFIX_LETTERS[index])
    return "".join(letters)


def make_pod(
    cluster: Cluster, resource: Resource, owner: Document, template: Document, name: str = "", **extra: Document
) -> Document:
    """Store a pod of `template` for `owner`; `extra` may add labels and spec fields."""
    metadata = dict(template.get("metadata") or {})
    metadata["namespace"] = owner["metadata"]["namespace"]
    metadata["labels"] = {**metadata.get("labels", {}), **extra.get("labels", {})}
    metadata["ownerReferences"] = [owner_reference(resource, owner)]
    metadata["generateName"] = f"{owner['metadata']['name']}-"
    if name:
        metadata["name"] = name
    pod = {"metadata": metadata, "spec": {**template["spec"], **extra.get("spec", {})}}
    return writing.add(cluster, cluster.resource("", "Pod"), pod)


def delete_pod(cluster: Cluster, pod: Document) -> None:
    deleting.remove_in(cluster, cluster.resource("", "Pod"), pod)


def set_status(cluster: Cluster, resource: Resource, document: Document, status: Document) -> None:
    """Store a new status when it differs from the present one."""
    current = cluster.objects.get(
        resource.collection, document["metadata"].get("namespace", ""), document["metadata"]["name"]
    )
    if current is not None and current["metadata"]["uid"] == document["metadata"]["uid"]:
        writing.change(cluster, resource, current, {**current, "status": status})


def condition(kind: str, value: bool, reason: str, message: str, *, now: str, old: Document | None) -> Document:
    """A condition whose transition time stays while its value does."""
    word = "True" if value else "False"
    same = [entry for entry in (old or {}).get("conditions") or () if entry["type"] == kind and entry["status"] == word]
    at = same[0]["lastTransitionTime"] if same else now
    made = {"type": kind, "status": word, "lastTransitionTime": at}
    return made | ({"reason": reason} if reason else {}) | ({"message": message} if message else {})


def pod_condition(kind: str, value: bool, reason: str, message: str, *, now: str, old: Document | None) -> Document:
    """Pods say when a condition was probed, even when it never was."""
    return {"lastProbeTime": None, **condition(kind, value, reason, message, now=now, old=old)}


def scaled(value: Any, total: int, *, up: bool) -> int:
    """An int-or-percent of `total`."""
    if isinstance(value, int):
        return value
    share = int(str(value).removesuffix("%")) * total
    return -(-share // 100) if up else share // 100
