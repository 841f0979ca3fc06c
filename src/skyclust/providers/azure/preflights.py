"""What a plan must know before anything is created: permissions, providers, quotas, names, existing networks, offers.

Called for every new cluster and network; reads only. What already carries a mark of ours is being resumed or changed,
so it counts neither as a taken name nor a second time against a quota.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from skyclust.contract.checks import error, warning
from skyclust.contract.resources import TAG_RESOURCE, Finding, JsonObject
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.contract.support import support_findings
from skyclust.providers.azure import catalog
from skyclust.providers.azure.addressing import parse_block, room
from skyclust.providers.azure.blueprints import most_surge, network_blueprint
from skyclust.providers.azure.completing import subnets_of, way_out
from skyclust.providers.azure.naming import group_id, group_name, is_kind, last_segment, resource_id, same
from skyclust.providers.azure.options import GROUP, OUTBOUND, options_of
from skyclust.providers.azure.permissions import CLUSTER_PERMISSIONS, NETWORK_PERMISSIONS, missing_permissions
from skyclust.providers.azure.quotas import check_machines
from skyclust.providers.azure.sessions import AzureSession, gather

_NETWORK_PROVIDERS = ("Microsoft.Network",)
_CLUSTER_PROVIDERS = ("Microsoft.Compute", "Microsoft.ContainerService", "Microsoft.Network")
_CLUSTERS = "Microsoft.ContainerService/managedClusters"
_NETWORKS = "Microsoft.Network/virtualNetworks"


async def preflight_cluster(az: AzureSession, spec: ClusterSpec, today: date) -> tuple[Finding, ...]:
    """Findings about a cluster; without its rights nothing else can be asked."""
    access = await _access(az, CLUSTER_PERMISSIONS, _CLUSTER_PROVIDERS)
    if access:
        return tuple(access)
    noted = spec.options.get(GROUP)
    group = last_segment(noted) if noted else group_name("cluster", spec.region, spec.name)
    cluster = await az.get_or_none(resource_id(az.subscription, group, _CLUSTERS, spec.name))
    if cluster is not None:
        return () if _ours(cluster) else (_taken("/name", "cluster", spec.name),)
    names, where, offered, machines = await gather(
        _check_group(az, group, "/name"),
        _check_place(az, spec),
        _offered_versions(az, spec.region),
        check_machines(az, spec),
    )
    versions = _check_version(spec, offered)
    told = (*_check_identity(spec), *_check_egress(spec), *_support(spec.version, today))
    return (*names, *where, *versions, *machines, *told)


async def preflight_upgrade(
    az: AzureSession, spec: ClusterSpec, path: Sequence[str], today: date
) -> tuple[Finding, ...]:
    """Versions on the way that AKS does not offer there now, and how long the last is supported."""
    offered = await _offered_versions(az, spec.region)
    found = (item for version in path for item in _check_version(replace(spec, version=version), offered))
    return (*(replace(item, severity="warning") for item in found), *_support(path[-1], today))


def _support(version: str, today: date) -> Iterator[Finding]:
    return support_findings(version, catalog.VERSIONS, today, cloud="AKS", afterwards=catalog.AFTER_SUPPORT)


async def preflight_network(az: AzureSession, spec: NetworkSpec) -> tuple[Finding, ...]:
    """Findings about a network of its own."""
    access = await _access(az, NETWORK_PERMISSIONS, _NETWORK_PROVIDERS)
    if access:
        return tuple(access)
    if spec.existing_id is not None:
        return tuple(await _check_existing(az, spec.existing_id, spec.region, "/vpc_id"))
    group = next(node.spec["name"] for node in network_blueprint(spec) if node.kind == "azure.resources.group")
    return tuple(await _check_group(az, group, "/name"))


async def _access(az: AzureSession, permissions: tuple[str, ...], providers: tuple[str, ...]) -> list[Finding]:
    missing, unregistered = await gather(missing_permissions(az, permissions), _unregistered(az, providers))
    found = []
    if unregistered:
        named = ", ".join(unregistered)
        found.append(
            error(
                "",
                f"These resource providers are not registered for subscription {az.subscription}: {named}. Register "
                "them (az provider register --namespace ...).",
                "provider_unregistered",
            )
        )
    if missing:
        found.append(
            error(
                "",
                f"Application {az.principal} lacks these permissions on subscription {az.subscription}: "
                f"{', '.join(missing)}. The role Contributor holds them.",
                "permissions",
            )
        )
    return found


async def _unregistered(az: AzureSession, names: tuple[str, ...]) -> list[str]:
    answers = await gather(*(az.get(f"/subscriptions/{az.subscription}/providers/{name}") for name in names))
    told = zip(names, answers, strict=True)
    return [name for name, answer in told if str(answer.get("registrationState", "Registered")).lower() != "registered"]


# ---- names ----
async def _check_group(az: AzureSession, group: str, field: str) -> list[Finding]:
    document = await az.get_or_none(group_id(az.subscription, group))
    if document is None or _ours(document):
        return []
    return [_taken(field, "resource group", group)]


def _ours(document: JsonObject) -> bool:
    return TAG_RESOURCE in (document.get("tags") or {})


def _taken(field: str, noun: str, name: str) -> Finding:
    return error(field, f"A {noun} named {name} exists in the subscription already. Choose another name.", "name_taken")


# ---- where it stands ----
async def _check_place(az: AzureSession, spec: ClusterSpec) -> list[Finding]:
    if spec.network is not None:
        existing = spec.network.existing_id
        return await _check_existing(az, existing, spec.region, "/network/vpc_id") if existing else []
    network_id = spec.vpc_id or ""
    wrong = await _check_existing(az, network_id, spec.region, "/network/vpc_id")
    if wrong:
        return wrong
    network = await az.get(network_id)
    return [*_check_subnets(spec, network), *check_headroom(spec, network)]


def check_headroom(spec: ClusterSpec, network: JsonObject) -> Iterator[Finding]:
    """Whether the chosen subnet has addresses for the nodes; with Azure CNI Overlay their Pods take none of it."""
    chosen = next(
        (subnet for subnet in subnets_of(network) if any(same(subnet["id"], i) for i in spec.subnet_ids)), None
    )
    if chosen is None:
        return
    properties = chosen.get("properties", {})
    blocks = [parse_block(text) for text in properties.get("addressPrefixes") or [properties.get("addressPrefix", "")]]
    taken = len(properties.get("ipConfigurations") or [])
    free = sum(room(block) for block in blocks if block is not None) - taken
    first = 1 + sum(pool.node_count for pool in spec.node_pools)
    most = 1 + sum(pool.most_nodes + max(1, most_surge(pool)) for pool in spec.node_pools)
    told = f"{chosen['name']} has {free} free addresses ({taken} are in use)"
    if free < first:
        message = f"{told}, and {first} nodes take one each, AKS's first one counted. Use a larger subnet."
        yield error("/network/subnet_ids", message, "too_small")
    elif free < most:
        message = f"{told}, and there may be {most} nodes, those of upgrades counted. A larger subnet is safer."
        yield warning("/network/subnet_ids", message, "few_addresses")


async def _check_existing(az: AzureSession, network_id: str, region: str, field: str) -> list[Finding]:
    if not is_kind(network_id, _NETWORKS):
        return [
            error(
                field,
                f"{network_id!r} is no id of a virtual network. Give it whole: /subscriptions/.../resourceGroups/..."
                f"/providers/{_NETWORKS}/name.",
                "not_an_id",
            )
        ]
    network = await az.get_or_none(network_id)
    if network is None:
        return [error(field, f"There is no virtual network {network_id}.", "not_found")]
    if not same(str(network.get("location", "")), region):
        return [
            error(
                field,
                f"The virtual network {last_segment(network_id)} is in {network.get('location')}, not in {region}. "
                "Choose that region, or another network.",
                "other_region",
            )
        ]
    return []


def _check_subnets(spec: ClusterSpec, network: JsonObject) -> Iterator[Finding]:
    known = subnets_of(network)
    if not known:
        yield error(
            "/network/vpc_id",
            f"{network['name']} has no subnet for machines. Make one there first.",
            "no_subnet",
        )
    for index, item in enumerate(spec.subnet_ids):
        found = next((subnet for subnet in known if same(subnet["id"], item)), None)
        if found is None and known:
            names = ", ".join(sorted(subnet["name"] for subnet in known))
            yield error(
                f"/network/subnet_ids/{index}",
                f"{last_segment(item)} is no subnet of {network['name']} that machines may use; it has {names}.",
                "not_found",
            )
        elif found is not None and index == 0 and way_out(found) == "loadBalancer":
            yield warning(
                "/network/subnet_ids",
                f"{found['name']} has no NAT gateway: nodes reach the internet by the cluster's load balancer. "
                "Existing networks are never changed, so add one yourself if that shall be otherwise.",
                "no_nat",
            )


def _check_identity(spec: ClusterSpec) -> Iterator[Finding]:
    """AKS's own command line grants this role by itself; it takes the right to grant roles."""
    if options_of(spec).identity_id is None:
        yield warning(
            "/azure/identity_id",
            "The control plane's own identity may not join load balancers to the subnet: before the first Service of "
            "type LoadBalancer grant it Network Contributor there (az role assignment create), or give "
            "azure.identity_id of an identity that has the role.",
            "identity_without_role",
        )


def _check_egress(spec: ClusterSpec) -> Iterator[Finding]:
    given = options_of(spec).authorized_ranges
    if spec.network is None and given and spec.options.get(OUTBOUND) != "loadBalancer":
        yield warning(
            "/azure/authorized_ranges",
            "Nodes reach the control plane from the address of the network's own gateway: see that it is among them.",
            "egress",
        )


# ---- what is really offered there ----
async def _offered_versions(az: AzureSession, region: str) -> list[JsonObject]:
    answer = await az.get(az.within(f"Microsoft.ContainerService/locations/{region}/kubernetesVersions"))
    rows: list[JsonObject] = answer.get("values", [])
    return rows


def _check_version(spec: ClusterSpec, rows: list[JsonObject]) -> list[Finding]:
    offered = {version for row in rows for version in (str(row.get("version", "")), *(row.get("patchVersions") or {}))}
    if not rows or spec.version in offered:
        return []
    minors = sorted((str(row["version"]) for row in rows), key=lambda name: catalog.minor(name) or (0, 0), reverse=True)
    return [
        error(
            "/version",
            f"AKS does not offer Kubernetes {spec.version} in {spec.region} now; it offers {', '.join(minors)}.",
            "version_not_offered",
        )
    ]
