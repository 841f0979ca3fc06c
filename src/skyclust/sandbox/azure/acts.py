"""Acts of the outside world in Azure: somebody deletes or changes things, takes quotas or rights away.

Called by the control API. Invariant: goes around every check, as another tool or the portal would appear to.
"""

from collections.abc import Callable
from typing import Any

from skyclust.sandbox.azure import groups, permissions
from skyclust.sandbox.azure.cloud import GROUPS, Cloud
from skyclust.sandbox.azure.errors import Json
from skyclust.sandbox.azure.finding import find, need
from skyclust.sandbox.azure.resources import forget


def delete(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Remove {id} without asking what depends on it."""
    collection, document = find(cloud, need(body, "id"))
    if collection == GROUPS:
        groups.remove(cloud, document["name"])
    else:
        forget(cloud, cloud.kinds[collection], document)
    return {"deleted": document["id"]}


def change(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Set {field} (dots go inside) of {id} to {value}; null removes it."""
    collection, document = find(cloud, need(body, "id"))
    *parents, last = need(body, "field").split(".")
    inner: Any = document
    for parent in parents:
        inner = inner[int(parent)] if isinstance(inner, list) else inner.setdefault(parent, {})
    if body.get("value") is None:
        inner.pop(last, None)
    else:
        inner[last] = body["value"]
    cloud.put(collection, document["id"].lower(), document)
    return {"changed": document["id"]}


def deny_permissions(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The caller no longer holds {permissions}, globs such as Microsoft.Network/*/write; an empty list gives "
    "all back.
    """
    names = body.get("permissions")
    if not isinstance(names, list):
        raise ValueError("Give 'permissions', a list of names.")  # noqa: TRY004 - the control API answers 422 to ValueError
    permissions.deny(cloud, [str(name) for name in names])
    return {"denied": names}


ACTIONS: dict[str, Callable[[Cloud, dict[str, Any]], Json]] = {
    "delete": delete,
    "change": change,
    "delete_resource": delete,  # the words the other simulated clouds use for the same
    "change_resource": change,
    "set_field": change,
    "deny_permissions": deny_permissions,
}
