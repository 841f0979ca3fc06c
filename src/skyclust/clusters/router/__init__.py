"""Routes of clusters: the unified ones, those of each provider, and what is inside a cluster."""

from fastapi import APIRouter

from skyclust.clusters.router import access, cloning, clusters, hibernation, importing, node_pools, templates, unified

router = APIRouter(tags=["clusters"])
for part in (unified, clusters, importing, cloning, hibernation, node_pools, access, templates):
    router.include_router(part.router)
