"""What Kubernetes' controllers make load balancers of: forwarding rules, target pools, endpoint groups.

Invariant: a target pool stays while a forwarding rule points at it.
"""

from dataclasses import replace

from skyclust.sandbox.gcp.cloud import Call, Cloud, path_of, short_hash
from skyclust.sandbox.gcp.compute_resources import Kind, existing, handlers_of, referenced, resource_path
from skyclust.sandbox.gcp.errors import Json, required

_ALL = ("insert", "get", "list", "aggregatedList", "delete")


def _prepare_endpoint_group(cloud: Cloud, _call: Call, _path: str, document: Json) -> Json:
    document.setdefault("networkEndpointType", "GCE_VM_IP_PORT")
    if "subnetwork" in document:
        subnetwork = referenced(cloud, "resource.subnetwork", document["subnetwork"], "subnetworks")
        document["subnetwork"] = f"compute://{subnetwork}"
        document["network"] = existing(cloud, "subnetworks", subnetwork)["network"]
    elif document["networkEndpointType"].startswith("GCE_"):
        document["network"] = "compute://" + referenced(cloud, "resource.network", document.get("network"), "networks")
    return {"size": 0, **document}


def _prepare_forwarding_rule(cloud: Cloud, _call: Call, path: str, document: Json) -> Json:
    done = {"loadBalancingScheme": "EXTERNAL", "IPProtocol": "TCP", "networkTier": "PREMIUM", **document}
    if not done.get("target") and not done.get("backendService"):
        raise required("resource.target")
    if done.get("target"):
        target = path_of(done["target"], cloud.project.id)
        if "/targetPools/" in target:
            referenced(cloud, "resource.target", done["target"], "targetPools")
        done["target"] = f"compute://{target}"
    for field, collection in (("network", "networks"), ("subnetwork", "subnetworks")):
        if done.get(field):
            done[field] = "compute://" + referenced(cloud, f"resource.{field}", done[field], collection)
    if done.get("subnetwork") and not done.get("network"):
        done["network"] = existing(cloud, "subnetworks", done["subnetwork"].removeprefix("compute://"))["network"]
    done.setdefault("IPAddress", f"203.0.113.{int(short_hash(path, 4), 16) % 254 + 1}")
    return done


def _pool_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    return next(
        (user for user, rule in cloud.all("forwardingRules") if rule.get("target") == f"compute://{path}"), None
    )


def _list_endpoints(cloud: Cloud, call: Call) -> Json:
    existing(cloud, "networkEndpointGroups", resource_path(ENDPOINT_GROUP, call))
    return {"kind": "compute#networkEndpointGroupsListNetworkEndpoints", "id": call.path["networkEndpointGroup"]}


ENDPOINT_GROUP = Kind(
    "networkEndpointGroups",
    "networkEndpointGroups",
    "networkEndpointGroup",
    "zones",
    _ALL,
    prepare=_prepare_endpoint_group,
)
FORWARDING_RULE = Kind(
    "forwardingRules",
    "forwardingRules",
    "forwardingRule",
    "regions",
    (*_ALL, "setLabels"),
    prepare=_prepare_forwarding_rule,
    quota="FORWARDING_RULES",
)
GLOBAL_FORWARDING_RULE = replace(
    FORWARDING_RULE,
    resource="globalForwardingRules",
    scope="global",
    verbs=("insert", "get", "list", "delete", "setLabels"),
)
TARGET_POOL = Kind("targetPools", "targetPools", "targetPool", "regions", _ALL, users=_pool_users, quota="TARGET_POOLS")
HANDLERS = {
    **handlers_of(ENDPOINT_GROUP),
    **handlers_of(FORWARDING_RULE),
    **handlers_of(GLOBAL_FORWARDING_RULE),
    **handlers_of(TARGET_POOL),
    "compute.networkEndpointGroups.listNetworkEndpoints": _list_endpoints,
}
