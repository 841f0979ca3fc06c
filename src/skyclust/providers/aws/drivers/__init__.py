"""One driver per kind of AWS resource. Stateless: one instance of each serves everything."""

from __future__ import annotations

from skyclust.contract.provider import Driver
from skyclust.providers.aws.drivers.access_entries import AccessEntryDriver
from skyclust.providers.aws.drivers.addons import AddonDriver
from skyclust.providers.aws.drivers.clusters import ClusterDriver
from skyclust.providers.aws.drivers.fargate_profiles import FargateProfileDriver
from skyclust.providers.aws.drivers.gateways import ElasticIpDriver, InternetGatewayDriver, NatGatewayDriver
from skyclust.providers.aws.drivers.node_groups import NodeGroupDriver
from skyclust.providers.aws.drivers.peerings import PeeringDriver
from skyclust.providers.aws.drivers.roles import RoleDriver
from skyclust.providers.aws.drivers.route_tables import RouteTableDriver
from skyclust.providers.aws.drivers.security_groups import SecurityGroupDriver
from skyclust.providers.aws.drivers.subnets import SubnetDriver
from skyclust.providers.aws.drivers.sweeps import SweepDriver
from skyclust.providers.aws.drivers.vpcs import VpcDriver

_ALL: tuple[Driver, ...] = (
    VpcDriver(), SubnetDriver(), InternetGatewayDriver(), ElasticIpDriver(), NatGatewayDriver(), RouteTableDriver(),
    SecurityGroupDriver(), RoleDriver(), ClusterDriver(), NodeGroupDriver(), FargateProfileDriver(),
    AccessEntryDriver(), AddonDriver(), PeeringDriver(),
    SweepDriver(),
)  # fmt: skip
DRIVERS: dict[str, Driver] = {driver.kind: driver for driver in _ALL}
