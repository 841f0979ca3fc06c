"""VPC peering as AWS does it and moto does not: filters of the list, overlapping ranges, who may still be deleted.

Source: DescribeVpcPeeringConnections in the EC2 API reference; "VPC peering limitations" of the peering guide.
Called by networks.py. Invariant: a request between overlapping ranges fails by itself and is never accepted.
"""

import ipaddress
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.vpc_peering_connections import VPCPeeringConnection
from moto.ec2.responses.vpc_peering_connections import VPCPeeringConnections
from moto.ec2.utils import generic_filter

from skyclust.sandbox.aws.replies import Refusal

LIVE = frozenset({"initiating-request", "pending-acceptance", "active"})
_FILTERS = {
    "vpc-peering-connection-id": lambda item: item.id,
    "status-code": lambda item: item.status["Code"],
    "requester-vpc-info.vpc-id": lambda item: item.vpc.id,
    "requester-vpc-info.cidr-block": lambda item: item.vpc.cidr_block,
    "accepter-vpc-info.vpc-id": lambda item: item.peer_vpc.id,
    "accepter-vpc-info.cidr-block": lambda item: item.peer_vpc.cidr_block,
}

_tagged = VPCPeeringConnection.get_filter_value


def _filter_value(item: VPCPeeringConnection, name: str, method: str | None = None) -> Any:
    told = _FILTERS.get(name)
    return told(item) if told is not None else _tagged(item, name, method)


def _describe(self: VPCPeeringConnections) -> ActionResult:
    found = self.ec2_backend.describe_vpc_peering_connections(self._get_param("VpcPeeringConnectionIds", []))
    return ActionResult({"VpcPeeringConnections": generic_filter(self._filters_from_querystring(), found)})


VPCPeeringConnection.get_filter_value = _filter_value  # type: ignore[method-assign,assignment]
VPCPeeringConnections.describe_vpc_peering_connections = _describe  # type: ignore[method-assign]


def living(backend: Any) -> list[Any]:
    """Connections that keep their VPCs."""
    return [item for item in backend.vpc_pcxs.values() if item.status["Code"] in LIVE]


def check_request(backend: Any, parameters: dict[str, Any]) -> None:
    """A second one between two VPCs, whoever asked for the first, is refused."""
    pair = {parameters.get("VpcId", ""), parameters.get("PeerVpcId", "")}
    if len(pair) < 2:
        raise Refusal("InvalidParameterValue", "The requester and accepter VPC must not be the same.")
    for item in living(backend):
        if {item.vpc.id, item.peer_vpc.id} == pair:
            raise Refusal("VpcPeeringConnectionAlreadyExists", f"{item.id} already exists between {sorted(pair)}.")


def requested(backend: Any, connection: str) -> None:
    """Ranges that overlap make the request fail, which AWS tells in its status only."""
    item = backend.vpc_pcxs[connection]
    mine, peer = (ipaddress.ip_network(vpc.cidr_block) for vpc in (item.vpc, item.peer_vpc))
    if mine.overlaps(peer):
        item._status.code = "failed"
        item._status.message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"


def check_accept(backend: Any, parameters: dict[str, Any]) -> None:
    """Only what waits for it is accepted, and again is fine."""
    item = backend.vpc_pcxs.get(parameters.get("VpcPeeringConnectionId", ""))
    if item is not None and item.status["Code"] in ("failed", "deleted", "rejected"):
        code = item.status["Code"]
        raise Refusal("InvalidStateTransition", f"Invalid state transition for {item.id}, attempted to accept {code}.")


def check_route(backend: Any, parameters: dict[str, Any]) -> None:
    """A route leads over an active connection of this VPC only."""
    connection = parameters.get("VpcPeeringConnectionId", "")
    item = backend.vpc_pcxs.get(connection) if connection else None
    if item is not None and item.status["Code"] != "active":
        raise Refusal("InvalidVpcPeeringConnectionState", f"{connection} is not in the active state.")
