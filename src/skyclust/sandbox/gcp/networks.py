"""VPC networks and subnetworks of compute.v1: ranges, automatic routes, who still uses them."""

import ipaddress
from collections.abc import Iterator

from skyclust.sandbox.gcp import catalog, compute_operations
from skyclust.sandbox.gcp.cloud import Call, Cloud, named, numeric_id, short_hash, stamp
from skyclust.sandbox.gcp.compute_resources import (
    Kind,
    apply_change,
    check_name,
    check_quota,
    existing,
    handlers_of,
    list_answer,
    referenced,
    resource_path,
)
from skyclust.sandbox.gcp.errors import GoogleError, Json, invalid, invalid_field, required
from skyclust.sandbox.gcp.networking import (
    check_disjoint,
    check_no_overlap,
    check_primary,
    check_secondary,
    gateway_of,
    parse_range,
)

AUTO_RANGE = ipaddress.IPv4Network("10.128.0.0/9")
_POINTS_AT_NETWORK = ("routers", "firewalls", "addresses", "networkEndpointGroups", "forwardingRules")


def _prepare_network(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
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
        "description",
    }
    for name in body:
        if name not in allowed and body[name] != old.get(name):
            raise invalid_field(f"resource.{name}", body[name], "The field cannot be changed.")
    return {**old, **body, "routingConfig": {**old["routingConfig"], **body.get("routingConfig", {})}}


def _network_created(cloud: Cloud, effect: Json) -> None:
    network = cloud.get("networks", effect["path"])
    if network is None:
        return
    _add_route(cloud, effect["path"], "0.0.0.0/0", {"nextHopGateway": f"compute://projects/{cloud.project.id}/global/gateways/default-internet-gateway",
                                                    "description": "Default route to the Internet."})  # fmt: skip
    if network["autoCreateSubnetworks"]:
        for region, block in zip(catalog.REGIONS, AUTO_RANGE.subnets(new_prefix=20), strict=False):
            path = f"projects/{cloud.project.id}/regions/{region}/subnetworks/{named(effect['path'])}"
            cloud.put("subnetworks", path, _subnetwork(cloud, path, region, {
                "network": f"compute://{effect['path']}", "ipCidrRange": str(block), "_automatic": True}))  # fmt: skip
            _subnetwork_created(cloud, {"path": path})


def _network_deleted(cloud: Cloud, effect: Json) -> None:
    for kind in ("routes", "subnetworks"):
        for path, document in cloud.all(kind):
            if document.get("network") == f"compute://{effect['path']}" and document.get("_automatic"):
                cloud.remove(kind, path)


def _add_route(cloud: Cloud, network: str, destination: str, hop: Json) -> None:
    name = f"default-route-{short_hash(network + destination, 16)}"
    path = f"projects/{cloud.project.id}/global/routes/{name}"
    cloud.put("routes", path, {
        "kind": "compute#route", "id": numeric_id(path), "name": name, "network": f"compute://{network}", "destRange": destination,
        "priority": 1000 if destination == "0.0.0.0/0" else 0, "creationTimestamp": stamp(cloud.now()), "selfLink": f"compute://{path}",
        "_automatic": True, **hop})  # fmt: skip


def _network_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    link = f"compute://{path}"
    for subnetwork, document in cloud.all("subnetworks"):
        if document["network"] == link:
            user = _subnetwork_users(cloud, subnetwork, document)
            if user or not document.get("_automatic"):
                return user if document.get("_automatic") else subnetwork
    for kind in _POINTS_AT_NETWORK:
        for user, document in cloud.all(kind):
            if document.get("network") == link:
                return user
    for user, document in cloud.all("routes"):
        if document["network"] == link and not document.get("_automatic"):
            return user
    return _instance_user(cloud, "network", link) or _cluster_user(cloud, "_network", path)


def _instance_user(cloud: Cloud, field: str, link: str) -> str | None:
    for user, document in cloud.all("instances"):
        if any(card.get(field) == link for card in document.get("networkInterfaces", [])):
            return user
    return None


def _cluster_user(cloud: Cloud, field: str, path: str) -> str | None:
    return next((user for user, document in cloud.all("clusters") if document.get(field) == path), None)


