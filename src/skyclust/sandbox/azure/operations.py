"""Long-running operations of Resource Manager: begun by changes, followed by clients through the two headers.

An operation document is written once; its status follows from its times and the clock. What it does when it ends are
effects; an effect that finds it cannot be done records the error here. Source:
https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

import uuid
from datetime import UTC, datetime

from skyclust.sandbox.azure.cloud import OPERATIONS, Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import ArmError, Json
from skyclust.sandbox.kernel import due_after

RETRY_SECONDS = {"Microsoft.Network": 10, "Microsoft.ContainerService": 20, "Microsoft.Resources": 15}
_SUBSCRIPTION = "/subscriptions/{subscription}"


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def begin(
    cloud: Cloud, call: Call, target: Json, namespace: str, seconds: float, effects: list[Json]
) -> dict[str, str]:
    """Record a change of `target` whose `effects` run after `seconds`; the headers by which a client follows it.

    Marks the document, which the caller then writes.
    """
    operation = str(uuid.uuid4())
    now = cloud.now()
    end = due_after(now, seconds)
    location = target.get("location") or target["_location"]
    cloud.put(
        OPERATIONS,
        operation,
        {
            "name": operation,
            "target": target["id"],
            "type": target["type"],
            "start": now.timestamp(),
            "end": end.timestamp(),
            "location": location,
            "namespace": namespace,
        },
    )
    target["_operation"] = operation
    mark = {"operation": operation, "trouble": call.trouble}
    cloud.schedule(operation, end, [{**effect, **mark} for effect in effects])
    return _headers(cloud, call, namespace, location, operation)


def _headers(cloud: Cloud, call: Call, namespace: str, location: str, operation: str) -> dict[str, str]:
    version = f"?api-version={call.query['api-version']}"
    base = f"{call.base_url}/subscriptions/{cloud.account.subscription}"
    if namespace == "Microsoft.Resources":
        return {"location": f"{base}/operationresults/{operation}{version}", **retry_after(cloud, namespace)}
    where = f"{base}/providers/{namespace}/locations/{location}"
    return {
        "azure-asyncoperation": f"{where}/operations/{operation}{version}",
        "location": f"{where}/operationResults/{operation}{version}",
        **retry_after(cloud, namespace),
    }


def retry_after(cloud: Cloud, namespace: str) -> dict[str, str]:
    """How long to wait before asking again, in the client's time; below a second in the header that takes "
    "milliseconds.
    """
    real = RETRY_SECONDS.get(namespace, 10) / cloud.kernel.clock.speed
    return {"retry-after": str(round(real))} if real >= 1 else {"retry-after-ms": str(max(round(real * 1000), 10))}


def fail(cloud: Cloud, effect: Json, code: str, message: str) -> None:
    """The operation behind `effect` ends with an error."""
    document = cloud.get(OPERATIONS, effect["operation"])
    if document is not None:
        cloud.put(OPERATIONS, effect["operation"], {**document, "error": {"code": code, "message": message}})


def is_busy(cloud: Cloud, document: Json) -> bool:
    """Whether the last change of a resource has not ended yet."""
    return bool(document.get("_operation")) and cloud.is_pending(document["_operation"])


def cancel(cloud: Cloud, document: Json) -> None:
    """The running operation of a resource ends now, without its effects."""
    operation = document["_operation"]
    found = cloud.get(OPERATIONS, operation)
    cloud.finish_now(operation)
    if found is not None:
        cloud.put(OPERATIONS, operation, {**found, "end": cloud.now().timestamp(), "cancelled": True})


def status_of(cloud: Cloud, document: Json) -> str:
    if cloud.now().timestamp() < document["end"]:
        return "InProgress"
    if document.get("cancelled"):
        return "Canceled"
    return "Failed" if "error" in document else "Succeeded"


def _existing(cloud: Cloud, call: Call) -> Json:
    found = cloud.get(OPERATIONS, call.path["operation"])
    if found is None:
        raise ArmError(404, "OperationNotFound", f"The operation '{call.path['operation']}' was not found.")
    return found


def read(cloud: Cloud, call: Call) -> Answer:
    """What Azure-AsyncOperation leads to: 200 with a status, whatever it is."""
    document = _existing(cloud, call)
    status = status_of(cloud, document)
    body: Json = {
        "id": call.url.removeprefix(call.base_url),
        "name": document["name"],
        "status": status,
        "startTime": stamp(datetime.fromtimestamp(document["start"], UTC)),
    }
    if status == "InProgress":
        return Answer(200, body, retry_after(cloud, document["namespace"]))
    body["endTime"] = stamp(datetime.fromtimestamp(document["end"], UTC))
    if status == "Failed":
        body["error"] = document["error"]
    return Answer(200, body)


def read_result(cloud: Cloud, call: Call) -> Answer:
    """What Location leads to: 202 while it runs, then what the change itself would have answered."""
    document = _existing(cloud, call)
    status = status_of(cloud, document)
    if status == "InProgress":
        here = f"{call.url}?api-version={call.query['api-version']}"
        return Answer(202, None, {"location": here, **retry_after(cloud, document["namespace"])})
    if status == "Failed":
        raise ArmError(409, document["error"]["code"], document["error"]["message"])
    target = cloud.get(str(document["type"]).lower(), str(document["target"]).lower())
    if target is None:
        return Answer(200 if document["namespace"] == "Microsoft.Resources" else 204)
    kind = cloud.kinds.get(str(document["type"]).lower())
    return Answer(200, kind.show(cloud, target) if kind else target)


def _routes_of(namespace: str) -> list[Route]:
    where = f"{_SUBSCRIPTION}/providers/{namespace}/locations/{{location}}"
    return [
        Route("GET", f"{where}/operations/{{operation}}", f"{namespace}/locations/operations/read", read),
        Route(
            "GET",
            f"{where}/operationResults/{{operation}}",
            f"{namespace}/locations/operationResults/read",
            read_result,
        ),
    ]


ROUTES = [
    *_routes_of("Microsoft.Network"),
    *_routes_of("Microsoft.ContainerService"),
    *_routes_of("Microsoft.Compute"),
    Route(
        "GET",
        f"{_SUBSCRIPTION}/operationresults/{{operation}}",
        "Microsoft.Resources/subscriptions/operationresults/read",
        read_result,
    ),
]
