"""Routes of networks: the unified ones, and each provider's VPCs."""

from fastapi import APIRouter

from skyclust.networks.router import unified, vpcs

router = APIRouter(tags=["networks"])
router.include_router(unified.router)
router.include_router(vpcs.router)