def _subnetwork(cloud: Cloud, path: str, region: str, body: Json) -> Json:
    return {
        "purpose": "PRIVATE", "stackType": "IPV4_ONLY", "privateIpGoogleAccess": False, "enableFlowLogs": False,
        "privateIpv6GoogleAccess": "DISABLE_GOOGLE_ACCESS", **body,
        "kind": "compute#subnetwork", "id": numeric_id(f"{path}@{cloud.now().timestamp()}"), "name": named(path),
        "creationTimestamp": stamp(cloud.now()), "selfLink": f"compute://{path}",
        "region": f"compute://projects/{cloud.project.id}/regions/{region}",
        "gatewayAddress": gateway_of(ipaddress.IPv4Network(body["ipCidrRange"])), "fingerprint": _fingerprint(body),
    }  # fmt: skip


def _fingerprint(body: Json) -> str:
    """Eight bytes in base64 that change with the fields a patch may change."""
    return (
        short_hash(
            repr([body.get(key) for key in ("ipCidrRange", "secondaryIpRanges", "privateIpGoogleAccess", "logConfig")]),
            11,
        )
        + "="
    )


def ranges_of_network(cloud: Cloud, network: str, *, but: str = "") -> Iterator[tuple[str, str]]:
    """(range, owner's path) of everything addressed inside a network, clusters' control planes included."""
    for path, document in cloud.all("subnetworks"):
        if document["network"] == f"compute://{network}" and path != but:
            yield document["ipCidrRange"], path
            for secondary in document.get("secondaryIpRanges", []):
                yield secondary["ipCidrRange"], path
    for path, document in cloud.all("clusters"):
        master = document.get("privateClusterConfig", {}).get("masterIpv4CidrBlock")
        if document.get("_network") == network and master:
            yield master, path


