"""What a plan must know of the account before anything is created: quotas, names, permissions, the existing network.

Called by the provider. Invariant: reads and dry runs only. What may not be read is a warning, never a guess.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network

from skyclust.contract.errors import Blocked, NameTaken, NotYet
from skyclust.contract.resources import Finding, JsonObject, Node
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.contract.support import support_findings
from skyclust.providers.aws import prices
from skyclust.providers.aws.blueprints.clusters import NODE_SUBNETS, SUBNET_ZONES, cluster_graph
from skyclust.providers.aws.blueprints.networks import network_nodes, subnet_specs
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.identities import missing_permissions, principal
from skyclust.providers.aws.offers import machines_offered, zones_offered
from skyclust.providers.aws.permissions import denied_by_policy
from skyclust.providers.aws.places import AFTER_SUPPORT, VERSIONS, is_past_standard_support
from skyclust.providers.aws.ranges import error, parse_cidr
from skyclust.providers.aws.sessions import AwsSession

#: Of missing permissions; of more their number is told.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit by its codes in Service Quotas. `per` is what it counts in ("" = the region).

    families  beginnings of the names of the machine types that it counts
    """

    service: str
    code: str
    title: str
    per: str = ""
    families: tuple[str, ...] = ()


VPCS = Quota("vpc", "L-F678F1CE", "VPCs per region")
GATEWAYS = Quota("vpc", "L-A4707A72", "internet gateways per region")
NATS = Quota("vpc", "L-FE5A380F", "NAT gateways per zone", "zone")
ADDRESSES = Quota("ec2", "L-0263D0A3", "Elastic IP addresses")
CLUSTERS = Quota("eks", "L-1194D53C", "EKS clusters")
#: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
_STANDARD = tuple("acdhmrtz") + tuple(f"i{number}" for number in range(1, 10)) + ("im", "is")
VCPUS = Quota("ec2", "L-1216C47A", "vCPUs of running standard on-demand instances", families=_STANDARD)
SPOT_VCPUS = Quota("ec2", "L-34B43A08", "vCPUs of standard spot requests", families=_STANDARD)
ACCELERATED = (
    Quota("ec2", "L-DB2E81BA", "vCPUs of running on-demand G and VT instances", families=("g", "vt")),
    Quota("ec2", "L-417A185B", "vCPUs of running on-demand P instances", families=("p",)),
    Quota("ec2", "L-1945791B", "vCPUs of running on-demand Inf instances", families=("inf",)),
    Quota("ec2", "L-2C3B7624", "vCPUs of running on-demand Trn instances", families=("trn",)),
)


async def preflight_network(session: AwsSession, spec: NetworkSpec) -> tuple[Finding, ...]:
    """Quotas and permissions for a network."""
    nodes = [node for node in network_nodes(spec).nodes if node.adopt_id is None]
    return await _gathered([_permissions(session), *_network_quotas(session, nodes, "/cidr_block")])


async def preflight_cluster(session: AwsSession, spec: ClusterSpec, today: date) -> tuple[Finding, ...]:
    """Quotas, permissions, the name, the roles' names and the existing network for a cluster."""
    graph = [node for node in cluster_graph(spec) if node.adopt_id is None]
    checks = [
        _permissions(session),
        _name(session, spec.name),
        _clusters(session),
        *_network_quotas(session, graph, "/network"),
        zones_offered(session, spec),
        machines_offered(session, spec, _zones(spec)),
        _vcpus(session, spec, VCPUS, spot=False),
        _vcpus(session, spec, SPOT_VCPUS, spot=True),
        *(_vcpus(session, spec, quota, spot=False) for quota in ACCELERATED),
        *(_role(session, node) for node in graph if node.kind == "aws.iam.role"),
        _policy(session),
    ]
    if spec.network is None:
        checks += [_existing(session, spec), _service_range(session, spec)]
    found = await _gathered(checks)
    return (*found, *_support(spec, today))


async def _gathered(checks: Iterable[Awaitable[list[Finding]]]) -> tuple[Finding, ...]:
    found = await asyncio.gather(*(_told(check) for check in checks))
    return tuple(finding for findings in found for finding in findings)


async def _told(check: Awaitable[list[Finding]]) -> list[Finding]:
    """A check that AWS does not let us make is told as a warning."""
    try:
        return await check
    except (Blocked, NotYet) as refused:
        return [Finding("warning", "", f"Not checked: {refused.message}", "not_checked")]


async def _permissions(session: AwsSession) -> list[Finding]:
    missing = await missing_permissions(session)
    message = "The credential may not call {}. Allow it in IAM, or use another credential."
    return [error("/credential_id", message.format(operation), "permission_denied") for operation in missing]


