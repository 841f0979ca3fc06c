"""One module per kind of resource. `all_drivers` is what the provider offers."""

from __future__ import annotations

from skyclust.contract.provider import Driver
from skyclust.providers.azure.drivers.addresses import PublicAddressDriver
from skyclust.providers.azure.drivers.clusters import ClusterDriver
from skyclust.providers.azure.drivers.leftovers import LeftoversDriver
from skyclust.providers.azure.drivers.nat_gateways import NatGatewayDriver
from skyclust.providers.azure.drivers.networks import NetworkDriver
from skyclust.providers.azure.drivers.node_pools import NodePoolDriver
from skyclust.providers.azure.drivers.peerings import PeeringDriver
from skyclust.providers.azure.drivers.resource_groups import ResourceGroupDriver
from skyclust.providers.azure.drivers.security_groups import SecurityGroupDriver
from skyclust.providers.azure.drivers.subnets import SubnetDriver


def all_drivers() -> dict[str, Driver]:
    """Every driver by its kind."""
    drivers: tuple[Driver, ...] = (
        ResourceGroupDriver(),
        NetworkDriver(),
        SubnetDriver(),
        PublicAddressDriver(),
        NatGatewayDriver(),
        SecurityGroupDriver(),
        ClusterDriver(),
        NodePoolDriver(),
        LeftoversDriver(),
        PeeringDriver(),
    )
    return {driver.kind: driver for driver in drivers}