def _prepare_subnetwork(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    network = referenced(cloud, "resource.network", document.get("network"), "networks")
    if not document.get("ipCidrRange"):
        raise required("resource.ipCidrRange")
    given = call.body.get("region")
    if given and named(given) != call.path["region"]:
        raise invalid_field("resource.region", given, "It differs from the region of the URL.")
    check_quota(cloud, "SUBNETWORKS", len(cloud.all("subnetworks")), 1)
    _check_ranges(cloud, path, network, document["ipCidrRange"], document.get("secondaryIpRanges", []))
    return {**document, **_subnetwork(cloud, path, call.path["region"], {**call.body, "network": f"compute://{network}"}),
            "id": document["id"]}  # fmt: skip


def _check_ranges(cloud: Cloud, path: str, network: str, primary_text: str, secondaries: list[Json]) -> None:
    primary = parse_range("resource.ipCidrRange", primary_text)
    check_primary("resource.ipCidrRange", primary)
    found, names = [primary], set()
    if len(secondaries) > 170:
        raise invalid_field("resource.secondaryIpRanges", len(secondaries), "At most 170 secondary ranges.")
    for index, secondary in enumerate(secondaries):
        field = f"resource.secondaryIpRanges[{index}]"
        name = check_name(secondary.get("rangeName"), f"{field}.rangeName")
        if name in names:
            raise invalid_field(f"{field}.rangeName", name, "The name is used twice.")
        names.add(name)
        if not secondary.get("ipCidrRange"):
            raise required(f"{field}.ipCidrRange")
        found.append(parse_range(f"{field}.ipCidrRange", secondary["ipCidrRange"]))
        check_secondary(f"{field}.ipCidrRange", found[-1])
    check_disjoint(found)
    others = list(ranges_of_network(cloud, network, but=path))
    for each in found:
        check_no_overlap(each, others, network=network)


def _subnetwork_created(cloud: Cloud, effect: Json) -> None:
    document = cloud.get("subnetworks", effect["path"])
    if document is None:
        return
    cloud.put(
        "subnetworks",
        effect["path"],
        {**document, "state": "READY"} if document["purpose"] == "REGIONAL_MANAGED_PROXY" else document,
    )
    network = document["network"].removeprefix("compute://")
    _add_route(cloud, network, document["ipCidrRange"], {"nextHopNetwork": document["network"],
               "description": f"Default local route to the subnetwork {document['ipCidrRange']}."})  # fmt: skip


def _subnetwork_deleted(cloud: Cloud, effect: Json) -> None:
    document = existing(cloud, "subnetworks", effect["path"])
    for path, route in cloud.all("routes"):
        if (
            route.get("_automatic")
            and route["network"] == document["network"]
            and route["destRange"] == document["ipCidrRange"]
        ):
            cloud.remove("routes", path)


def _subnetwork_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    link = f"compute://{path}"
    for kind in ("forwardingRules", "addresses", "networkEndpointGroups"):
        for user, document in cloud.all(kind):
            if document.get("subnetwork") == link:
                return user
    for user, document in cloud.all("routers"):
        for nat in document.get("nats", []):
            if any(row.get("name") == link for row in nat.get("subnetworks", [])):
                return user
    return _instance_user(cloud, "subnetwork", link) or _cluster_user(cloud, "_subnetwork", path)


def _change_subnetwork(cloud: Cloud, _call: Call, path: str, old: Json, body: Json) -> Json:
    fingerprint = body.pop("fingerprint", None)
    if fingerprint is None:
        raise required("resource.fingerprint")
    if fingerprint != old["fingerprint"]:
        raise GoogleError(412, "conditionNotMet", "Invalid fingerprint.")
    for fixed in ("network", "region", "ipCidrRange", "purpose"):
        if fixed in body and named(str(body[fixed])) != named(old[fixed]):
            raise invalid_field(f"resource.{fixed}", body[fixed], "The field cannot be changed by patch.")
        body.pop(fixed, None)
    changed = {**old, **body}
    used = {row["rangeName"] for row in old.get("secondaryIpRanges", [])} - {
        row.get("rangeName") for row in changed.get("secondaryIpRanges", [])
    }
    for cluster, document in cloud.all("clusters"):
        policy = document.get("ipAllocationPolicy", {})
        if document.get("_subnetwork") == path and used & {
            policy.get("clusterSecondaryRangeName"),
            policy.get("servicesSecondaryRangeName"),
        }:
            raise GoogleError(
                400,
                "resourceInUseByAnotherResource",
                f"A secondary range of '{path}' is already being used by '{cluster}'",
            )
    _check_ranges(
        cloud,
        path,
        old["network"].removeprefix("compute://"),
        changed["ipCidrRange"],
        changed.get("secondaryIpRanges", []),
    )
    return {**changed, "fingerprint": _fingerprint(changed)}


def _expand(cloud: Cloud, call: Call) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = resource_path(SUBNETWORK, call)
    old = existing(cloud, "subnetworks", path, ready=True)
    wanted = parse_range("ipCidrRange", call.body.get("ipCidrRange"))
    if not wanted.supernet_of(ipaddress.IPv4Network(old["ipCidrRange"])) or str(wanted) == old["ipCidrRange"]:
        raise invalid_field(
            "ipCidrRange", wanted, f"The new range must be larger than and contain {old['ipCidrRange']}."
        )
    _check_ranges(cloud, path, old["network"].removeprefix("compute://"), str(wanted), old.get("secondaryIpRanges", []))
    changed = {**old, "ipCidrRange": str(wanted), "gatewayAddress": gateway_of(wanted)}
    return apply_change(
        cloud, call, SUBNETWORK, path, {**changed, "fingerprint": _fingerprint(changed)}, "expandIpCidrRange"
    )


def _set_private_access(cloud: Cloud, call: Call) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = resource_path(SUBNETWORK, call)
    changed = {
        **existing(cloud, "subnetworks", path, ready=True),
        "privateIpGoogleAccess": bool(call.body.get("privateIpGoogleAccess")),
    }
    return apply_change(
        cloud, call, SUBNETWORK, path, {**changed, "fingerprint": _fingerprint(changed)}, "setPrivateIpGoogleAccess"
    )


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
    "networks", "networks", "network", "global", ("insert", "delete", "patch"), "gcp.network.create", "gcp.network.delete",
    _prepare_network, _change_network, _network_users, "NETWORKS", "network.created", "network.deleted",
)  # fmt: skip
SUBNETWORK = Kind(
    "subnetworks", "subnetworks", "subnetwork", "regions", ("insert", "get", "list", "aggregatedList", "patch", "delete"),
    "gcp.subnetwork.create", "gcp.subnetwork.delete", _prepare_subnetwork, _change_subnetwork, _subnetwork_users, "",
    "subnetwork.created", "subnetwork.deleted",
)  # fmt: skip
HANDLERS = {
    **handlers_of(NETWORK),
    **handlers_of(SUBNETWORK),
    "compute.networks.get": _get_network,
    "compute.networks.list": _list_networks,
    "compute.networks.getEffectiveFirewalls": _effective_firewalls,
    "compute.subnetworks.expandIpCidrRange": _expand,
    "compute.subnetworks.setPrivateIpGoogleAccess": _set_private_access,
}
EFFECTS = {
    "network.created": _network_created,
    "network.deleted": _network_deleted,
    "subnetwork.created": _subnetwork_created,
    "subnetwork.deleted": _subnetwork_deleted,
}
