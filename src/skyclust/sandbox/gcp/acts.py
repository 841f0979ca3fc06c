"""Acts of the outside world in Google Cloud: somebody deletes or changes things, takes quotas or permissions away.

Called by the control API. Invariant: goes around every check, as another tool or a console would appear to.
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.gcp.cloud import Cloud
from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.gcp.finding import find, need
from skyclust.sandbox.gcp.gke_clusters import remove_cluster
from skyclust.sandbox.gcp.leftovers import leave_leftovers, plant_decoy, plant_instance
from skyclust.sandbox.gcp.node_machines import machine_gone, remove_pool


def delete(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Remove {id} without asking what depends on it."""
    collection, path, document = find(cloud, need(body, "id"))
    if collection == "clusters":
        remove_cluster(cloud, path)
    elif collection == "node_pools":
        cluster = cloud.get("clusters", path.partition("/nodePools/")[0])
        if cluster is not None:
            remove_pool(cloud, cluster, document["name"])
    elif collection == "instances":
        machine_gone(cloud, {"path": path})
    cloud.remove(collection, path)
    return {"deleted": path}


def change(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Set {field} (dots go inside) of {id} to {value}; null removes it."""
    collection, path, document = find(cloud, need(body, "id"))
    *parents, last = need(body, "field").split(".")
    inner: Any = document
    for parent in parents:
        inner = inner[int(parent)] if isinstance(inner, list) else inner.setdefault(parent, {})
    if body.get("value") is None:
        inner.pop(last, None)
    else:
        inner[last] = body["value"]
    cloud.put(collection, path, document)
    return {"changed": path}


def set_quota(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The limit of {metric} in {region} (a region, or global when it is left out) is now {limit}."""
    metric, scope = need(body, "metric"), str(body.get("region") or "global")
    limit = body.get("limit")
    if isinstance(limit, bool) or not isinstance(limit, int | float):
        raise ValueError("Give 'limit', a number.")  # noqa: TRY004 - the control API answers 422 to ValueError
    cloud.put("quotas", f"{scope}/{metric}", {"limit": limit})
    return {"metric": metric, "scope": scope, "limit": limit}


def deny_permissions(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The caller no longer holds {permissions} in the project; an empty list gives all back."""
    names = body.get("permissions")
    if not isinstance(names, list):
        raise ValueError("Give 'permissions', a list of names.")  # noqa: TRY004 - the control API answers 422 to ValueError
    cloud.put("denied_permissions", "project", {"permissions": [str(name) for name in names]})
    return {"denied": names}


ACTIONS: dict[str, Callable[[Cloud, dict[str, Any]], Json]] = {
    "delete": delete,
    "change": change,
    "plant_decoy": plant_decoy,
    "plant_instance": plant_instance,
    "leave_leftovers": leave_leftovers,
    "delete_resource": delete,  # the words the other simulated clouds use for the same
    "set_field": change,
    "plant_decoys": plant_decoy,
    "kubernetes_leftovers": leave_leftovers,
    "set_quota": set_quota,
    "deny_permissions": deny_permissions,
}