async def _policy(session: AwsSession) -> list[Finding]:
    """What IAM's simulator would deny; a warning, since it judges without resources and conditions."""
    denied = await denied_by_policy(session, await principal(session))
    if not denied:
        return []
    shown = ", ".join(denied[:MOST_NAMED]) + (f" and {len(denied) - MOST_NAMED} more" if denied[MOST_NAMED:] else "")
    message = f"By its policies the credential may not call {shown}. Allow it in IAM, unless other resources are meant."
    return [Finding("warning", "/credential_id", message, "permission_simulated")]


async def _service_range(session: AwsSession, spec: ClusterSpec) -> list[Finding]:
    """The services' range is apart from all of the existing network's."""
    given, _ = parse_cidr(str(spec.options.get("service_cidr") or ""))
    if given is None:
        return []
    found = await session.listed("ec2", "describe_vpcs", "Vpcs", Filters=[{"Name": "vpc-id", "Values": [spec.vpc_id]}])
    blocks = [row["CidrBlock"] for vpc in found for row in vpc.get("CidrBlockAssociationSet") or [vpc]]
    return [
        error("/aws/service_cidr", f"{given} overlaps {block} of {spec.vpc_id}. Choose another range.", "overlap")
        for block in blocks
        if given.overlaps(IPv4Network(block))
    ]


async def _name(session: AwsSession, name: str) -> list[Finding]:
    try:
        cluster = (await session.call("eks", "describe_cluster", name=name))["cluster"]
    except NotFound:
        return []
    message = f"There is already an EKS cluster {name} in {session.region} ({cluster['status'].lower()})."
    return [error("/name", message, "name_taken")]


async def _role(session: AwsSession, node: Node) -> list[Finding]:
    name = node.spec["role_name"]
    try:
        await session.call("iam", "get_role", RoleName=name)
    except NotFound:
        return []
    taken = NameTaken(f"There is already an IAM role {name}. Delete it, or choose another cluster name.")
    return [error("/name", taken.message, "name_taken")]


async def _clusters(session: AwsSession) -> list[Finding]:
    return await _enough(session, CLUSTERS, _count(session, "eks", "list_clusters", "clusters"), 1, "/name")


def _network_quotas(session: AwsSession, nodes: list[Node], field: str) -> list[Awaitable[list[Finding]]]:
    wanted = Counter(node.kind for node in nodes)
    counted = (
        ("aws.ec2.vpc", VPCS, "describe_vpcs", "Vpcs"),
        ("aws.ec2.internet_gateway", GATEWAYS, "describe_internet_gateways", "InternetGateways"),
        ("aws.ec2.elastic_ip", ADDRESSES, "describe_addresses", "Addresses"),
    )
    checks: list[Awaitable[list[Finding]]] = [
        _enough(session, quota, _count(session, "ec2", method, member), wanted[kind], field)
        for kind, quota, method, member in counted
        if wanted[kind]
    ]
    if wanted["aws.ec2.nat_gateway"]:
        zones = Counter(node.key.partition("/")[2] for node in nodes if node.kind == "aws.ec2.nat_gateway")
        checks.append(_nat_gateways(session, zones, field))
    return checks


async def _count(session: AwsSession, service: str, method: str, member: str) -> int:
    return len(await session.listed(service, method, member))


async def _enough(
    session: AwsSession, quota: Quota, used: Awaitable[int], wanted: int, field: str, *, where: str = ""
) -> list[Finding]:
    limit, taken = await asyncio.gather(_limit(session, quota), used)
    if limit is None or taken + wanted <= limit:
        return []
    place = where or session.region
    message = (
        f"The quota '{quota.title}' is {limit:g} in {place}: {taken} are used and {wanted} more are needed. "
        f"Raise it in Service Quotas ({quota.service}/{quota.code}), or free some."
    )
    return [error(field, message, "quota_exceeded")]


async def _limit(session: AwsSession, quota: Quota) -> float | None:
    """The account's limit; None when AWS does not tell this one."""
    asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    for method in ("get_service_quota", "get_aws_default_service_quota"):
        try:
            return float((await session.call("service-quotas", method, **asked))["Quota"]["Value"])
        except NotFound:
            continue
    return None


async def _nat_gateways(session: AwsSession, wanted: Counter[str], field: str) -> list[Finding]:
    living = [{"Name": "state", "Values": ["pending", "available"]}]
    gateways, subnets = await asyncio.gather(
        session.listed("ec2", "describe_nat_gateways", "NatGateways", Filter=living),
        session.listed("ec2", "describe_subnets", "Subnets"),
    )
    zone_of = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets}
    used = Counter(zone_of.get(gateway.get("SubnetId"), "") for gateway in gateways)
    found = await asyncio.gather(
        *(_enough(session, NATS, _known(used[zone]), count, field, where=zone) for zone, count in wanted.items())
    )
    return [finding for findings in found for finding in findings]


async def _known(value: int) -> int:
    return value


