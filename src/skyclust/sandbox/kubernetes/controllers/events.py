"""Events: what controllers tell of what they did, kept for an hour of cloud time as on a real cluster."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from skyclust.sandbox.kubernetes import writing
from skyclust.sandbox.kubernetes.cluster import Cluster, parse_time
from skyclust.sandbox.kubernetes.objects import namespace_of

Document = dict[str, Any]

LIFETIME = timedelta(hours=1)


def record(
    cluster: Cluster, about: Document, reason: str, message: str, *, component: str, warning: bool = False
) -> None:
    """One event about an object; saying the same again raises its count."""
    namespace = namespace_of(about) or "default"
    if cluster.objects.get("namespaces", "", namespace) is None:
        return
    resource, now = cluster.resource("", "Event"), cluster.timestamp()
    digest = hashlib.sha256("|".join((about["metadata"]["uid"], reason, message)).encode()).hexdigest()
    name = f"{about['metadata']['name']}.{digest[:16]}"
    event = cluster.objects.get("events", namespace, name)
    if event is not None:
        again = {**event, "count": event["count"] + 1, "lastTimestamp": now}
        writing.change(cluster, resource, event, again)
        return
    writing.add(
        cluster,
        resource,
        {
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": _reference(about),
            "reason": reason,
            "message": message,
            "type": "Warning" if warning else "Normal",
            "source": {"component": component},
            "reportingComponent": component,
            "reportingInstance": "",
            "firstTimestamp": now,
            "lastTimestamp": now,
            "eventTime": None,
            "count": 1,
        },
    )


def _reference(about: Document) -> Document:
    metadata = about["metadata"]
    kept = ("namespace", "name", "uid", "resourceVersion")
    return {
        "kind": about["kind"],
        "apiVersion": about["apiVersion"],
        **{key: metadata[key] for key in kept if key in metadata},
    }


def reconcile(cluster: Cluster) -> datetime | None:
    """Drops what is too old; looks again when the next one is."""
    ends = []
    for event in cluster.objects.all("events"):
        said = event.get("lastTimestamp") or event["metadata"]["creationTimestamp"]
        end = parse_time(said) + LIFETIME
        if cluster.now() >= end:
            cluster.objects.remove("events", event)
        else:
            ends.append(end)
    return min(ends, default=None)
