"""The subscription and what it may use: tenants, locations, resource providers and their registration.

Called by the dispatcher. Source: https://learn.microsoft.com/rest/api/resources/ (subscriptions, providers, tenants).
"""

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import ArmError, Json
from skyclust.sandbox.azure.listing import list_answer

REGISTRATIONS = "registrations"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_PROVIDERS: dict[str, tuple[str, ...]] = {
    "Microsoft.Authorization": ("permissions", "roleAssignments", "roleDefinitions"),
    "Microsoft.Compute": ("virtualMachines", "virtualMachineScaleSets", "disks", "locations/usages"),
    "Microsoft.ContainerService": ("managedClusters", "locations/kubernetesVersions", "locations/operations"),
    "Microsoft.CostManagement": ("Query",),
    "Microsoft.ManagedIdentity": ("userAssignedIdentities",),
    "Microsoft.Network": ("virtualNetworks", "networkSecurityGroups", "natGateways", "publicIPAddresses", "routeTables",
                          "loadBalancers", "networkInterfaces", "virtualNetworks/virtualNetworkPeerings"),
    "Microsoft.Resources": ("resourceGroups", "subscriptions", "tags"),
}  # fmt: skip
_ZONAL = {
    "managedClusters",
    "publicIPAddresses",
    "natGateways",
    "loadBalancers",
    "virtualMachines",
    "virtualMachineScaleSets",
    "disks",
}


def subscription(cloud: Cloud) -> Json:
    return {
        "id": f"/subscriptions/{cloud.account.subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": cloud.account.subscription,
        "tenantId": cloud.account.tenant,
        "displayName": "Skyclust sandbox",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def list_subscriptions(cloud: Cloud, call: Call) -> Answer:
    return list_answer([subscription(cloud)], call)


def get_subscription(cloud: Cloud, _call: Call) -> Answer:
    return Answer(200, subscription(cloud))


def list_tenants(cloud: Cloud, call: Call) -> Answer:
    tenant = cloud.account.tenant
    row = {"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "Skyclust sandbox", "tenantCategory": "Home",
           "defaultDomain": "sandbox.onmicrosoft.com"}  # fmt: skip
    return list_answer([row], call)


def list_locations(cloud: Cloud, _call: Call) -> Answer:
    return Answer(200, {"value": [_location(cloud, region) for region in catalog.REGIONS.values()]})


def _location(cloud: Cloud, region: catalog.Region) -> Json:
    found: Json = {
        "id": f"/subscriptions/{cloud.account.subscription}/locations/{region.name}",
        "name": region.name,
        "type": "Region",
        "displayName": region.display_name,
        "regionalDisplayName": f"({region.geography}) {region.display_name}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Recommended" if region.zones else "Other",
            "geographyGroup": region.geography,
        },
    }
    if region.zones:
        found["availabilityZoneMappings"] = [
            {"logicalZone": zone, "physicalZone": f"{region.name}-az{zone}"} for zone in region.zones
        ]
    return found


# providers


def _provider(cloud: Cloud, namespace: str) -> Json:
    changed = cloud.get(REGISTRATIONS, namespace.lower())
    names = [region.display_name for region in catalog.REGIONS.values()]
    zonal = [
        {"location": region.display_name, "zones": list(region.zones)}
        for region in catalog.REGIONS.values()
        if region.zones
    ]
    return {
        "id": f"/subscriptions/{cloud.account.subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": changed["state"] if changed else "Registered",
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": names,
                "apiVersions": ["2026-08-01", "2026-03-01"],
                "capabilities": "SupportsTags, SupportsLocation",
                **({"zoneMappings": zonal} if kind in _ZONAL else {}),
            }
            for kind in _PROVIDERS[namespace]
        ],
    }


def _known(call: Call) -> str:
    wanted = call.path["namespace"]
    for namespace in _PROVIDERS:
        if namespace.lower() == wanted.lower():
            return namespace
    raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{wanted}' is invalid.")


def list_providers(cloud: Cloud, call: Call) -> Answer:
    return list_answer([_provider(cloud, namespace) for namespace in _PROVIDERS], call)


def get_provider(cloud: Cloud, call: Call) -> Answer:
    return Answer(200, _provider(cloud, _known(call)))


def register(cloud: Cloud, call: Call) -> Answer:
    namespace = _known(call)
    cloud.put(REGISTRATIONS, namespace.lower(), {"state": "Registered"})
    return Answer(200, _provider(cloud, namespace))


def unregister(cloud: Cloud, call: Call) -> Answer:
    namespace = _known(call)
    cloud.put(REGISTRATIONS, namespace.lower(), {"state": "NotRegistered"})
    return Answer(200, _provider(cloud, namespace))


def check_registered(cloud: Cloud, namespace: str) -> None:
    """Nothing of a provider that the subscription has not registered can be made."""
    changed = cloud.get(REGISTRATIONS, namespace.lower())
    if changed and changed["state"] != "Registered":
        raise ArmError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found "
            "for how to register subscriptions.",
        )


ROUTES = [
    Route("GET", "/subscriptions", "Microsoft.Resources/subscriptions/read", list_subscriptions),
    Route("GET", "/tenants", "Microsoft.Resources/tenants/read", list_tenants),
    Route("GET", _SUBSCRIPTION, "Microsoft.Resources/subscriptions/read", get_subscription),
    Route("GET", f"{_SUBSCRIPTION}/locations", "Microsoft.Resources/subscriptions/locations/read", list_locations),
    Route("GET", f"{_SUBSCRIPTION}/providers", "Microsoft.Resources/subscriptions/providers/read", list_providers),
    Route(
        "GET",
        f"{_SUBSCRIPTION}/providers/{{namespace}}",
        "Microsoft.Resources/subscriptions/providers/read",
        get_provider,
    ),
    Route(
        "POST",
        f"{_SUBSCRIPTION}/providers/{{namespace}}/register",
        "Microsoft.Resources/subscriptions/providers/register/action",
        register,
    ),
    Route(
        "POST",
        f"{_SUBSCRIPTION}/providers/{{namespace}}/unregister",
        "Microsoft.Resources/subscriptions/providers/unregister/action",
        unregister,
    ),
]
