"""EC2 networking as AWS does it and moto does not: states by the clock, dependencies, quotas.

Called by the front around every EC2 request. Invariant: nothing is deleted while something depends on it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws import peerings
from skyclust.sandbox.aws.lifecycles import Agenda
from skyclust.sandbox.aws.moto_cloud import MotoCloud
from skyclust.sandbox.aws.quotas import quota_value
from skyclust.sandbox.aws.replies import Refusal, Reply
from skyclust.sandbox.aws.requests import AwsRequest
from skyclust.sandbox.kernel import Faults, Latencies

DELETED_NAT_GATEWAY_STAYS_SECONDS = 3600


class Networks:
    def __init__(self, moto: MotoCloud, agenda: Agenda, latencies: Latencies, faults: Faults) -> None:
        self.moto = moto
        self.agenda = agenda
        self.latencies = latencies
        self.faults = faults

    def check(self, request: AwsRequest) -> None:
        """Refuse what AWS would refuse; moto has the last word on the rest."""
        backend = self.moto.ec2(request.region)
        check = _CHECKS.get(request.operation)
        if check is not None:
            check(backend, request.parameters)
        self._check_quota(backend, request.operation)

    def _check_quota(self, backend: Any, operation: str) -> None:
        used, name, code = {
            "CreateVpc": (len(backend.vpcs), "vpcs", "VpcLimitExceeded"),
            "AllocateAddress": (len(backend.addresses), "addresses", "AddressLimitExceeded"),
            "CreateInternetGateway": (
                len(backend.internet_gateways), "internet_gateways", "InternetGatewayLimitExceeded",
            ),
        }.get(operation, (0, "", ""))  # fmt: skip
        if name and used >= quota_value(self.faults, name):
            raise Refusal(code, f"The maximum number of {name.replace('_', ' ')} has been reached.", 400)

    def after(self, request: AwsRequest, reply: Reply, at: datetime) -> Reply:
        """Give a fresh resource its first state, and put the later ones on the agenda."""
        backend = self.moto.ec2(request.region)
        text = reply.body.decode()
        if request.operation == "CreateVpc":
            vpc = backend.vpcs[_first(text, "vpcId")]
            self._pend(vpc, "aws.vpc.create", at)
            return Reply(
                reply.status, text.replace("<state>available</state>", "<state>pending</state>").encode(), reply.headers
            )
        if request.operation == "CreateSubnet":
            subnet = _subnet(backend, _first(text, "subnetId"))
            # moto takes the first subnet of a zone for the default one, which only a default VPC has
            subnet.default_for_az = subnet.map_public_ip_on_launch = "false"
            for element in ("defaultForAz", "mapPublicIpOnLaunch"):
                text = text.replace(f"<{element}>true</{element}>", f"<{element}>false</{element}>")
            self._pend(subnet, "aws.subnet.create", at)
            return Reply(
                reply.status, text.replace("<state>available</state>", "<state>pending</state>").encode(), reply.headers
            )
        if request.operation == "CreateNatGateway":
            self._begin_nat_gateway(backend, _first(text, "natGatewayId"), at)
            return Reply(
                reply.status, text.replace("<state>available</state>", "<state>pending</state>").encode(), reply.headers
            )
        if request.operation == "CreateVpcPeeringConnection":
            peerings.requested(backend, _first(text, "vpcPeeringConnectionId"))
        if request.operation == "DeleteNatGateway":
            self._end_nat_gateway(backend, request.parameters["NatGatewayId"], at)
        if request.operation == "DeleteSubnet":
            _forget_associations(backend, request.parameters["SubnetId"])
        return reply

    def _pend(self, thing: Any, latency: str, at: datetime) -> None:
        thing.state = "pending"
        seconds = self.latencies.sample(latency, thing.id)

        def ready(_: datetime) -> None:
            thing.state = "available"

        self.agenda.add(at, seconds, thing.id, ready)

    def _begin_nat_gateway(self, backend: Any, gateway_id: str, at: datetime) -> None:
        gateway = backend.nat_gateways[gateway_id]
        interface = gateway._eni
        interface.description = f"Interface for NAT Gateway {gateway_id}"
        interface.interface_type = "nat_gateway"
        interface.status = "in-use"
        interface.requester_managed = True
        self._pend(gateway, "aws.nat_gateway.create", at)

    def _end_nat_gateway(self, backend: Any, gateway_id: str, at: datetime) -> None:
        gateway = backend.nat_gateways[gateway_id]
        gateway.state = "deleting"

        def gone(due: datetime) -> None:
            gateway.state = "deleted"
            for address in backend.addresses:
                if address.eni is gateway._eni:
                    backend.disassociate_address(address=address.public_ip)
            backend.enis.pop(gateway._eni.id, None)
            self.agenda.add(due, DELETED_NAT_GATEWAY_STAYS_SECONDS, gateway_id, forgotten)

        def forgotten(_: datetime) -> None:
            backend.nat_gateways.pop(gateway_id, None)

        self.agenda.add(at, self.latencies.sample("aws.nat_gateway.delete", gateway_id), gateway_id, gone)


def _first(text: str, element: str) -> str:
    found = re.search(f"<{element}>([^<]+)</{element}>", text)
    return found.group(1) if found else ""


def subnets(backend: Any) -> Iterator[Any]:
    for by_zone in backend.subnets.values():
        yield from by_zone.values()


def groups(backend: Any) -> Iterator[Any]:
    for by_vpc in backend.groups.values():
        yield from by_vpc.values()


def instances(backend: Any) -> Iterator[Any]:
    for reservation in backend.reservations.values():
        yield from reservation.instances


def _subnet(backend: Any, subnet_id: str) -> Any:
    return next((subnet for subnet in subnets(backend) if subnet.id == subnet_id), None)


def _forget_associations(backend: Any, subnet_id: str) -> None:
    for table in backend.route_tables.values():
        for association in [key for key, target in table._associations.items() if target == subnet_id]:
            del table._associations[association]


def _violation(message: str) -> Refusal:
    return Refusal("DependencyViolation", message, 400)


def _check_vpc(backend: Any, parameters: dict[str, Any]) -> None:
    vpc_id = parameters.get("VpcId", "")
    in_vpc = [item for item in subnets(backend) if item.vpc_id == vpc_id]
    in_vpc += [item for item in backend.internet_gateways.values() if item.vpc is not None and item.vpc.id == vpc_id]
    in_vpc += [item for item in backend.enis.values() if item.vpc_id == vpc_id]
    in_vpc += [item for item in groups(backend) if item.vpc_id == vpc_id and item.name != "default"]
    in_vpc += [item for item in peerings.living(backend) if vpc_id in (item.vpc.id, item.peer_vpc.id)]
    if in_vpc:
        raise _violation(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def _check_subnet(backend: Any, parameters: dict[str, Any]) -> None:
    subnet_id = parameters.get("SubnetId", "")
    holders: list[Any] = [item for item in backend.enis.values() if item.subnet_id == subnet_id]
    holders += [item for item in instances(backend) if item.subnet_id == subnet_id and item.state != "terminated"]
    if holders:
        raise _violation(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def _check_group(backend: Any, parameters: dict[str, Any]) -> None:
    group_id = parameters.get("GroupId", "")
    group = next((item for item in groups(backend) if item.id == group_id), None)
    if group is None:
        return
    if group.name == "default":
        raise Refusal("CannotDelete", f'the specified group: "{group_id}" name: "default" cannot be deleted by a user')
    used = any(held.id == group_id for item in backend.enis.values() for held in item.group_set)
    if used or group_id in _referenced_groups(backend, besides=group_id):
        raise _violation(f"resource {group_id} has a dependent object")


def _referenced_groups(backend: Any, besides: str) -> set[str]:
    found = set()
    for group in groups(backend):
        if group.id == besides:
            continue
        for rule in [*group.ingress_rules, *group.egress_rules]:
            source = getattr(rule, "source_group", None) or {}
            found.add(source.get("GroupId", ""))
    return found


def _check_detach(backend: Any, parameters: dict[str, Any]) -> None:
    vpc_id = parameters.get("VpcId", "")
    for address in backend.addresses:
        if address.eni is not None and address.eni.vpc_id == vpc_id:
            raise _violation(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway."
            )
    if any(item.vpc_id == vpc_id and item.public_ip for item in backend.enis.values()):
        raise _violation(
            f"Network {vpc_id} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )


def _check_interface(backend: Any, parameters: dict[str, Any]) -> None:
    interface_id = parameters.get("NetworkInterfaceId", "")
    interface = backend.enis.get(interface_id)
    if interface is not None and (interface.status == "in-use" or interface.instance is not None):
        raise Refusal("InvalidParameterValue", f"Network interface '{interface_id}' is currently in use.")


def _check_address(backend: Any, parameters: dict[str, Any]) -> None:
    allocation = parameters.get("AllocationId", "")
    for address in backend.addresses:
        if address.allocation_id == allocation and address.association_id:
            raise Refusal("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")


def _check_nat_gateway(backend: Any, parameters: dict[str, Any]) -> None:
    gateway_id = parameters.get("NatGatewayId", "")
    gateway = backend.nat_gateways.get(gateway_id)
    if gateway is None or gateway.state == "deleted":
        raise Refusal("NatGatewayNotFound", f"The Nat Gateway {gateway_id} was not found")


def _check_new_nat_gateway(backend: Any, parameters: dict[str, Any]) -> None:
    subnet = _subnet(backend, parameters.get("SubnetId", ""))
    if subnet is None:
        raise Refusal("InvalidSubnetID.NotFound", f"The subnet ID '{parameters.get('SubnetId', '')}' does not exist")
    allocation = parameters.get("AllocationId", "")
    address = next((item for item in backend.addresses if item.allocation_id == allocation), None)
    if allocation and address is None:
        raise Refusal("InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist")
    if address is not None and address.association_id:
        raise Refusal("Resource.AlreadyAssociated", f"resource {allocation} is already associated.")


def _check_route_table(backend: Any, parameters: dict[str, Any]) -> None:
    table = backend.route_tables.get(parameters.get("RouteTableId", ""))
    if table is not None and table._associations:
        raise _violation(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")


_CHECKS = {
    "DeleteVpc": _check_vpc,
    "DeleteSubnet": _check_subnet,
    "DeleteSecurityGroup": _check_group,
    "DetachInternetGateway": _check_detach,
    "DeleteNetworkInterface": _check_interface,
    "ReleaseAddress": _check_address,
    "CreateNatGateway": _check_new_nat_gateway,
    "DeleteNatGateway": _check_nat_gateway,
    "DeleteRouteTable": _check_route_table,
    "CreateVpcPeeringConnection": peerings.check_request,
    "AcceptVpcPeeringConnection": peerings.check_accept,
    "CreateRoute": peerings.check_route,
    "ReplaceRoute": peerings.check_route,
}
