"""Routes of clusters: the unified ones, those of each provider, and what is inside a cluster."""

from fastapi import APIRouter

from skyclust.clusters.router import clusters, unified

router = APIRouter(tags=["clusters"])
router.include_router(unified.router)
router.include_router(clusters.router)
