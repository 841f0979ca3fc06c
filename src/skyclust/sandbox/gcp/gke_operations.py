"""Operations of container.v1: made by every change to a cluster or node pool, read by get, list and cancel.

An operation document is written once; its status follows from its times and the clock. What it does when it ends are
effects; an effect that finds it cannot be done records the error here.
Invariant: a cluster has one operation at a time, but different node pools may have theirs side by side.
"""

import uuid

from skyclust.sandbox.gcp.cloud import Call, Cloud, named, stamp
from skyclust.sandbox.gcp.errors import Json, bad_argument, cluster_busy, failed_precondition, not_found
from skyclust.sandbox.kernel import due_after

KIND = "container_operations"
START_DELAY_SECONDS = 1.0
RESOURCE_EXHAUSTED = 8


def where(cloud: Cloud, location: str) -> str:
    return f"projects/{cloud.project.id}/locations/{location}"


def link(path: str) -> str:
    """The self link of a path below a location: zonal things are linked below `zones`, as GKE does."""
    parts = path.split("/")
    if parts[3].count("-") == 2:
        parts[2] = "zones"
    return "container://" + "/".join(parts)


def begin(cloud: Cloud, call: Call, verb: str, target: str, seconds: float, *, effects: list[Json]) -> Json:
    """Record a change of `target` (a cluster's or node pool's path) whose `effects` run after `seconds`."""
    now = cloud.now()
    location = target.split("/")[3]
    name = f"operation-{int(now.timestamp() * 1000)}-{uuid.uuid4()}"
    path = f"{where(cloud, location)}/operations/{name}"
    end = due_after(now, max(seconds, START_DELAY_SECONDS * 2))
    cluster, _, pool = target.partition("/nodePools/")
    document: Json = {
        "name": name, "zone": location, "location": location, "operationType": verb, "selfLink": link(path),
        "targetLink": link(target), "startTime": stamp(now), "_start": now.timestamp() + START_DELAY_SECONDS,
        "_end": end.timestamp(), "_endTime": stamp(end), "_cluster": cluster, "_pool": pool,
    }  # fmt: skip
    cloud.put(KIND, path, document)
    trouble = {"operation": path, "trouble": call.trouble}
    cloud.schedule(path, end, [{**effect, **trouble} for effect in effects])
    return current(cloud, document)


def fail(cloud: Cloud, effect: Json, message: str, code: int = RESOURCE_EXHAUSTED) -> None:
    """The operation behind `effect` ends with an error."""
    document = cloud.get(KIND, effect["operation"])
    if document is not None:
        cloud.put(KIND, effect["operation"], {**document, "_error": {"code": code, "message": message}})


def current(cloud: Cloud, document: Json) -> Json:
    now = cloud.now().timestamp()
    shown = {key: value for key, value in document.items() if not key.startswith("_")}
    if document.get("_cancelled"):
        return {**shown, "status": "DONE", "endTime": document["_cancelled"],
                "error": {"code": 1, "message": "Operation was cancelled."}}  # fmt: skip
    if now < document["_start"]:
        return {**shown, "status": "PENDING"}
    if now < document["_end"]:
        return {**shown, "status": "RUNNING"}
    shown |= {"status": "DONE", "endTime": document["_endTime"]}
    if "_error" in document:
        shown |= {"error": document["_error"], "statusMessage": document["_error"]["message"]}
    return shown


def running(cloud: Cloud, cluster: str) -> list[Json]:
    """The operations on a cluster and its node pools that have not ended."""
    found = (cloud.get(KIND, key) for key, _ in cloud.all("pending") if "/locations/" in key)
    return [row for row in found if row is not None and row["_cluster"] == cluster]


def check_free(cloud: Cloud, cluster: str, pool: str = "") -> None:
    for row in running(cloud, cluster):
        if not pool or not row["_pool"] or row["_pool"] == pool:
            raise cluster_busy(row["name"])


def _existing(cloud: Cloud, call: Call) -> tuple[str, Json]:
    path = f"{where(cloud, call.path['location'])}/operations/{call.path['operation']}"
    document = cloud.get(KIND, path)
    if document is None:
        raise not_found(path)
    return path, document


def get(cloud: Cloud, call: Call) -> Json:
    return current(cloud, _existing(cloud, call)[1])


def list_(cloud: Cloud, call: Call) -> Json:
    location = call.path["location"]
    under = f"projects/{cloud.project.id}/locations/" + ("" if location == "-" else f"{location}/")
    return {"operations": [current(cloud, document) for _, document in cloud.all(KIND, under)]}


def cancel(cloud: Cloud, call: Call) -> Json:
    """GKE cancels upgrades of nodes only; what they changed until then stays."""
    path, document = _existing(cloud, call)
    if not cloud.is_pending(path):
        raise failed_precondition(f"Operation {named(path)} is already done.")
    if document["operationType"] != "UPGRADE_NODES":
        raise bad_argument(f"Operation {named(path)} of type {document['operationType']} cannot be cancelled.")
    cloud.finish_now(path)
    cloud.put(KIND, path, {**document, "_cancelled": stamp(cloud.now())})
    return {}


HANDLERS = {
    f"container.projects.{scope}.operations.{verb}": handler
    for scope in ("locations", "zones")
    for verb, handler in (("get", get), ("list", list_), ("cancel", cancel))
}
