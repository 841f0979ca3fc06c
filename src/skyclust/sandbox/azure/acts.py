"""Acts of the outside world in Azure: somebody deletes or changes things, takes quotas, rights or the secret away.

Called by the control API. Invariant: goes around every check, as another tool or the portal would appear to.
"""

from collections.abc import Callable
from typing import Any

from joserfc.errors import JoseError

from skyclust.sandbox.azure import catalog, counting, governance, groups, permissions
from skyclust.sandbox.azure.cloud import GROUPS, Cloud
from skyclust.sandbox.azure.errors import Json
from skyclust.sandbox.azure.federation import ASSERTION_AUDIENCE
from skyclust.sandbox.azure.finding import find, need
from skyclust.sandbox.azure.leftovers import kubernetes_leftovers, plant_decoys, plant_instance, told_of_machines
from skyclust.sandbox.azure.resources import forget
from skyclust.sandbox.azure.skus import RESTRICTIONS
from skyclust.sandbox.azure.subnet_users import MACHINES, NICS, SCALE_SETS


def delete(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Remove {id} without asking what depends on it; a machine takes its interface along, and the other way round."""
    collection, document = find(cloud, need(body, "id"))
    if collection == GROUPS:
        groups.remove(cloud, document["name"])
        return {"deleted": document["id"]}
    if collection == NICS and (machine := document["properties"].get("virtualMachine", {}).get("id")):
        owner, owning = find(cloud, machine)
        forget(cloud, cloud.kinds[owner], owning)
    forget(cloud, cloud.kinds[collection], document)
    if collection in (MACHINES, SCALE_SETS):
        told_of_machines(cloud, document["id"].partition("/virtualMachines/")[0])
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


def set_quota(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The limit of {metric} (cores, a family, VirtualNetworks, ...) in {region} is now {limit}."""
    metric, limit = need(body, "metric"), body.get("limit")
    region = catalog.location_of(str(body.get("region") or "westeurope"), "quotas")
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise ValueError("Give 'limit', a number.")  # noqa: TRY004 - the control API answers 422 to ValueError
    counting.set_limit(cloud, region, metric, limit)
    return {"metric": metric, "region": region, "limit": limit}


def restrict_size(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The subscription may no longer use {size} in {region}; {"lift": true} lets it again."""
    size, region = need(body, "size"), catalog.location_of(need(body, "region"), "restrictions")
    key = f"{region}/{size.lower()}"
    if body.get("lift"):
        cloud.remove(RESTRICTIONS, key)
    else:
        cloud.put(RESTRICTIONS, key, {"reason": "NotAvailableForSubscription"})
    return {"size": size, "region": region}


def deny_permissions(cloud: Cloud, body: dict[str, Any]) -> Json:
    """The caller no longer holds {permissions}, globs such as Microsoft.Network/*/write; an empty list gives "
    "all back.
    """
    names = body.get("permissions")
    if not isinstance(names, list):
        raise ValueError("Give 'permissions', a list of names.")  # noqa: TRY004 - the control API answers 422 to ValueError
    permissions.deny(cloud, [str(name) for name in names])
    return {"denied": names}


def lock_resource(cloud: Cloud, body: dict[str, Any]) -> Json:
    """Lay a CanNotDelete lock on {id}, a group or a resource; {"lift": true} takes it away."""
    _, document = find(cloud, need(body, "id"))
    governance.lock(cloud, document["id"], locked=not body.get("lift"))
    return {"id": document["id"], "locked": not body.get("lift")}


def set_policy(cloud: Cloud, body: dict[str, Any]) -> Json:
    """A policy forbids {types}, globs such as Microsoft.Network/publicIPAddresses; an empty list lifts it."""
    kinds = body.get("types")
    if not isinstance(kinds, list):
        raise ValueError("Give 'types', a list of resource types.")  # noqa: TRY004 - the control API answers 422 to ValueError
    governance.forbid(cloud, [str(kind) for kind in kinds], str(body.get("name") or "not-allowed-resource-types"))
    return {"forbidden": kinds}


def revoke(cloud: Cloud, _body: dict[str, Any]) -> Json:
    """The secret has ended and no token opens anything any more, until `restore`."""
    cloud.identities.revoke(revoked=True)
    return {"revoked": True}


def restore(cloud: Cloud, _body: dict[str, Any]) -> Json:
    cloud.identities.revoke(revoked=False)
    return {"revoked": False}


def trust_issuer(cloud: Cloud, body: dict[str, Any]) -> Json:
    """A federated identity credential: assertions of {issuer} for {subject} log in; {"lift": true} deletes it.

    {matching}, with *, instead of {subject} lets in several (a claims matching expression). Keys are those of {jwks};
    left out, they are fetched from the issuer, as Entra does.
    """
    jwks, matching = body.get("jwks"), str(body.get("matching") or "")
    if jwks is not None and not isinstance(jwks, dict):
        raise ValueError("'jwks' is no JSON Web Key Set. Leave it out to have it fetched from the issuer.")
    trusted = {
        "issuer": need(body, "issuer"), "subject": "" if matching else need(body, "subject"), "matching": matching,
        "audience": str(body.get("audience") or ASSERTION_AUDIENCE),
    }  # fmt: skip
    try:
        cloud.identities.trust({**trusted, "jwks": jwks}, lift=bool(body.get("lift")))
    except (JoseError, KeyError, TypeError) as wrong:
        raise ValueError(f"'jwks' is no JSON Web Key Set: {wrong}.") from wrong
    return {**trusted, "trusted": not body.get("lift")}


ACTIONS: dict[str, Callable[[Cloud, dict[str, Any]], Json]] = {
    "delete": delete,
    "change": change,
    "delete_resource": delete,  # the words the other simulated clouds use for the same
    "change_resource": change,
    "set_field": change,
    "plant_decoy": plant_decoys,
    "plant_decoys": plant_decoys,
    "plant_instance": plant_instance,
    "leave_leftovers": kubernetes_leftovers,
    "kubernetes_leftovers": kubernetes_leftovers,
    "set_quota": set_quota,
    "restrict_size": restrict_size,
    "deny_permissions": deny_permissions,
    "lock_resource": lock_resource,
    "set_policy": set_policy,
    "revoke": revoke,
    "restore": restore,
    "trust_issuer": trust_issuer,
}
