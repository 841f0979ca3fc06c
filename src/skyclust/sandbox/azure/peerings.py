"""Peerings of virtual networks: each side is its own resource, and both together connect.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-peering. Invariant: Connected means
that both sides exist; a side whose other one went is Disconnected until it is made again.
"""

from skyclust.sandbox.azure.addressing import overlapping
from skyclust.sandbox.azure.cloud import Cloud, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.networks import PEERINGS, VNETS, space_of
from skyclust.sandbox.azure.resources import Change, Kind, referenced, routes_of


def _of(cloud: Cloud, vnet_id: str) -> list[Json]:
    return [row for _, row in cloud.all(PEERINGS, f"{vnet_id.lower()}/")]


def _remote(row: Json) -> str:
    return str(row["properties"]["remoteVirtualNetwork"]["id"]).lower()


def _complete(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    mine = cloud.get(VNETS, parent_of(change.id).lower())
    assert mine is not None
    other = referenced(
        cloud, "Microsoft.Network/virtualNetworks", properties.get("remoteVirtualNetwork"), change.id, settled=False
    )
    if other["id"] == mine["id"]:
        raise bad_request(
            "VnetPeeringToSelfNotAllowed",
            f"Cannot create peering {change.id}: a virtual network cannot be peered with itself.",
        )
    both = overlapping(space_of(mine), space_of(other))
    if both:
        raise bad_request(
            "VnetAddressSpacesOverlap",
            f"Cannot create or update peering {change.id}. Virtual networks {mine['id']} and {other['id']} cannot "
            f"be peered because their address spaces overlap. Overlapping address prefixes: {', '.join(both)}",
        )
    for row in _of(cloud, mine["id"]):
        if _remote(row) == other["id"].lower() and row["id"].lower() != change.id.lower():
            raise bad_request(
                "AnotherPeeringAlreadyReferencesRemoteVnet",
                f"Peering {row['id']} already references remote virtual network {other['id']}. Cannot add another "
                "peering referencing the same remote virtual network.",
            )
    return {
        "properties": {
            "allowVirtualNetworkAccess": True,
            "allowForwardedTraffic": False,
            "allowGatewayTransit": False,
            "useRemoteGateways": False,
            "doNotVerifyRemoteGateways": False,
            "peerCompleteVnets": True,
            **properties,
            "remoteVirtualNetwork": {"id": other["id"]},
            "remoteAddressSpace": {"addressPrefixes": space_of(other)},
            "peeringState": _connect(cloud, change, mine, other),
            "remoteVirtualNetworkAddressSpace": {"addressPrefixes": space_of(other)},
            "peeringSyncLevel": "FullyInSync",
        }
    }


def _connect(cloud: Cloud, change: Change, mine: Json, other: Json) -> str:
    """The state this side gets; a side that waits for it is connected in the same step."""
    for row in _of(cloud, other["id"]):
        if _remote(row) != mine["id"].lower():
            continue
        if row["properties"]["peeringState"] == "Disconnected":
            raise bad_request(
                "RemotePeeringIsDisconnected",
                f"Cannot create or update peering {change.id} because remote peering {row['id']} referencing parent "
                f"virtual network {mine['id']} is in Disconnected state. Update or re-create the remote peering to "
                "get it back to Initiated state. Peering gets Disconnected when remote virtual network or remote "
                "peering is deleted and re-created.",
            )
        row["properties"]["peeringState"] = "Connected"
        cloud.put(PEERINGS, row["id"].lower(), row)
        return "Connected"
    return "Initiated"


def _removed(cloud: Cloud, document: Json) -> None:
    """The other side notices."""
    mine = parent_of(document["id"]).lower()
    for row in _of(cloud, _remote(document)):
        if _remote(row) == mine:
            row["properties"]["peeringState"] = "Disconnected"
            cloud.put(PEERINGS, row["id"].lower(), row)


PEERING = Kind(
    "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    "peering",
    "network.VirtualNetworkPeering",
    _complete,
    removed=_removed,
    tracked=False,
)
KINDS = (PEERING,)
ROUTES = routes_of(PEERING)