async def _vcpus(session: AwsSession, spec: ClusterSpec, quota: Quota, *, spot: bool) -> list[Finding]:
    """Nodes at the size they start with, against the account's vCPUs of the quota's families."""
    machines = prices.machine_types_by_name(spec.region)
    pools = [pool for pool in spec.node_pools if pool.spot is spot and pool.machine_type in machines]
    counted = [pool for pool in pools if _counts(quota, pool.machine_type)]
    wanted = sum(machines[pool.machine_type].vcpu * pool.node_count for pool in counted)
    if not wanted:
        return []
    at = f"/node_pools/{spec.node_pools.index(counted[0])}/node_count"
    return await _enough(session, quota, _running_vcpus(session, spec.region, quota, spot=spot), wanted, at)


def _counts(quota: Quota, machine_type: str) -> bool:
    """Whether it counts a machine type; Trn is no T."""
    family = machine_type.partition(".")[0]
    return family.startswith(quota.families) and not (quota.families is _STANDARD and family.startswith("trn"))


async def _running_vcpus(session: AwsSession, region: str, quota: Quota, *, spot: bool) -> int:
    machines = prices.machine_types_by_name(region)
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    reservations = await session.listed("ec2", "describe_instances", "Reservations", Filters=running)
    found = [item for reservation in reservations for item in reservation["Instances"]]
    types = [item["InstanceType"] for item in found if (item.get("InstanceLifecycle") == "spot") is spot]
    return sum(machines[name].vcpu for name in types if name in machines and _counts(quota, name))


async def _existing(session: AwsSession, spec: ClusterSpec) -> list[Finding]:
    """The subnets still exist, span two zones, have DNS and room for the nodes."""
    ids = list(spec.subnet_ids)
    filters = [{"Name": "subnet-id", "Values": ids}]
    subnets: list[JsonObject] = (
        await session.listed("ec2", "describe_subnets", "Subnets", Filters=filters) if ids else []
    )
    known = {subnet["SubnetId"] for subnet in subnets}
    at = "/network/subnet_ids"
    found = [
        error(f"{at}/{n}", f"There is no subnet {item} in {session.region}.")
        for n, item in enumerate(ids)
        if item not in known
    ]
    if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
        found.append(error(at, "EKS needs subnets in at least two zones. Add a subnet in another zone."))
    inner = spec.options.get(NODE_SUBNETS) or ids
    free = sum(int(subnet["AvailableIpAddressCount"]) for subnet in subnets if subnet["SubnetId"] in inner)
    nodes = sum(pool.node_count for pool in spec.node_pools)
    if subnets and nodes > free:
        found.append(error(at, f"The subnets have {free} free addresses, too few for {nodes} nodes. Add larger ones."))
    return [*found, *_pool_zones(spec), *await _dns(session, spec)]


def _pool_zones(spec: ClusterSpec) -> list[Finding]:
    """Pools ask only for zones in which the existing network has a subnet."""
    zones = _zones(spec)
    return [
        error(f"/node_pools/{index}/zones", f"The subnets are in {', '.join(sorted(zones))}, none in {zone}.")
        for index, pool in enumerate(spec.node_pools)
        for zone in pool.zones
        if zone not in zones
    ]


async def _dns(session: AwsSession, spec: ClusterSpec) -> list[Finding]:
    try:
        answer = await session.call(
            "ec2", "describe_vpc_attribute", VpcId=str(spec.vpc_id), Attribute="enableDnsHostnames"
        )
    except NotFound:
        return [error("/network/vpc_id", f"There is no VPC {spec.vpc_id} in {session.region}.")]
    if answer["EnableDnsHostnames"]["Value"]:
        return []
    message = f"{spec.vpc_id} has DNS hostnames off, so nodes cannot join EKS. Turn them on for the VPC."
    return [error("/network/vpc_id", message)]


def _zones(spec: ClusterSpec) -> frozenset[str]:
    """Zones that machines may go to."""
    if spec.network is None:
        zones = spec.options.get(SUBNET_ZONES, {})
        return frozenset(zones[subnet] for subnet in spec.options.get(NODE_SUBNETS, []) if subnet in zones)
    return frozenset(subnet.zone or "" for subnet in subnet_specs(spec.network, spec.zones))


def support(version: str, today: date) -> list[Finding]:
    """Warnings about a version whose standard support has ended or ends soon."""
    return list(support_findings(version, VERSIONS, today, cloud="EKS", afterwards=AFTER_SUPPORT))


def _support(spec: ClusterSpec, today: date) -> list[Finding]:
    if not is_past_standard_support(spec.version, today):
        return support(spec.version, today)
    message = f"Kubernetes {spec.version} is past EKS's standard support and costs 0.60 USD an hour instead of 0.10."
    if spec.options.get("support_type") == "STANDARD":
        refused = f"{message} EKS refuses it with support_type STANDARD. Choose a newer version, or EXTENDED."
        return [error("/version", refused, "unsupported_version")]
    return [Finding("warning", "/version", message, "extended_support")]
