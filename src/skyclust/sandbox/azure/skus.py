"""The list of resource SKUs: VM sizes with zones, capabilities and restrictions, as `az vm list-skus` reads it.

Source: https://learn.microsoft.com/rest/api/compute/resource-skus/list
"""

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import ArmError, Json, bad_request
from skyclust.sandbox.azure.listing import list_answer, predicate_of

RESTRICTIONS = "restrictions"
PAGE = "1000"


def list_skus(cloud: Cloud, call: Call) -> Answer:
    """One entry for a size and a region."""
    keep = predicate_of(call.query.get("$filter", ""))
    regions = [region for region in catalog.REGIONS.values() if keep({"location": region.name})]
    restricted = {key: row["reason"] for key, row in cloud.all(RESTRICTIONS)}
    rows = [
        sku(size, region, restricted.get(f"{region.name}/{size.name.lower()}", ""))
        for region in regions
        for size in catalog.sizes().values()
        if region.name in size.prices
    ]
    return list_answer(rows, Call(**{**vars(call), "query": {"$top": PAGE, **call.query}}))


def check_unrestricted(cloud: Cloud, location: str, size: catalog.Size, pool: str) -> None:
    if cloud.get(RESTRICTIONS, f"{location}/{size.name.lower()}") is not None:
        raise not_allowed(size.name, pool, location)


def not_allowed(size: str, pool: str, location: str) -> ArmError:
    """AKS's refusal of a size that the region or the subscription does not have."""
    return bad_request(
        "BadRequest",
        f"The VM size of {size} in AgentPoolProfile:{pool} is not allowed in your subscription in location "
        f"'{location}'. For more details, please visit https://aka.ms/aks/quotas-skus-regions",
    )


def sku(size: catalog.Size, region: catalog.Region, restricted: str) -> Json:
    found: Json = {
        "resourceType": "virtualMachines",
        "name": size.name,
        "tier": "Standard",
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locations": [region.name],
        "locationInfo": [{"location": region.name, "zones": list(region.zones), "zoneDetails": []}],
        "capabilities": [{"name": name, "value": value} for name, value in _capabilities(size).items()],
        "restrictions": [],
    }
    if restricted:
        found["restrictions"] = [
            {
                "type": "Location",
                "values": [region.name],
                "restrictionInfo": {"locations": [region.name]},
                "reasonCode": restricted,
            }
        ]
    return found


def _capabilities(size: catalog.Size) -> dict[str, str]:
    return {
        "MaxResourceVolumeMB": "0",
        "OSVhdSizeMB": "1047552",
        "vCPUs": str(size.vcpus),
        "MemoryPreservingMaintenanceSupported": "True",
        "HyperVGenerations": "V2" if size.arm else "V1,V2",
        "MemoryGB": f"{size.memory_gib:g}",
        "MaxDataDiskCount": str(min(size.vcpus * 2, 64)),
        "CpuArchitectureType": "Arm64" if size.arm else "x64",
        "LowPriorityCapable": str(not size.name.startswith("Standard_B")),
        "PremiumIO": str(size.premium),
        "VMDeploymentTypes": "IaaS",
        "vCPUsAvailable": str(size.vcpus),
        "vCPUsPerCore": "1" if size.arm else "2",
        "EncryptionAtHostSupported": "True",
        "AcceleratedNetworkingEnabled": "True",
    }


ROUTES = [
    Route(
        "GET",
        "/subscriptions/{subscription}/providers/Microsoft.Compute/skus",
        "Microsoft.Compute/skus/read",
        list_skus,
    ),
]
