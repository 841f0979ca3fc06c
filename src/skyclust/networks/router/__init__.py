"""Routes of networks: the unified ones, and each provider's VPCs, subnets and security groups."""

from fastapi import APIRouter

from skyclust.networks.router import importing, security_groups, subnets, unified, vpcs

router = APIRouter()
for part in (unified, vpcs, importing, subnets, security_groups):
    router.routes.extend(part.router.routes)
