""".../clusters/{cluster}/node-pools: list, add, change, scale, delete. `node-groups`, `nodepools` are other names."""

from __future__ import annotations

from fastapi import APIRouter, Response

from skyclust.clusters import service
from skyclust.clusters.node_pools import pool_of, with_pool_changed, with_pool_scaled, with_pools, without_pool
from skyclust.clusters.parsing import parse_pool
from skyclust.clusters.pool_schemas import NewNodePoolBody, NodePoolAnswer, NodePoolPatchBody, ScaleBody
from skyclust.clusters.router.places import ClusterRef, PoolRef, WhichDep
from skyclust.clusters.service import Change
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted

WORDS = ("node-pools", "node-groups", "nodepools")

router = APIRouter(tags=["clusters"])


@Answers(409)
async def list_node_pools(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[NodePoolAnswer]:
    """Node pools by name."""
    standing = await service.get_cluster(errand, cluster, which)
    pools = [service.pool_answer(pool, standing) for pool in standing.pools]
    return page_among(pools, lambda pool: pool.name, limit, cursor)


@Answers(412)
async def create_node_pool(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, body: NewNodePoolBody) -> Response:
    """Add a node pool, and the one that takes over from it where that is asked for."""
    pools = parse_pool(body, "")
    change = Change(
        "node_pool.create", "cluster.node_pool_create_requested", {"node_pool": pools[0].name},
        lambda spec, _: with_pools(spec, pools), service.inside_any_pool,
    )  # fmt: skip
    return accepted(await service.change_cluster(errand.citing(body.plan_digest), cluster, which, change))


@Answers(409)
async def get_node_pool(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, pool: PoolRef) -> NodePoolAnswer:
    """One node pool."""
    standing = await service.get_cluster(errand, cluster, which)
    return service.pool_answer(pool_of(standing.pools, pool), standing)


@Answers(412)
async def update_node_pool(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef, pool: PoolRef, body: NodePoolPatchBody
) -> Response:
    """Change size, bounds, labels or taints; what is not given stays."""
    change = Change(
        "node_pool.update", "cluster.node_pool_update_requested", {"node_pool": pool},
        lambda spec, _: with_pool_changed(spec, pool, body), service.inside_any_pool,
    )  # fmt: skip
    return accepted(await service.change_cluster(errand.citing(body.plan_digest), cluster, which, change))


@Answers(412)
async def delete_node_pool(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, pool: PoolRef) -> Response:
    """Delete a node pool with its machines."""
    change = Change(
        "node_pool.delete", "cluster.node_pool_delete_requested", {"node_pool": pool},
        lambda spec, _: without_pool(spec, pool),
    )  # fmt: skip
    return accepted(await service.change_cluster(errand, cluster, which, change))


@Answers(412)
async def scale_node_pool(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef, pool: PoolRef, body: ScaleBody
) -> Response:
    """Another size, or bounds for the autoscaler."""
    change = Change(
        "node_pool.scale", "cluster.node_pool_scale_requested", {"node_pool": pool, "node_count": body.node_count},
        lambda spec, _: with_pool_scaled(spec, pool, body.node_count, body.auto_scaling), service.inside_any_pool,
    )  # fmt: skip
    return accepted(await service.change_cluster(errand.citing(body.plan_digest), cluster, which, change))


def _register(word: str, *, documented: bool) -> None:
    pools = f"/{{provider}}/kubernetes/clusters/{{cluster}}/{word}"
    one = f"{pools}/{{pool}}"
    for path, method, endpoint in (
        (pools, "GET", list_node_pools),
        (one, "GET", get_node_pool),
    ):
        router.add_api_route(path, endpoint, methods=[method], include_in_schema=documented)
    for path, method, change in (
        (pools, "POST", create_node_pool),
        (one, "PATCH", update_node_pool),
        (one, "DELETE", delete_node_pool),
        (f"{one}/scale", "PUT", scale_node_pool),
    ):
        router.add_api_route(
            path, change, methods=[method], status_code=202, responses=ACCEPTED, include_in_schema=documented
        )


for _word in WORDS:
    _register(_word, documented=_word == WORDS[0])
