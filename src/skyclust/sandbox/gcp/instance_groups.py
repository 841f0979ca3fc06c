"""Instance groups and their managers in compute.v1, as GKE makes them behind node pools.

Invariant: they are read here and changed by their node pool only.
"""

from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.compute_resources import Kind, existing, handlers_of, resource_path
from skyclust.sandbox.gcp.errors import GoogleError, Json
from skyclust.sandbox.gcp.listing import list_answer


def _group_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    link = f"compute://{path}"
    return next((user for user, row in cloud.all("instanceGroupManagers") if row["instanceGroup"] == link), None)


def _members(cloud: Cloud, path: str) -> list[tuple[str, Json]]:
    return [(where, row) for where, row in cloud.all("instances") if row.get("_group") == path]


def _with_size(cloud: Cloud, path: str, document: Json) -> Json:
    return {**document, "size": len(_members(cloud, path))}


def _get_group(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP, call)
    return _with_size(cloud, path, existing(cloud, "instanceGroups", path))


def _list_groups(cloud: Cloud, call: Call) -> Json:
    where = f"projects/{call.path['project']}/zones/{call.path['zone']}/instanceGroups"
    return list_answer(
        [(path, _with_size(cloud, path, row)) for path, row in cloud.all("instanceGroups", where + "/")],
        call,
        "instanceGroup",
        where,
    )


def _list_group_instances(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP, call)
    existing(cloud, "instanceGroups", path)
    rows = [(where, {"instance": row["selfLink"], "status": row["status"]}) for where, row in _members(cloud, path)]
    answer = list_answer(rows, call, "instanceGroups", f"{path}/listInstances")
    return {**answer, "kind": "compute#instanceGroupsListInstances"}


def _list_managed(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GROUP_OWNER, call)
    group = existing(cloud, "instanceGroupManagers", path)["instanceGroup"].removeprefix("compute://")
    return {
        "managedInstances": [
            {
                "instance": row["selfLink"],
                "id": row["id"],
                "name": row["name"],
                "instanceStatus": row["status"],
                "currentAction": "NONE",
            }
            for _, row in _members(cloud, group)
        ]
    }


def _not_by_hand(cloud: Cloud, call: Call) -> Json:
    existing(cloud, "instanceGroupManagers", resource_path(GROUP_OWNER, call), ready=True)
    raise GoogleError(
        400, "invalid", "The sandbox changes instance groups through their GKE node pool only; call nodePools:setSize."
    )


def _no_autoscalers(_cloud: Cloud, call: Call) -> Json:
    """GKE's autoscaler is not Compute Engine's: there is never one of those."""
    kind = "autoscalerAggregatedList" if call.method.id.endswith("aggregatedList") else "autoscalerList"
    return {"kind": f"compute#{kind}", "id": f"projects/{call.path['project']}/autoscalers"}


GROUP = Kind(
    "instanceGroups", "instanceGroups", "instanceGroup", "zones", ("aggregatedList", "delete"), users=_group_users
)
GROUP_OWNER = Kind(
    "instanceGroupManagers", "instanceGroupManagers", "instanceGroupManager", "zones", ("get", "list", "aggregatedList")
)
HANDLERS = {
    **handlers_of(GROUP),
    **handlers_of(GROUP_OWNER),
    "compute.instanceGroups.get": _get_group,
    "compute.instanceGroups.list": _list_groups,
    "compute.instanceGroups.listInstances": _list_group_instances,
    "compute.instanceGroupManagers.listManagedInstances": _list_managed,
    "compute.instanceGroupManagers.resize": _not_by_hand,
    "compute.instanceGroupManagers.delete": _not_by_hand,
    "compute.autoscalers.list": _no_autoscalers,
    "compute.autoscalers.aggregatedList": _no_autoscalers,
}
