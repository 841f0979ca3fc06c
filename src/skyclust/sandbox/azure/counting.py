"""How many of a resource the subscription may have in a region. Read by every creation and by the usage lists.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits.
Invariant: the outside world can change each limit.
"""

from skyclust.sandbox.azure.cloud import Cloud
from skyclust.sandbox.azure.errors import bad_request

QUOTAS = "quotas"
# collection: (metric, its title, limit)
COUNTED = {
    "microsoft.network/virtualnetworks": ("VirtualNetworks", "Virtual Networks", 1000),
    "microsoft.network/networksecuritygroups": ("NetworkSecurityGroups", "Network Security Groups", 5000),
    "microsoft.network/publicipaddresses": ("PublicIPAddresses", "Public IP Addresses", 1000),
    "microsoft.network/natgateways": ("NatGateways", "Nat Gateways", 1000),
    "microsoft.network/routetables": ("RouteTables", "Route Tables", 200),
    "microsoft.network/networkinterfaces": ("NetworkInterfaces", "Network Interfaces", 65536),
    "microsoft.network/loadbalancers": ("LoadBalancers", "Load Balancers", 1000),
}

_SINGULARS = {"PublicIPAddresses": "PublicIPAddress"}


def limit_of(cloud: Cloud, location: str, metric: str, default: int) -> int:
    found = cloud.get(QUOTAS, f"{location}/{metric.lower()}")
    return int(found["limit"]) if found else default


def set_limit(cloud: Cloud, location: str, metric: str, limit: int) -> None:
    cloud.put(QUOTAS, f"{location}/{metric.lower()}", {"limit": limit})


def check_count(cloud: Cloud, collection: str, plural: str, location: str, *, exhausted: bool) -> None:
    """One more of a resource fits; a wanted fault finds that it does not."""
    metric, _, default = COUNTED.get(collection, (f"{plural[:1].upper()}{plural[1:]}", "", 0))
    limit = limit_of(cloud, location, metric, default)
    if exhausted or (collection in COUNTED and count(cloud, collection, location) >= limit):
        raise bad_request(
            f"{_SINGULARS.get(metric, metric.removesuffix('s'))}CountLimitReached",
            f"Cannot create more than {limit} {metric} for this subscription in this region.",
        )


def count(cloud: Cloud, collection: str, location: str) -> int:
    return sum(1 for _, row in cloud.all(collection) if row["_location"] == location)
