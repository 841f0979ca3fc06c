"""Routes of networks: the unified ones, and each provider's VPCs, subnets, security groups and peerings."""

from fastapi import APIRouter

from skyclust.networks.router import importing, peerings, security_groups, subnets, unified, vpcs

router = APIRouter()
for part in (unified, vpcs, importing, subnets, security_groups, peerings):
    router.routes.extend(part.router.routes)
