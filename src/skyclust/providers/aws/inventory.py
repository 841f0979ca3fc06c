"""Everything inside a VPC and whose it is: the blast radius of its deletion. Called by the provider.

Invariant: what is not recognised is FOREIGN; recognition needs our mark, a cluster's tag, or a parent in the same list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from skyclust.contract.resources import TAG_RESOURCE, InventoryItem, JsonObject, Origin
from skyclust.providers.aws.drivers.ec2 import tags_of
from skyclust.providers.aws.drivers.peerings import GONE
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.leftovers import Balancer, balancers_in, belongs_to_balancer, cluster_of
from skyclust.providers.aws.sessions import AwsSession

#: (kind, method, member, id member, filter)
_LISTS = (
    ("subnet", "describe_subnets", "Subnets", "SubnetId", "vpc-id"),
    ("internet gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", "attachment.vpc-id"),
    ("NAT gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", "vpc-id"),
    ("route table", "describe_route_tables", "RouteTables", "RouteTableId", "vpc-id"),
    ("network ACL", "describe_network_acls", "NetworkAcls", "NetworkAclId", "vpc-id"),
    ("security group", "describe_security_groups", "SecurityGroups", "GroupId", "vpc-id"),
    ("VPC endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "vpc-id"),
    ("network interface", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", "vpc-id"),
)
_PEERINGS = ("describe_vpc_peering_connections", "VpcPeeringConnections")


@dataclass(frozen=True, slots=True)
class _World:
    """What was read at one moment."""

    own_clusters: frozenset[str]
    lists: dict[str, list[JsonObject]]
    instances: list[JsonObject]
    balancers: list[Balancer]
    clusters: list[JsonObject]
    living: frozenset[str] = field(default_factory=frozenset)
    peerings: list[JsonObject] = field(default_factory=list)


Verdict = tuple[Origin, str]


async def inventory(session: AwsSession, vpc_id: str, own_clusters: frozenset[str]) -> tuple[InventoryItem, ...]:
    """One list call per kind, whatever the number of things."""
    reads = [_listed(session, method, member, name, vpc_id) for _, method, member, _, name in _LISTS]
    lists, asked, agreed, reservations, balancers, clusters = await asyncio.gather(
        asyncio.gather(*reads),
        _listed(session, *_PEERINGS, "requester-vpc-info.vpc-id", vpc_id),
        _listed(session, *_PEERINGS, "accepter-vpc-info.vpc-id", vpc_id),
        _listed(session, "describe_instances", "Reservations", "vpc-id", vpc_id),
        balancers_in(session, vpc_id),
        _clusters(session, vpc_id),
    )
    machines = [machine for reservation in reservations for machine in reservation["Instances"]]
    world = _World(
        own_clusters, {kind[0]: found for kind, found in zip(_LISTS, lists, strict=True)},
        [machine for machine in machines if machine["State"]["Name"] != "terminated"], balancers, clusters,
        frozenset(str(cluster["name"]) for cluster in clusters),
        [item for item in (*asked, *agreed) if item["Status"]["Code"] not in (*GONE, "failed", "deleting")],
    )  # fmt: skip
    return tuple(_items(world))


async def _listed(session: AwsSession, method: str, member: str, name: str, vpc_id: str) -> list[JsonObject]:
    argument = "Filter" if method == "describe_nat_gateways" else "Filters"
    return await session.listed("ec2", method, member, **{argument: [{"Name": name, "Values": [vpc_id]}]})


async def _clusters(session: AwsSession, vpc_id: str) -> list[JsonObject]:
    names = await session.listed("eks", "list_clusters", "clusters")
    described = await asyncio.gather(*(_cluster_named(session, name) for name in names))
    return [cluster for cluster in described if cluster and cluster["resourcesVpcConfig"].get("vpcId") == vpc_id]


async def _cluster_named(session: AwsSession, name: str) -> JsonObject | None:
    try:
        cluster: JsonObject = (await session.call("eks", "describe_cluster", name=name))["cluster"]
    except NotFound:
        return None  # went between the list and this look
    return cluster


def _items(world: _World) -> Iterator[InventoryItem]:
    for cluster in world.clusters:
        tags = cluster.get("tags") or {}
        yield _item("EKS cluster", cluster["name"], cluster["name"], tags, _by_mark(tags) or _cluster(cluster))
    for machine in world.instances:
        tags = tags_of(machine)
        verdict = _by_mark(tags) or _machine(tags, world)
        yield _item("instance", machine["InstanceId"], tags.get("Name", ""), tags, verdict)
    for balancer in world.balancers:
        verdict = _by_mark(balancer.tags) or _by_cluster(balancer.tags, world)
        yield _item("load balancer", balancer.id, balancer.name, balancer.tags, verdict)
    for peering in world.peerings:
        tags = tags_of(peering)
        verdict = _by_mark(tags) or (Origin.FOREIGN, "a peering that carries no mark of ours")
        yield _item("VPC peering", peering["VpcPeeringConnectionId"], tags.get("Name", ""), tags, verdict)
    for kind, _, _, id_member, _ in _LISTS:
        for item in world.lists[kind]:
            yield from _listed_item(kind, id_member, item, world)


def _listed_item(kind: str, id_member: str, item: JsonObject, world: _World) -> Iterator[InventoryItem]:
    if item.get("State") == "deleted" or _is_shown_with_its_machine(item):
        return
    tags = tags_of({"Tags": item.get("Tags") or item.get("TagSet")})
    verdict = _by_mark(tags) or _made_by_aws(kind, item, tags, world) or _by_cluster(tags, world)
    name = tags.get("Name") or item.get("GroupName") or item.get("Description", "")
    yield _item(kind, item[id_member], name, tags, verdict)


def _item(kind: str, external_id: str, name: str, tags: dict[str, str], verdict: Verdict) -> InventoryItem:
    mark = tags.get(TAG_RESOURCE) if verdict[0] is Origin.OURS else None
    return InventoryItem(kind, external_id, str(name), verdict[0], verdict[1], mark)


def _by_mark(tags: dict[str, str]) -> Verdict | None:
    return (Origin.OURS, f"carries the tag {TAG_RESOURCE}") if TAG_RESOURCE in tags else None


def _by_cluster(tags: dict[str, str], world: _World) -> Verdict:
    name = cluster_of(tags, sorted(world.own_clusters))
    if name is None:
        return Origin.FOREIGN, "carries neither our mark nor the tag of a cluster of ours"
    return Origin.KUBERNETES, f"tagged by a controller of the cluster {name}"


def _cluster(cluster: JsonObject) -> Verdict:
    return Origin.FOREIGN, f"the EKS cluster {cluster['name']} carries no mark of ours"


def _machine(tags: dict[str, str], world: _World) -> Verdict:
    name = tags.get("eks:cluster-name", "")
    if name in world.own_clusters and "eks:nodegroup-name" in tags:
        return Origin.CLOUD, f"a node of node group {tags['eks:nodegroup-name']} of the cluster {name}; goes with it"
    return Origin.FOREIGN, "a machine that neither carries our mark nor belongs to a node group of ours"


def _is_shown_with_its_machine(item: JsonObject) -> bool:
    attachment = item.get("Attachment") or {}
    return bool(attachment.get("InstanceId") and attachment.get("DeleteOnTermination"))


def _made_by_aws(kind: str, item: JsonObject, tags: dict[str, str], world: _World) -> Verdict | None:
    """Things AWS makes with a parent and removes with it."""
    if kind == "route table" and any(link.get("Main") for link in item.get("Associations") or []):
        return Origin.CLOUD, "the main route table goes with the VPC"
    if kind == "network ACL" and item.get("IsDefault"):
        return Origin.CLOUD, "the default network ACL goes with the VPC"
    if kind == "security group" and item["GroupName"] == "default":
        return Origin.CLOUD, "the default security group goes with the VPC"
    owner = tags.get("aws:eks:cluster-name", "")
    if kind == "security group" and owner in world.own_clusters & world.living:
        return Origin.CLOUD, f"EKS's own group of the cluster {owner} goes with it"
    return _interface(item, world) if kind == "network interface" else None


def _interface(item: JsonObject, world: _World) -> Verdict | None:
    described = str(item.get("Description", ""))
    gateways = world.lists["NAT gateway"]
    for gateway in gateways:
        if gateway["NatGatewayId"] in described:
            return Origin.CLOUD, f"the interface of {gateway['NatGatewayId']} goes with it"
    for endpoint in world.lists["VPC endpoint"]:
        if item["NetworkInterfaceId"] in (endpoint.get("NetworkInterfaceIds") or []):
            return Origin.CLOUD, f"the interface of {endpoint['VpcEndpointId']} goes with it"
    for name in world.own_clusters & world.living:
        if described == f"Amazon EKS {name}":
            return Origin.CLOUD, f"an interface of the control plane of {name} goes with it"
    return _balancer_interface(described, item, world) if described.startswith("ELB ") else None


def _balancer_interface(described: str, item: JsonObject, world: _World) -> Verdict | None:
    for balancer in world.balancers:
        if belongs_to_balancer(described, balancer):
            return Origin.CLOUD, f"an interface of the load balancer {balancer.name} goes with it"
    held: set[Any] = {group["GroupId"] for group in item.get("Groups") or []}
    for group in world.lists["security group"]:
        if group["GroupId"] in held and cluster_of(tags_of(group), world.own_clusters):
            return Origin.KUBERNETES, "left by a load balancer of a cluster of ours that is already deleted"
    return None
