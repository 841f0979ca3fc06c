"""From the two bodies to one request, and from a request to a ClusterSpec. Called by the routes and the service.

Invariant: pure. Every refusal names the field as the client wrote it and what to do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from skyclust.clusters.addon_schemas import AddonBody
from skyclust.clusters.pool_schemas import AutoScalingBody, NodePoolPart, TaintBody, UpgradeSettingsBody
from skyclust.clusters.schemas import ClusterBody, ClusterNetworkBody, UnifiedClusterBody
from skyclust.contract.provider import Provider
from skyclust.contract.specs import (
    AddonSpec,
    AutoScaling,
    ClusterSpec,
    Gpu,
    NetworkSpec,
    NodePoolSpec,
    Taint,
    UpgradeSettings,
)
from skyclust.kit.json_schemas import schema_errors
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.service import free_block

DEFAULT_NODES = 2
#: How the pool beside a spot one is called, and the longest name of a pool.
FALLBACK, MAX_POOL_NAME = "-fallback", 63
#: Where the unified body has what the flat one has at its top.
INSIDE = tuple((f"/{name}", f"/cluster/{name}") for name in ("name", "version", "region", "mode", "zones"))
UNKNOWN_FIELD = "This field is not known here. Remove it, or check its spelling in /docs."


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """The template a request was laid over ("name/3"), why not to use it any more, and the whole body."""

    what: str
    deprecated: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """What both bodies mean. `pointers` maps the head of a pointer into the spec to the head of one into the body."""

    provider: str
    credential_id: UUID
    workspace_id: UUID | None
    name: str
    version: str | None
    region: str | None
    mode: str
    zones: tuple[str, ...]
    network: ClusterNetworkBody | None
    pools: tuple[NodePoolSpec, ...]
    options: dict[str, Any]
    plan_digest: str | None
    pointers: tuple[tuple[str, str], ...] = field(default=())
    deletion_protection: bool = False
    template: TemplateUse | None = None
    addons: tuple[AddonSpec, ...] = ()

    def pointer(self, spec_pointer: str) -> str:
        """Where in the client's body the field of the spec stands."""
        path = "/" + spec_pointer.strip("/") if spec_pointer.strip("/") else ""
        for ours, theirs in self.pointers:
            if path == ours or path.startswith(ours + "/"):
                return theirs + path[len(ours) :]
        return path


def parse_flat(provider: Provider, known: Sequence[str], body: ClusterBody) -> ClusterRequest:
    """The provider route's body. `known` are the names of all installed providers."""
    pools, pool_pointers = parse_pools(body.node_pool, body.node_pools)
    return ClusterRequest(
        provider.name, body.credential_id, body.workspace_id, body.name, body.version, body.region, body.mode,
        tuple(body.zones), body.network, pools, parse_options(provider, known, body.unknown), body.plan_digest,
        (*pool_pointers, ("/options", f"/{provider.name}"), ("/vpc_id", "/network/vpc_id"),
         ("/subnet_ids", "/network/subnet_ids")),
        body.deletion_protection, addons=parse_addons(body.addons),
    )  # fmt: skip


def parse_unified(provider: Provider, known: Sequence[str], body: UnifiedClusterBody) -> ClusterRequest:
    """The unified body."""
    pools, pool_pointers = parse_pools(body.node_pool, body.node_pools)
    cluster = body.cluster
    return ClusterRequest(
        provider.name, body.credential_id, body.workspace_id, cluster.name, cluster.version, cluster.region,
        cluster.mode, tuple(cluster.zones), body.network, pools, parse_options(provider, known, body.unknown),
        body.plan_digest,
        (*pool_pointers, *INSIDE, ("/options", f"/{provider.name}"), ("/vpc_id", "/network/vpc_id"),
         ("/subnet_ids", "/network/subnet_ids")),
        cluster.deletion_protection, addons=parse_addons(body.addons),
    )  # fmt: skip


