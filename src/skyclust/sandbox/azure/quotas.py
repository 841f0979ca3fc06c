"""vCPUs of the subscription by region and family of sizes, and the lists of what is used of every limit.

Source: https://learn.microsoft.com/azure/virtual-machines/quotas. The limits are those of a paid subscription that once
asked for more. Invariant: the outside world can change each.
"""

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.counting import COUNTED, count, limit_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.listing import list_answer
from skyclust.sandbox.azure.machines import VIRTUAL_MACHINES, vcpus_used
from skyclust.sandbox.azure.subnet_users import MACHINES

CORES, LOW_PRIORITY = "cores", "lowPriorityCores"
REGIONAL_CORES, FAMILY_CORES, SPOT_CORES = 500, 200, 100


def check_vcpus(cloud: Cloud, location: str, size: catalog.Size, nodes: int, *, spot: bool, trouble: str = "") -> None:
    """`nodes` more machines of a size fit into the region's and the family's vCPUs."""
    wanted = nodes * size.vcpus
    if wanted <= 0:
        return
    scopes = (
        [(LOW_PRIORITY, "", SPOT_CORES)]
        if spot
        else [(CORES, "", REGIONAL_CORES), (size.family, size.family, FAMILY_CORES)]
    )
    for metric, family, default in scopes:
        limit = 0 if trouble == "quota" else limit_of(cloud, location, metric, default)
        left = max(limit - vcpus_used(cloud, location, family, spot=spot), 0)
        if wanted > left:
            what = f"family {family}" if family else f"quota {metric}"
            raise bad_request(
                "ErrCode_InsufficientVCPUQuota",
                f"Insufficient vcpu quota requested {wanted}, remaining {left} for {what} for region {location}. If "
                "you want to increase the quota, please follow this instruction: "
                "https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu "
                "quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without "
                "surge nodes, details: aka.ms/aks/maxUnavailable.",
            )


# usage lists


def _usage(metric: str, title: str, used: int, limit: int) -> Json:
    return {"unit": "Count", "currentValue": used, "limit": limit, "name": {"value": metric, "localizedValue": title}}


def compute_usages(cloud: Cloud, call: Call) -> Answer:
    location = catalog.location_of(call.path["location"], "Microsoft.Compute/locations")
    families = sorted({size.family for size in catalog.sizes().values() if location in size.prices})
    machines = sum(
        1 for kind in (MACHINES, VIRTUAL_MACHINES) for _, row in cloud.all(kind) if row.get("_location") == location
    )
    rows = [
        _usage("availabilitySets", "Availability Sets", 0, 2500),
        _usage(
            CORES, "Total Regional vCPUs", vcpus_used(cloud, location), limit_of(cloud, location, CORES, REGIONAL_CORES)
        ),
        _usage("virtualMachines", "Virtual Machines", machines, 25000),
        _usage(
            LOW_PRIORITY,
            "Total Regional Low-priority vCPUs",
            vcpus_used(cloud, location, spot=True),
            limit_of(cloud, location, LOW_PRIORITY, SPOT_CORES),
        ),
    ]
    for family in families:
        title = f"{family.removesuffix('Family').replace('standard', 'Standard ')} Family vCPUs"
        rows.append(
            _usage(family, title, vcpus_used(cloud, location, family), limit_of(cloud, location, family, FAMILY_CORES))
        )
    return Answer(200, {"value": rows})


def network_usages(cloud: Cloud, call: Call) -> Answer:
    location = catalog.location_of(call.path["location"], "Microsoft.Network/locations")
    usages = f"/subscriptions/{cloud.account.subscription}/providers/Microsoft.Network/locations/{location}/usages"
    rows = [
        {
            "id": f"{usages}/{metric}",
            **_usage(metric, title, count(cloud, collection, location), limit_of(cloud, location, metric, default)),
        }
        for collection, (metric, title, default) in COUNTED.items()
    ]
    return list_answer(rows, call)


_WHERE = "/subscriptions/{subscription}/providers"
ROUTES = [
    Route(
        "GET",
        f"{_WHERE}/Microsoft.Compute/locations/{{location}}/usages",
        "Microsoft.Compute/locations/usages/read",
        compute_usages,
    ),
    Route(
        "GET",
        f"{_WHERE}/Microsoft.Network/locations/{{location}}/usages",
        "Microsoft.Network/locations/usages/read",
        network_usages,
    ),
]
