"""Operations of compute.v1: made by every change, read by get, list and wait.

An operation document is written once; PENDING, RUNNING and DONE follow from its times and the clock.
Invariant: the same requestId in one project gives the same operation, so a repeated call has no second effect.
"""

import re
import uuid
from typing import Any

from skyclust.sandbox.gcp.cloud import Call, Cloud, named, numeric_id, stamp
from skyclust.sandbox.gcp.errors import GoogleError, Json, compute_not_found, invalid_field
from skyclust.sandbox.gcp.listing import matching, page
from skyclust.sandbox.kernel import due_after

START_DELAY_SECONDS = 0.5
KIND = "compute_operations"


def _trouble(kind: str, target: str) -> Json:
    """What the operation says when it fails for the caller's fault."""
    collection = target.split("/")[-2]
    metric = "CPUS" if collection == "instances" else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", collection).upper()
    code, message, status = {
        "no_capacity": (
            "ZONE_RESOURCE_POOL_EXHAUSTED",
            "The zone does not have enough resources available to fulfill the request. Try a different zone or later.",
            503,
        ),
        "quota": ("QUOTA_EXCEEDED", f"Quota '{metric}' exceeded.", 403),
    }[kind]
    error = {"errors": [{"code": code, "message": message}]}
    return {"_error": error, "_httpErrorStatusCode": status, "_httpErrorMessage": code}


def _scope_of(path: str) -> str:
    """`projects/p/regions/r` of a resource path."""
    parts = path.split("/")
    return "/".join(parts[:3] if parts[2] == "global" else parts[:4])


def begin(
    cloud: Cloud,
    call: Call,
    verb: str,
    target: str,
    target_id: str,
    *,
    seconds: float,
    effects: list[Json],
    undo: list[Json] | None = None,
) -> Json:
    """Record a change that ends in `seconds`; `undo` are the effects instead, if the caller's fault says it fails."""
    now = cloud.now()
    scope = _scope_of(target)
    path = f"{scope}/operations/operation-{int(now.timestamp() * 1000)}-{uuid.uuid4().hex[:13]}-{uuid.uuid4().hex[:8]}"
    end = due_after(now, max(seconds, START_DELAY_SECONDS * 2))
    document: Json = {
        "kind": "compute#operation", "id": numeric_id(path), "name": named(path), "operationType": verb,
        "targetLink": f"compute://{target}", "targetId": target_id, "user": call.caller, "insertTime": stamp(now),
        "selfLink": f"compute://{path}", "_start": now.timestamp() + START_DELAY_SECONDS, "_end": end.timestamp(),
        "_startTime": stamp(due_after(now, START_DELAY_SECONDS)), "_endTime": stamp(end),
    }  # fmt: skip
    if not scope.endswith("/global"):
        document[scope.split("/")[2].removesuffix("s")] = f"compute://{scope}"
    if call.trouble and undo is not None:
        document |= _trouble(call.trouble, target)
        effects = undo
    cloud.put(KIND, path, document)
    cloud.schedule(path, end, effects)
    remember_request(cloud, call, path)
    return current(cloud, document)


def current(cloud: Cloud, document: Json) -> Json:
    """The operation as it stands now."""
    now = cloud.now().timestamp()
    shown = {key: value for key, value in document.items() if not key.startswith("_")}
    if now < document["_start"]:
        return {**shown, "status": "PENDING", "progress": 0}
    shown["startTime"] = document["_startTime"]
    if now < document["_end"]:
        return {**shown, "status": "RUNNING", "progress": 50}
    shown |= {"status": "DONE", "progress": 100, "endTime": document["_endTime"]}
    if "_error" in document:
        shown |= {"error": document["_error"], "httpErrorStatusCode": document["_httpErrorStatusCode"],
                  "httpErrorMessage": document["_httpErrorMessage"]}  # fmt: skip
    return shown


def remember_request(cloud: Cloud, call: Call, operation: str) -> None:
    if call.query.get("requestId"):
        cloud.put("requests", _request_key(call), {"operation": operation})


def _request_key(call: Call) -> str:
    return f"{call.path.get('project', '')}/{call.query['requestId'].lower()}"


def repeated(cloud: Cloud, call: Call) -> Json | None:
    """The operation an earlier call with the same requestId began, None for a first call."""
    text = call.query.get("requestId")
    if not text:
        return None
    try:
        valid = uuid.UUID(text).int != 0
    except ValueError:
        valid = False
    if not valid:
        raise invalid_field("requestId", text, "Must be a valid, non-zero UUID.")
    seen = cloud.get("requests", _request_key(call))
    document = cloud.get(KIND, seen["operation"]) if seen else None
    return current(cloud, document) if document else None


def _scope(call: Call) -> str:
    project = call.path["project"]
    if "region" in call.path:
        return f"projects/{project}/regions/{call.path['region']}"
    if "zone" in call.path:
        return f"projects/{project}/zones/{call.path['zone']}"
    return f"projects/{project}/global"


def get(cloud: Cloud, call: Call) -> Json:
    path = f"{_scope(call)}/operations/{call.path['operation']}"
    document = cloud.get(KIND, path)
    if document is None:
        raise compute_not_found(path)
    return current(cloud, document)


def delete(cloud: Cloud, call: Call) -> Json:
    path = f"{_scope(call)}/operations/{call.path['operation']}"
    document = cloud.get(KIND, path)
    if document is None:
        raise compute_not_found(path)
    if current(cloud, document)["status"] != "DONE":
        raise GoogleError(400, "invalid", f"The operation '{path}' is still running and cannot be deleted.")
    cloud.remove(KIND, path)
    return {}


def _rows(cloud: Cloud, call: Call, under: str) -> tuple[list[tuple[str, Json]], str]:
    rows = [(path, current(cloud, document)) for path, document in cloud.all(KIND, under)]
    return page(matching(rows, call.query.get("filter", "")), call.query)


def list_(cloud: Cloud, call: Call) -> Json:
    scope = _scope(call)
    rows, token = _rows(cloud, call, f"{scope}/")
    answer: Json = {"kind": "compute#operationList", "id": f"{scope}/operations", "items": [row for _, row in rows],
                    "selfLink": f"compute://{scope}/operations"}  # fmt: skip
    return answer | ({"nextPageToken": token} if token else {})


def aggregated(cloud: Cloud, call: Call) -> Json:
    rows, token = _rows(cloud, call, f"projects/{call.path['project']}/")
    items: dict[str, Any] = {}
    for path, row in rows:
        items.setdefault("/".join(_scope_of(path).split("/")[2:]), {"operations": []})["operations"].append(row)
    answer: Json = {
        "kind": "compute#operationAggregatedList",
        "id": f"projects/{call.path['project']}/aggregated/operations",
        "items": items,
        "selfLink": f"compute://projects/{call.path['project']}/aggregated/operations",
    }
    return answer | ({"nextPageToken": token} if token else {})


HANDLERS = {
    f"compute.{scope}Operations.{verb}": handler
    for scope in ("global", "region", "zone")
    for verb, handler in (("get", get), ("wait", get), ("list", list_), ("delete", delete))
} | {"compute.globalOperations.aggregatedList": aggregated}
