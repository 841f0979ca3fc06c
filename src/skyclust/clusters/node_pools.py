"""Changes of a cluster's spec: node pools added, changed, scaled, removed; switches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from skyclust.clusters.errors import (
    autoscaler_owns_size,
    cannot_hibernate,
    is_hibernated,
    pool_exists,
    pool_not_found,
)
from skyclust.clusters.parsing import check_within, parse_scaling, parse_taints, parse_upgrade
from skyclust.clusters.pool_schemas import AutoScalingBody, NodePoolPatchBody
from skyclust.contract.hibernation import Hibernating
from skyclust.contract.provider import Provider
from skyclust.contract.specs import AutoScaling, ClusterSpec, NodePoolSpec


def with_pool(spec: ClusterSpec, pool: NodePoolSpec) -> ClusterSpec:
    """One more pool; 409 when the name is taken, and while the cluster is hibernated."""
    _awake(spec, "A new pool has no size of its own meanwhile.")
    if any(other.name == pool.name for other in spec.node_pools):
        raise pool_exists(pool.name)
    return replace(spec, node_pools=(*spec.node_pools, pool))


def with_pools(spec: ClusterSpec, pools: Sequence[NodePoolSpec]) -> ClusterSpec:
    """Likewise for several."""
    for pool in pools:
        spec = with_pool(spec, pool)
    return spec


def without_pool(spec: ClusterSpec, name: str) -> ClusterSpec:
    """One pool less; 404 when there is none of this name."""
    pool_of(spec.node_pools, name)
    return replace(spec, node_pools=tuple(pool for pool in spec.node_pools if pool.name != name))


def with_pool_changed(spec: ClusterSpec, name: str, body: NodePoolPatchBody) -> ClusterSpec:
    """Only what is given changes."""
    pool = pool_of(spec.node_pools, name)
    if body.node_count is not None or body.auto_scaling is not None:
        _awake(spec, "Sizes and bounds do not change meanwhile.")
        pool = scaled(pool, body.node_count, body.auto_scaling)
    if body.labels is not None:
        pool = replace(pool, labels=dict(body.labels))
    if body.taints is not None:
        pool = replace(pool, taints=parse_taints(body.taints))
    if body.upgrade is not None:
        pool = replace(pool, upgrade=parse_upgrade(body.upgrade))
    return _with(spec, pool)


def with_pool_scaled(spec: ClusterSpec, name: str, count: int | None, scaling: AutoScalingBody | None) -> ClusterSpec:
    """Another size, other bounds, or both."""
    _awake(spec, "Sizes and bounds do not change meanwhile.")
    return _with(spec, scaled(pool_of(spec.node_pools, name), count, scaling))


def scaled(pool: NodePoolSpec, count: int | None, wish: AutoScalingBody | None) -> NodePoolSpec:
    """A size alone is refused where the autoscaler owns it; bounds alone pull the size inside."""
    bounds = pool.auto_scaling if wish is None else parse_scaling(_completed(wish, pool), count or pool.node_count)
    if count is None:
        return replace(pool, auto_scaling=bounds, node_count=_inside(pool.node_count, bounds))
    if wish is None and pool.auto_scaling is not None:
        raise autoscaler_owns_size(pool.name)
    check_within(count, bounds, "")
    return replace(pool, auto_scaling=bounds, node_count=count)


def _completed(wish: AutoScalingBody, pool: NodePoolSpec) -> AutoScalingBody:
    """Bounds that are not given stay as they are."""
    if not wish.enabled or pool.auto_scaling is None:
        return wish
    least = pool.auto_scaling.min if wish.min is None else wish.min
    most = pool.auto_scaling.max if wish.max is None else wish.max
    return AutoScalingBody(enabled=True, min=min(least, most) if wish.min is None else least,
                           max=max(least, most) if wish.max is None else most)  # fmt: skip


def _inside(count: int, bounds: AutoScaling | None) -> int:
    return count if bounds is None else min(max(count, bounds.min), bounds.max)


def pool_of(pools: Sequence[NodePoolSpec], name: str) -> NodePoolSpec:
    """The pool; 404 that tells which there are."""
    for pool in pools:
        if pool.name == name:
            return pool
    raise pool_not_found(name, [pool.name for pool in pools])


def _with(spec: ClusterSpec, changed: NodePoolSpec) -> ClusterSpec:
    return replace(spec, node_pools=tuple(changed if pool.name == changed.name else pool for pool in spec.node_pools))


def hibernated(spec: ClusterSpec, provider: Provider) -> ClusterSpec:
    """With all pools at the least they keep; 422 with the reason where that is not possible."""
    if not isinstance(provider, Hibernating):
        raise cannot_hibernate(f"{provider.title} does not offer it. GET /providers lists what each offers.")
    if not spec.node_pools:
        raise cannot_hibernate(
            f"It has no node pools of its own to put to sleep (mode {spec.mode}): the cloud runs and bills its nodes "
            "by what the workloads ask for. Scale those to zero instead."
        )
    kept = {name: count for name, count in provider.sleeping_sizes(spec).items() if count > 0}
    return replace(spec, asleep=kept)


def woken(spec: ClusterSpec) -> ClusterSpec:
    """With all pools as they were asked for."""
    return replace(spec, asleep=None)


def _awake(spec: ClusterSpec, what: str) -> None:
    if spec.asleep is not None:
        raise is_hibernated(spec.name, what)


def with_options(spec: ClusterSpec, options: dict[str, Any]) -> ClusterSpec:
    """The provider's switches, merged into the present ones."""
    return replace(spec, options={**spec.options, **options})
