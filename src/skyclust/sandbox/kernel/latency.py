"""How long things take, in cloud seconds. Called by the fronts when they accept a request that takes time.

Invariant: the same seed, name and resource always give the same duration, also after a restart.
"""

import hashlib
import math
import random

SIGMA = 0.15
DEFAULT_SECONDS = 2.0

# medians from public logs of terraform and cluster-api runs
MEDIANS: dict[str, float] = {
    "aws.vpc.create": 12,
    "aws.subnet.create": 2,
    "aws.internet_gateway.create": 1,
    "aws.address.create": 1,
    "aws.nat_gateway.create": 106,
    "aws.nat_gateway.delete": 60,
    "aws.route_table.create": 2,
    "aws.security_group.create": 3,
    "aws.role.create": 12,
    "aws.load_balancer.create": 150,
    "aws.cluster.create": 617,
    "aws.cluster.update": 480,
    "aws.cluster.delete": 204,
    "aws.node_group.create": 119,
    "aws.node_group.update": 60,
    "aws.node_group.upgrade": 300,
    "aws.node_group.delete": 252,
    "aws.fargate_profile.create": 90,
    "aws.fargate_profile.delete": 120,
    "aws.addon.create": 30,
    "aws.addon.update": 30,
    "aws.addon.delete": 20,
    "gcp.cluster.create_zonal": 214,
    "gcp.cluster.create_regional": 403,
    "gcp.cluster.update": 120,
    "gcp.cluster.delete": 205,
    "gcp.node_pool.create": 94,
    "gcp.node_pool.update": 60,
    "gcp.node_pool.delete": 94,
    "gcp.network.create": 22,
    "gcp.network.delete": 22,
    "gcp.subnetwork.create": 13,
    "gcp.subnetwork.delete": 21,
    "gcp.router.create": 11,
    "gcp.router.delete": 11,
    "gcp.firewall.create": 11,
    "gcp.firewall.delete": 11,
    "gcp.resource.update": 8,
    "gcp.resource.create": 5,
    "gcp.resource.delete": 10,
    "azure.cluster.create": 251,
    "azure.cluster.delete": 492,
    "azure.agent_pool.create": 210,
    "azure.cluster.update": 90,
    "azure.cluster.upgrade": 420,
    "azure.cluster.tags": 30,
    "azure.cluster.start": 200,
    "azure.cluster.stop": 180,
    "azure.agent_pool.update": 60,
    "azure.agent_pool.upgrade": 300,
    "azure.agent_pool.delete": 150,
    "azure.network.create": 5,
    "azure.network.delete": 11,
    "azure.subnet.create": 5,
    "azure.subnet.delete": 11,
    "azure.peering.create": 11,
    "azure.peering.delete": 11,
    "azure.security_group.create": 3,
    "azure.security_group.delete": 11,
    "azure.public_ip.create": 3,
    "azure.public_ip.delete": 11,
    "azure.nat_gateway.create": 11,
    "azure.nat_gateway.delete": 11,
    "azure.load_balancer.delete": 11,
    "azure.network_interface.delete": 11,
    "azure.instance.delete": 40,
}


class Latencies:
    def __init__(self, seed: int = 0, medians: dict[str, float] | None = None) -> None:
        self.seed = seed
        self.medians = dict(MEDIANS if medians is None else medians)

    def sample(self, name: str, resource: str = "") -> float:
        """Seconds for `name` on `resource`; an unknown name takes two seconds."""
        digest = hashlib.sha256(f"{self.seed}|{name}|{resource}".encode()).digest()
        dice = random.Random(int.from_bytes(digest[:8], "big"))
        return self.medians.get(name, DEFAULT_SECONDS) * math.exp(dice.gauss(0.0, SIGMA))
