"""Routes of clusters: the unified ones, those of each provider, and what is inside a cluster."""

from fastapi import APIRouter

from skyclust.clusters.router import (
    access,
    addons,
    cloning,
    clusters,
    hibernation,
    importing,
    inside,
    node_pools,
    nodes,
    templates,
    unified,
)

router = APIRouter()
for part in (unified, clusters, importing, cloning, hibernation, node_pools, addons, access, nodes, inside, templates):
    router.routes.extend(part.router.routes)
