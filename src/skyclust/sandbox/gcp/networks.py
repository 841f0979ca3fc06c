"""VPC networks of compute.v1: creation in custom and auto mode, the default route, what hangs on them.

Invariant: an auto mode network has one subnetwork in every region, which goes with it.
"""

import ipaddress

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.cloud import Call, Cloud, named
from skyclust.sandbox.gcp.compute_resources import Kind, existing, handlers_of, resource_path
from skyclust.sandbox.gcp.errors import Json, invalid, invalid_field
from skyclust.sandbox.gcp.listing import list_answer
from skyclust.sandbox.gcp.network_users import network_users
from skyclust.sandbox.gcp.subnetworks import add_route, new_subnetwork, subnetwork_created

AUTO_RANGE = ipaddress.IPv4Network("10.128.0.0/9")


def _prepare_network(_cloud: Cloud, _call: Call, path: str, document: Json) -> Json:
    if "IPv4Range" in document:
        raise invalid("Legacy networks cannot be created; set autoCreateSubnetworks instead of IPv4Range.")
    document.setdefault("autoCreateSubnetworks", True)
    document.setdefault("mtu", 1460)
    if not 1300 <= int(document["mtu"]) <= 8896:
        raise invalid_field("resource.mtu", document["mtu"], "The MTU must be between 1300 and 8896.")
    document["routingConfig"] = {
        "routingMode": "REGIONAL",
        "bgpBestPathSelectionMode": "LEGACY",
        **document.get("routingConfig", {}),
    }
    document.setdefault("networkFirewallPolicyEnforcementOrder", "AFTER_CLASSIC_FIREWALL")
    document["selfLinkWithId"] = f"compute://{path.rsplit('/', 1)[0]}/{document['id']}"
    return document


def _change_network(_cloud: Cloud, _call: Call, _path: str, old: Json, body: Json) -> Json:
    allowed = {
        "routingConfig",
        "mtu",
        "enableUlaInternalIpv6",
        "internalIpv6Range",
        "networkFirewallPolicyEnforcementOrder",
    }
    for name in body:
        if name not in allowed and body[name] != old.get(name):
            raise invalid_field(f"resource.{name}", body[name], "The field cannot be changed.")
    return {**old, **body, "routingConfig": {**old["routingConfig"], **body.get("routingConfig", {})}}


def _network_created(cloud: Cloud, effect: Json) -> None:
    network = cloud.get("networks", effect["path"])
    if network is None:
        return
    add_route(cloud, effect["path"], "0.0.0.0/0", {"nextHopGateway": f"compute://projects/{cloud.project.id}/global/gateways/default-internet-gateway",
                                                    "description": "Default route to the Internet."})  # fmt: skip
    if network["autoCreateSubnetworks"]:
        for region, block in zip(catalog.REGIONS, AUTO_RANGE.subnets(new_prefix=20), strict=False):
            path = f"projects/{cloud.project.id}/regions/{region}/subnetworks/{named(effect['path'])}"
            cloud.put("subnetworks", path, new_subnetwork(cloud, path, region, {
                "network": f"compute://{effect['path']}", "ipCidrRange": str(block), "_automatic": True}))  # fmt: skip
            subnetwork_created(cloud, {"path": path})


def _network_deleted(cloud: Cloud, effect: Json) -> None:
    for kind in ("routes", "subnetworks"):
        for path, document in cloud.all(kind):
            if document.get("network") == f"compute://{effect['path']}" and document.get("_automatic"):
                cloud.remove(kind, path)


def _with_subnetworks(cloud: Cloud, document: Json) -> Json:
    link = document["selfLink"]
    links = [row["selfLink"] for _, row in cloud.all("subnetworks") if row["network"] == link]
    return {**document, "subnetworks": links} if links else document


def _get_network(cloud: Cloud, call: Call) -> Json:
    return _with_subnetworks(cloud, existing(cloud, "networks", resource_path(NETWORK, call)))


def _list_networks(cloud: Cloud, call: Call) -> Json:
    where = f"projects/{call.path['project']}/global/networks"
    rows = [(path, _with_subnetworks(cloud, row)) for path, row in cloud.all("networks", where + "/")]
    return list_answer(rows, call, "network", where)


def _effective_firewalls(cloud: Cloud, call: Call) -> Json:
    link = existing(cloud, "networks", resource_path(NETWORK, call))["selfLink"]
    return {"firewalls": [row for _, row in cloud.all("firewalls") if row["network"] == link]}


NETWORK = Kind(
    "networks",
    "networks",
    "network",
    "global",
    ("insert", "delete", "patch"),
    "gcp.network.create",
    "gcp.network.delete",
    _prepare_network,
    _change_network,
    network_users,
    "NETWORKS",
    "network.created",
    "network.deleted",
)
HANDLERS = {
    **handlers_of(NETWORK),
    "compute.networks.get": _get_network,
    "compute.networks.list": _list_networks,
    "compute.networks.getEffectiveFirewalls": _effective_firewalls,
}
EFFECTS = {"network.created": _network_created, "network.deleted": _network_deleted}
