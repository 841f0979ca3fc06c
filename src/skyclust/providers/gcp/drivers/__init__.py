"""One module per kind of resource. `all_drivers` is what the provider offers."""

from __future__ import annotations

from skyclust.contract.provider import Driver
from skyclust.providers.gcp.drivers.clusters import ClusterDriver
from skyclust.providers.gcp.drivers.firewalls import FirewallDriver
from skyclust.providers.gcp.drivers.leftovers import LeftoversDriver
from skyclust.providers.gcp.drivers.networks import NetworkDriver
from skyclust.providers.gcp.drivers.node_pools import NodePoolDriver
from skyclust.providers.gcp.drivers.peerings import PeeringDriver
from skyclust.providers.gcp.drivers.routers import RouterDriver
from skyclust.providers.gcp.drivers.service_accounts import ServiceAccountDriver
from skyclust.providers.gcp.drivers.subnetworks import SubnetworkDriver


def all_drivers() -> dict[str, Driver]:
    """Every driver by its kind."""
    drivers: tuple[Driver, ...] = (
        NetworkDriver(),
        SubnetworkDriver(),
        RouterDriver(),
        FirewallDriver(),
        ServiceAccountDriver(),
        ClusterDriver(),
        NodePoolDriver(),
        LeftoversDriver(),
        PeeringDriver(),
    )
    return {driver.kind: driver for driver in drivers}
