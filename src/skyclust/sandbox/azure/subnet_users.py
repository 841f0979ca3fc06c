"""Who lives in a subnet: network interfaces, scale sets of clusters, private front ends. Read by subnets and usages.

Invariant: reads only.
"""

from collections.abc import Iterator

from skyclust.sandbox.azure.cloud import Cloud
from skyclust.sandbox.azure.errors import Json

NICS = "microsoft.network/networkinterfaces"
BALANCERS = "microsoft.network/loadbalancers"
SCALE_SETS = "microsoft.compute/virtualmachinescalesets"
MACHINES = f"{SCALE_SETS}/virtualmachines"
POOLS = "microsoft.containerservice/managedclusters/agentpools"


def users_of(cloud: Cloud, subnet_id: str, *, with_clusters: bool = True) -> list[str]:
    """The ids of what holds an address of the subnet; a cluster's pools hold it from the day they are asked for."""
    wanted = subnet_id.lower()
    found = [*_cards(cloud, wanted), *_machines(cloud, wanted), *_front_ends(cloud, wanted)]
    if with_clusters and not found:
        found = [
            row["id"] for _, row in cloud.all(POOLS) if row["properties"].get("vnetSubnetID", "").lower() == wanted
        ]
    return found


def _is_in(configuration: Json, wanted: str) -> bool:
    return str(configuration.get("properties", {}).get("subnet", {}).get("id", "")).lower() == wanted


def _cards(cloud: Cloud, wanted: str) -> Iterator[str]:
    for _, row in cloud.all(NICS):
        for configuration in row["properties"].get("ipConfigurations", []):
            if _is_in(configuration, wanted):
                yield f"{row['id']}/ipConfigurations/{configuration.get('name', 'ipconfig1')}"


def _machines(cloud: Cloud, wanted: str) -> Iterator[str]:
    for _, row in cloud.all(MACHINES):
        if row.get("_subnet", "").lower() == wanted:
            yield f"{row['id']}/networkInterfaces/{row['_scale_set']}/ipConfigurations/ipconfig1"


def _front_ends(cloud: Cloud, wanted: str) -> Iterator[str]:
    for _, row in cloud.all(BALANCERS):
        for configuration in row["properties"].get("frontendIPConfigurations", []):
            if _is_in(configuration, wanted):
                yield f"{row['id']}/frontendIPConfigurations/{configuration.get('name', '')}"
