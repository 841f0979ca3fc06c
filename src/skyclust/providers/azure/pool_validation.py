"""AKS's own rules for node pools. Pure; called by validation.py."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skyclust.contract.checks import check_labels, check_pool_size, error, warning
from skyclust.contract.pools import check_gpu, check_one_type, check_shares
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.providers.azure import catalog
from skyclust.providers.azure.blueprints import system_pool
from skyclust.providers.azure.drivers.cluster_bodies import SPARE_POOL
from skyclust.providers.azure.naming import pool_name

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
#: https://learn.microsoft.com/azure/aks/quotas-skus-regions
MAX_POOL_NODES = 1000
MAX_POOLS = 100
_DISK_GB = (30, 2048)
_DISK_TYPES = ("Managed", "Ephemeral")


def pool_pointer(index: int) -> str:
    """Where the spec holds a pool. The server knows whether the client gave it as `node_pool` or in `node_pools`."""
    return f"/node_pools/{index}"


def check_pools(spec: ClusterSpec) -> Iterator[Finding]:
    """Findings about all pools."""
    if not spec.node_pools:
        yield error("/node_pool", "An AKS cluster needs a node pool, on which AKS runs its own Pods. Give one.", "mode")
    elif system_pool(spec) is None:
        yield error(
            "/node_pool",
            "AKS runs its own Pods on a system pool: at least one pool must not be spot, never be empty and have no "
            "NoSchedule or NoExecute taint.",
            "no_system_pool",
        )
    if len(spec.node_pools) > MAX_POOLS:
        yield error("/node_pools", f"A cluster has at most {MAX_POOLS} node pools.")
    yield from _check_names(spec)
    for index, pool in enumerate(spec.node_pools):
        at = pool_pointer(index)
        yield from _check_machine(spec, pool, at)
        yield from check_one_type(pool, at, "AKS")
        gpus = {name: shape.gpu for name, shape in catalog.shapes_in(spec.region).items() if shape.gpu is not None}
        yield from check_gpu(pool, at, gpus)
        if pool.disk_type not in (None, *_DISK_TYPES):
            known = " or ".join(_DISK_TYPES)
            yield error(f"{at}/disk_type", f"{pool.disk_type!r} is no disk of AKS's nodes; give {known}.")
        yield from check_pool_size(pool, at, MAX_POOL_NODES)
        yield from check_zones(f"{at}/zones", pool.zones, spec.region)
        yield from check_labels(pool, at, ("kubernetes.azure.com/",))
        yield from check_shares(pool, at)
        yield from _check_upgrade(pool, at, is_system=pool.name == system_pool(spec))
        smallest, largest = _DISK_GB
        if not smallest <= pool.disk_gb <= largest:
            yield error(f"{at}/disk_gb", f"A disk of a node has {smallest} to {largest} GB, not {pool.disk_gb}.")


def _check_upgrade(pool: NodePoolSpec, at: str, *, is_system: bool) -> Iterator[Finding]:
    """https://learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling"""
    if pool.upgrade is None:
        return
    surge, missing = (share or "0" for share in (pool.upgrade.max_surge, pool.upgrade.max_unavailable))
    if pool.spot:
        message = "AKS replaces the nodes of a spot pool in its own way and takes no settings for that. Leave them out."
        yield error(f"{at}/upgrade", message, "spot_upgrade")
    elif int(missing.rstrip("%")) and is_system:
        message = "AKS always adds a node before it takes one from a system pool. Give max_surge instead."
        yield error(f"{at}/upgrade/max_unavailable", message, "system_pool")
    elif int(missing.rstrip("%")) and int(surge.rstrip("%")):
        message = "AKS adds nodes or has some missing, not both. Set one of max_surge and max_unavailable to 0."
        yield error(f"{at}/upgrade/max_unavailable", message, "surge_and_unavailable")


def _check_names(spec: ClusterSpec) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for index, pool in enumerate(spec.node_pools):
        field, called = f"{pool_pointer(index)}/name", pool_name(pool.name)
        if not _NAME.fullmatch(pool.name):
            yield error(
                field, f"{pool.name!r} is no name for a node pool: letters, digits and '-', at most 63 of them.", "name"
            )
        elif called == SPARE_POOL:
            yield error(field, f"The name {SPARE_POOL} is taken by the pool that a new cluster begins with.", "name")
        elif called in seen:
            yield error(field, f"The node pools {seen[called]!r} and {pool.name!r} would have one name.", "duplicate")
        elif called != pool.name:
            yield warning(
                field,
                f"AKS takes at most 12 lowercase letters and digits as the name of a pool: there {pool.name} will be "
                f"called {called}.",
                "renamed",
            )
        seen[called] = pool.name


def _check_machine(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    offered = catalog.shapes_in(spec.region)
    if not offered:
        return
    shape = offered.get(pool.machine_type)
    if shape is None:
        close = ", ".join(catalog.nearest(pool.machine_type, offered))
        yield error(
            f"{at}/machine_type",
            f"Azure offers no machine type {pool.machine_type!r} in {spec.region}; the nearest are {close}.",
            "unknown_machine_type",
        )
    elif pool.name == system_pool(spec) and (
        shape.vcpu < catalog.SYSTEM_VCPU or shape.memory_gib < catalog.SYSTEM_MEMORY_GIB
    ):
        yield error(
            f"{at}/machine_type",
            f"{pool.machine_type} has {shape.vcpu} vCPUs and {shape.memory_gib:g} GiB; the pool on which AKS runs its "
            f"own Pods needs {catalog.SYSTEM_VCPU} and {catalog.SYSTEM_MEMORY_GIB:g}.",
            "too_small",
        )


def check_zones(field: str, zones: tuple[str, ...], region: str) -> Iterator[Finding]:
    """Zones of Azure are numbers; every region that is offered has three."""
    if region not in catalog.REGIONS:
        return
    for index, zone in enumerate(zones):
        if zone not in catalog.ZONES:
            known = ", ".join(catalog.ZONES)
            yield error(
                f"{field}/{index}", f"{region} has no zone {zone!r}; its zones are called {known}.", "unknown_zone"
            )
    if len(set(zones)) != len(zones):
        yield error(field, "A zone is named twice.", "duplicate")
