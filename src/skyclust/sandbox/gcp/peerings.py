"""VPC Network Peering of compute.v1: networks.addPeering and removePeering, entries in the networks' documents.

Source: https://cloud.google.com/vpc/docs/vpc-peering. Invariant: both entries are ACTIVE exactly when both are there;
one alone is INACTIVE. Ranges that overlap are refused when the second side would join.
"""

import ipaddress

from skyclust.sandbox.gcp import compute_operations
from skyclust.sandbox.gcp.cloud import Call, Cloud
from skyclust.sandbox.gcp.compute_resources import NAME, existing, referenced
from skyclust.sandbox.gcp.errors import GoogleError, Json, invalid, invalid_field, not_ready, required
from skyclust.sandbox.gcp.network_users import ranges_of_network

_WAITING = "Waiting for peer network to connect."
_JOINED = "Connected."
_DEFAULTS = {
    "autoCreateRoutes": True, "exchangeSubnetRoutes": True, "exportCustomRoutes": False, "importCustomRoutes": False,
    "exportSubnetRoutesWithPublicIp": True, "importSubnetRoutesWithPublicIp": False, "stackType": "IPV4_ONLY",
}  # fmt: skip


def _network_of(cloud: Cloud, call: Call) -> str:
    path = f"projects/{call.path['project']}/global/networks/{call.path['network']}"
    existing(cloud, "networks", path, ready=True)
    return path


def _entries(cloud: Cloud, path: str) -> list[Json]:
    document = cloud.get("networks", path)
    return list(document.get("peerings", [])) if document is not None else []


def _peer(entry: Json) -> str:
    return str(entry["network"]).removeprefix("compute://")


def _add(cloud: Cloud, call: Call) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = _network_of(cloud, call)
    wanted = call.body.get("networkPeering") or {}
    if not wanted:
        raise required("networkPeering")
    if not NAME.fullmatch(str(wanted.get("name", ""))):
        raise invalid_field("networkPeering.name", wanted.get("name"), "Must be a match of regex '[a-z]...'.")
    if wanted.get("exchangeSubnetRoutes") is not True:
        raise invalid_field("networkPeering.exchangeSubnetRoutes", False, "Must be true.")
    peer = referenced(cloud, "networkPeering.network", wanted.get("network"), "networks")
    _check_new(cloud, path, peer, str(wanted["name"]))
    entry = {**_DEFAULTS, **wanted, "network": f"compute://{peer}", "peerMtu": existing(cloud, "networks", peer)["mtu"]}
    return _begin(cloud, call, "addPeering", path, {"do": "network.peering_added", "path": path, "entry": entry})


def _check_new(cloud: Cloud, path: str, peer: str, name: str) -> None:
    if peer == path:
        raise invalid("A network cannot be peered with itself.")
    for entry in _entries(cloud, path):
        if entry["name"] == name or _peer(entry) == peer:
            message = f"There is already a peering ({entry['name']}) with the same name or peer network."
            raise GoogleError(409, "alreadyExists", message)
    if cloud.is_pending(existing(cloud, "networks", peer).get("_operation", "")):
        raise not_ready(peer)
    if any(_peer(entry) == path for entry in _entries(cloud, peer)):
        for mine, _ in ranges_of_network(cloud, path):
            for theirs, owner in ranges_of_network(cloud, peer):
                if ipaddress.ip_network(mine).overlaps(ipaddress.ip_network(theirs)):
                    raise invalid(
                        f"An IP range in the peer network ({theirs}) overlaps with an IP range ({mine}) in the local "
                        f"network, allocated by resource ({owner})."
                    )


def _remove(cloud: Cloud, call: Call) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path, name = _network_of(cloud, call), call.body.get("name")
    if not name:
        raise required("name")
    if not any(entry["name"] == name for entry in _entries(cloud, path)):
        raise invalid_field("name", name, f"There is no peering {name} in the network.")
    return _begin(cloud, call, "removePeering", path, {"do": "network.peering_removed", "path": path, "name": name})


def _begin(cloud: Cloud, call: Call, verb: str, path: str, effect: Json) -> Json:
    document = existing(cloud, "networks", path)
    seconds = cloud.take("gcp.resource.update", path)
    operation = compute_operations.begin(
        cloud, call, verb, path, document["id"], seconds=seconds, effects=[effect], undo=[]
    )
    cloud.put("networks", path, {**document, "_operation": operation["selfLink"].removeprefix("compute://")})
    return operation


def _added(cloud: Cloud, effect: Json) -> None:
    _put(cloud, effect["path"], [*_entries(cloud, effect["path"]), effect["entry"]])
    _tell_both(cloud, effect["path"], _peer(effect["entry"]))


def _removed(cloud: Cloud, effect: Json) -> None:
    path = effect["path"]
    gone = [entry for entry in _entries(cloud, path) if entry["name"] == effect["name"]]
    _put(cloud, path, [entry for entry in _entries(cloud, path) if entry not in gone])
    for entry in gone:
        _tell_both(cloud, path, _peer(entry))


def _put(cloud: Cloud, path: str, entries: list[Json]) -> None:
    document = cloud.get("networks", path)
    if document is not None:
        cloud.put("networks", path, {**document, "peerings": entries})


def _tell_both(cloud: Cloud, path: str, peer: str) -> None:
    """The state of both sides, after one of them changed."""
    pair = ((path, peer), (peer, path))
    joined = all(any(_peer(entry) == other for entry in _entries(cloud, one)) for one, other in pair)
    told = {"state": "ACTIVE" if joined else "INACTIVE", "stateDetails": _JOINED if joined else _WAITING}
    for one, other in pair:
        entries = _entries(cloud, one)
        _put(cloud, one, [{**entry, **told} if _peer(entry) == other else entry for entry in entries])


HANDLERS = {"compute.networks.addPeering": _add, "compute.networks.removePeering": _remove}
EFFECTS = {"network.peering_added": _added, "network.peering_removed": _removed}