def parse_options(provider: Provider, known: Sequence[str], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """The object named after the provider; 422 for anything else that has no name here."""
    errors: list[FieldError] = []
    for name, value in unknown.items():
        if name == provider.name:
            errors += schema_errors(provider.cluster_options_schema, value, f"/{name}")
        elif name in known:
            detail = f"These switches are for {name}; this cluster is on {provider.name}. Remove them."
            errors.append(FieldError(f"/{name}", detail))
        else:
            errors.append(FieldError(f"/{name}", UNKNOWN_FIELD))
    if errors:
        raise invalid(errors)
    options: dict[str, Any] = unknown.get(provider.name, {})
    return dict(options)


def parse_addons(bodies: Sequence[AddonBody]) -> tuple[AddonSpec, ...]:
    """The wishes about add-ons; 422 when two are about one."""
    names = [body.name for body in bodies]
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise invalid([FieldError(f"/addons/{i}/name", f"{names[i]!r} is named twice. Remove one.") for i in twice])
    return tuple(
        AddonSpec(body.name, body.version, dict(body.configuration), body.identity, body.enabled) for body in bodies
    )


def parse_pools(
    one: NodePoolPart | None, several: Sequence[NodePoolPart]
) -> tuple[tuple[NodePoolSpec, ...], tuple[tuple[str, str], ...]]:
    """All pools of a body, and where each stands in it."""
    if one is not None and several:
        raise invalid([FieldError("/node_pool", "Give either node_pool or node_pools, not both.")])
    given = [("/node_pool", one)] if one is not None else [(f"/node_pools/{i}", b) for i, b in enumerate(several)]
    placed = [(pointer, pool) for pointer, body in given for pool in parse_pool(body, pointer)]
    names = [pool.name for _, pool in placed]
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise invalid(
            [FieldError(f"{placed[i][0]}/name", f"{names[i]!r} is taken by another pool. Rename one.") for i in twice]
        )
    moved = [(f"/node_pools/{index}", pointer) for index, (pointer, _) in enumerate(placed)]
    return tuple(pool for _, pool in placed), tuple(pair for pair in moved if pair[0] != pair[1])


def parse_pool(body: NodePoolPart, pointer: str) -> tuple[NodePoolSpec, ...]:
    """One pool, and the one that takes over from it where that is asked for."""
    pool = _parse_one(body, pointer)
    if isinstance(body.spot, bool) or not body.spot.fallback:
        return (pool,)
    name = f"{pool.name}{FALLBACK}"
    if len(name) > MAX_POOL_NAME:
        detail = f"The pool beside it would be called {name}, which is too long. Choose a shorter name."
        raise invalid([FieldError(f"{pointer}/name", detail)])
    bounds = AutoScaling(0, max(pool.most_nodes, 1))
    return pool, replace(pool, name=name, spot=False, node_count=0, auto_scaling=bounds)


def _parse_one(body: NodePoolPart, pointer: str) -> NodePoolSpec:
    """The size must lie within the autoscaler's bounds."""
    types = list(dict.fromkeys([*([body.machine_type] if body.machine_type else []), *body.machine_types]))
    if not types:
        detail = "Name a machine type. GET /{provider}/kubernetes/metadata/machine-types lists them."
        raise invalid([FieldError(f"{pointer}/machine_type", detail)])
    scaling = parse_scaling(body.auto_scaling, body.node_count)
    count = body.node_count if body.node_count is not None else _default_count(scaling)
    check_within(count, scaling, pointer)
    return NodePoolSpec(
        body.name, types[0], count, scaling, body.spot is not False, body.disk_gb, dict(body.labels),
        parse_taints(body.taints), tuple(body.zones), parse_upgrade(body.upgrade), tuple(types[1:]),
        Gpu(body.gpu.type, body.gpu.count) if body.gpu is not None else None, body.disk_type,
    )  # fmt: skip


def parse_upgrade(wish: UpgradeSettingsBody | None) -> UpgradeSettings | None:
    """Surge settings as a value."""
    return None if wish is None else UpgradeSettings(wish.max_surge, wish.max_unavailable)


def parse_taints(taints: Sequence[TaintBody]) -> tuple[Taint, ...]:
    """Taints as values."""
    return tuple(Taint(taint.key, taint.value, taint.effect) for taint in taints)


def parse_scaling(wish: AutoScalingBody | None, count: int | None) -> AutoScaling | None:
    """Bounds; whatever is not given is chosen around the size: from 1 (or the size, if that is 0) to twice the size."""
    if wish is None or not wish.enabled:
        return None
    size = count if count is not None else max(wish.min or 0, DEFAULT_NODES)
    least = wish.min if wish.min is not None else min(1, size, wish.max if wish.max is not None else 1)
    most = wish.max if wish.max is not None else max(3, 2 * size, least)
    return AutoScaling(least, most)


def _default_count(scaling: AutoScaling | None) -> int:
    if scaling is None:
        return DEFAULT_NODES
    return min(max(DEFAULT_NODES, scaling.min), scaling.max)


def check_within(count: int, scaling: AutoScaling | None, pointer: str) -> None:
    """422 when the size lies outside the autoscaler's bounds."""
    if scaling is not None and not scaling.min <= count <= scaling.max:
        detail = f"{count} is outside auto_scaling {scaling.min}..{scaling.max}. Change it, or the bounds."
        raise invalid([FieldError(f"{pointer}/node_count", detail)])


def region_of(request: ClusterRequest, fallback: str | None, provider: Provider) -> str:
    """The request's region, else the credential's; 422 when there is none or the cloud does not know it."""
    region = request.region or fallback
    pointer = request.pointer("/region")
    if region is None:
        raise invalid([FieldError(pointer, "This credential has no default region. Name one.")])
    known = provider.regions()
    if region not in known:
        near = get_close_matches(region, known, 5, 0.4) or list(known[:5])
        raise invalid([FieldError(pointer, f"{provider.title} has no region {region!r}. Near: {', '.join(near)}.")])
    return region


def default_version(provider: Provider) -> str:
    """The version the cloud recommends for new clusters."""
    versions = provider.kubernetes_versions()
    return next((version.name for version in versions if version.default), versions[0].name)


def cluster_spec(request: ClusterRequest, provider: Provider, region: str, taken: Collection[str]) -> ClusterSpec:
    """What is asked for, with every default filled in that needs no cloud.

    `taken` are CIDR blocks in use in that place: a network of its own without a block gets a free one.
    """
    wish = request.network or ClusterNetworkBody.model_validate({})
    spec = ClusterSpec(
        name=request.name,
        region=region,
        version=request.version or default_version(provider),
        mode=request.mode,
        node_pools=request.pools,
        zones=request.zones,
        options=request.options,
        addons=request.addons,
    )
    if wish.vpc_id is not None:
        return replace(spec, vpc_id=wish.vpc_id, subnet_ids=tuple(wish.subnet_ids))
    return replace(spec, network=_own_network(request, wish, region, taken))


def _own_network(request: ClusterRequest, wish: ClusterNetworkBody, region: str, taken: Collection[str]) -> NetworkSpec:
    block = wish.cidr_block or free_block(taken)
    network = NetworkSpec(name=request.name, region=region, cidr_block=block, mtu=wish.mtu, nat=wish.nat)
    if wish.zones is not None:
        network = replace(network, zones=wish.zones)
    if wish.private_nodes is not None:
        network = replace(network, private_nodes=wish.private_nodes)
    if wish.routing_mode is not None:
        network = replace(network, routing_mode=wish.routing_mode)
    return network
