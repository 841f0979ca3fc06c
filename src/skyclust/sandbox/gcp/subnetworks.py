"""Subnetworks of compute.v1: ranges, secondary ranges, private access, and the local route each one brings.

Invariant: no two ranges of one network overlap, clusters' control planes included.
"""

import ipaddress

from skyclust.sandbox.gcp import compute_operations
from skyclust.sandbox.gcp.cloud import Call, Cloud, named, numeric_id, short_hash, stamp
from skyclust.sandbox.gcp.compute_resources import (
    Kind,
    apply_change,
    check_name,
    check_quota,
    existing,
    handlers_of,
    referenced,
    resource_path,
)
from skyclust.sandbox.gcp.errors import GoogleError, Json, invalid_field, required
from skyclust.sandbox.gcp.network_users import ranges_of_network, subnetwork_users
from skyclust.sandbox.gcp.networking import (
    check_disjoint,
    check_no_overlap,
    check_primary,
    check_secondary,
    gateway_of,
    parse_range,
)


def add_route(cloud: Cloud, network: str, destination: str, hop: Json) -> None:
    name = f"default-route-{short_hash(network + destination, 16)}"
    path = f"projects/{cloud.project.id}/global/routes/{name}"
    cloud.put(
        "routes",
        path,
        {
            "kind": "compute#route",
            "id": numeric_id(path),
            "name": name,
            "network": f"compute://{network}",
            "destRange": destination,
            "priority": 1000 if destination == "0.0.0.0/0" else 0,
            "creationTimestamp": stamp(cloud.now()),
            "selfLink": f"compute://{path}",
            "_automatic": True,
            **hop,
        },
    )


def new_subnetwork(cloud: Cloud, path: str, region: str, body: Json) -> Json:
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


def _prepare_subnetwork(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    network = referenced(cloud, "resource.network", document.get("network"), "networks")
    if not document.get("ipCidrRange"):
        raise required("resource.ipCidrRange")
    given = call.body.get("region")
    if given and named(given) != call.path["region"]:
        raise invalid_field("resource.region", given, "It differs from the region of the URL.")
    check_quota(cloud, "SUBNETWORKS", len(cloud.all("subnetworks")), 1)
    _check_ranges(cloud, path, network, document["ipCidrRange"], document.get("secondaryIpRanges", []))
    return {**document, **new_subnetwork(cloud, path, call.path["region"], {**call.body, "network": f"compute://{network}"}),
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


def subnetwork_created(cloud: Cloud, effect: Json) -> None:
    document = cloud.get("subnetworks", effect["path"])
    if document is None:
        return
    cloud.put(
        "subnetworks",
        effect["path"],
        {**document, "state": "READY"} if document["purpose"] == "REGIONAL_MANAGED_PROXY" else document,
    )
    network = document["network"].removeprefix("compute://")
    add_route(cloud, network, document["ipCidrRange"], {"nextHopNetwork": document["network"],
               "description": f"Default local route to the subnetwork {document['ipCidrRange']}."})  # fmt: skip


def _subnetwork_deleted(cloud: Cloud, effect: Json) -> None:
    document = cloud.get("subnetworks", effect["path"])
    if document is None:
        return
    for path, route in cloud.all("routes"):
        if (
            route.get("_automatic")
            and route["network"] == document["network"]
            and route["destRange"] == document["ipCidrRange"]
        ):
            cloud.remove("routes", path)


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
    if body.get("description", old.get("description")) != old.get("description"):
        raise invalid_field(
            "resource.description", body["description"], "It can be set only at resource creation time."
        )
    changed = {**old, **body}
    ranges = changed.get("secondaryIpRanges", [])
    kept = {row.get("rangeName") for row in ranges}
    _check_unused(cloud, path, {row["rangeName"] for row in old.get("secondaryIpRanges", [])} - kept)
    _check_ranges(cloud, path, old["network"].removeprefix("compute://"), changed["ipCidrRange"], ranges)
    return {**changed, "fingerprint": _fingerprint(changed)}


def _check_unused(cloud: Cloud, path: str, ranges: set[str]) -> None:
    """Clusters keep their secondary ranges."""
    for cluster, document in cloud.all("clusters"):
        policy = document.get("ipAllocationPolicy", {})
        mine = {policy.get("clusterSecondaryRangeName"), policy.get("servicesSecondaryRangeName")}
        if document.get("_subnetwork") == path and ranges & mine:
            message = f"A secondary range of '{path}' is already being used by '{cluster}'"
            raise GoogleError(400, "resourceInUseByAnotherResource", message)


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
        cloud, call, SUBNETWORK, path, {**changed, "fingerprint": _fingerprint(changed)}, verb="expandIpCidrRange"
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
        cloud,
        call,
        SUBNETWORK,
        path,
        {**changed, "fingerprint": _fingerprint(changed)},
        verb="setPrivateIpGoogleAccess",
    )


SUBNETWORK = Kind(
    "subnetworks",
    "subnetworks",
    "subnetwork",
    "regions",
    ("insert", "get", "list", "aggregatedList", "patch", "delete"),
    "gcp.subnetwork.create",
    "gcp.subnetwork.delete",
    _prepare_subnetwork,
    _change_subnetwork,
    subnetwork_users,
    "",
    "subnetwork.created",
    "subnetwork.deleted",
)
HANDLERS = {
    **handlers_of(SUBNETWORK),
    "compute.subnetworks.expandIpCidrRange": _expand,
    "compute.subnetworks.setPrivateIpGoogleAccess": _set_private_access,
}
EFFECTS = {"subnetwork.created": subnetwork_created, "subnetwork.deleted": _subnetwork_deleted}
