"""What GKE's operations tell about a change that came to nothing. Called by the drivers of clusters and node pools.

A change that fails half-way leaves the cluster or pool running as before; only its operation knows why. The error is
told once per session and operation: after a resume the change is tried again.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from skyclust.contract.resources import JsonObject
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import classify_operation_error
from skyclust.providers.gcp.naming import relative_path
from skyclust.providers.gcp.sessions import GcpSession


async def raise_last_failure(gcp: GcpSession, path: str) -> None:
    """Raise the error that the last operation on `path` ended with, unless this session has told it before."""
    parent = "/".join(path.split("/")[:4])
    answer = await gcp.read(partial(_list, parent))
    last = last_operation(answer.get("operations", []), path)
    if last is None or "error" not in last or last["name"] in gcp.told_failures:
        return
    gcp.told_failures.add(last["name"])
    error = last["error"]
    message = str(error.get("message") or last.get("statusMessage") or "Google gave no reason.")
    raise classify_operation_error(str(error.get("code", "")), message, f"container {last['operationType']}")


def last_operation(operations: list[JsonObject], path: str) -> JsonObject | None:
    """The operation on this very resource that started last; links of zonal things say `zones` for `locations`."""
    wanted = path.replace("/zones/", "/locations/")
    on_it = [
        operation
        for operation in operations
        if relative_path(str(operation.get("targetLink", ""))).replace("/zones/", "/locations/") == wanted
    ]
    return max(on_it, key=lambda operation: str(operation.get("startTime", "")), default=None)


def _list(parent: str, apis: Apis) -> Any:
    return apis.container.projects().locations().operations().list(parent=parent)
