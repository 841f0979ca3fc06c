"""What the credential must be allowed to do, and whether it is. Called by verification and by every pre-flight.

Names are those of the calls that are made: https://learn.microsoft.com/azure/role-based-access-control/permissions
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from skyclust.contract.resources import JsonObject
from skyclust.providers.azure.sessions import AzureSession

_CRUD = ("delete", "read", "write")
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
_READS = (
    f"{_GROUPS}/resources/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/loadBalancers/read",
    "Microsoft.Network/publicIPAddresses/read",
    *(f"Microsoft.Compute/disks/{verb}" for verb in ("delete", "read")),
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.Network/loadBalancers/delete",
)
#: To make, change and delete networks; `join` is what it takes to refer to a resource from another one.
NETWORK_PERMISSIONS = (
    *(f"{_GROUPS}/{verb}" for verb in _CRUD),
    *(
        f"Microsoft.Network/{kind}/{verb}"
        for kind in (
            "virtualNetworks",
            "virtualNetworks/subnets",
            "natGateways",
            "publicIPAddresses",
            "networkSecurityGroups",
        )
        for verb in _CRUD
    ),
    "Microsoft.Network/natGateways/join/action",
    "Microsoft.Network/publicIPAddresses/join/action",
    *_READS,
)
_PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
#: To peer networks. Only a peering is refused without them.
PEERING_PERMISSIONS = (*(f"{_PEERINGS}/{verb}" for verb in _CRUD), "Microsoft.Network/virtualNetworks/peer/action")
#: All that a cluster with a network of its own needs.
CLUSTER_PERMISSIONS = (
    *NETWORK_PERMISSIONS,
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    *(f"Microsoft.ContainerService/managedClusters/{verb}" for verb in _CRUD),
    *(f"Microsoft.ContainerService/managedClusters/agentPools/{verb}" for verb in _CRUD),
    "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
    "Microsoft.Compute/locations/usages/read",
    "Microsoft.Compute/skus/read",
    "Microsoft.Compute/virtualMachineScaleSets/read",
)


async def missing_permissions(az: AzureSession, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of `wanted` that the credential does not hold on the subscription, sorted."""
    rows = await az.items(f"/subscriptions/{az.subscription}/providers/Microsoft.Authorization/permissions")
    return tuple(name for name in sorted(set(wanted)) if not any(grants(row, name) for row in rows))


def grants(role: JsonObject, action: str) -> bool:
    """Whether one role gives the right: among its actions and not among those it takes away."""
    return _among(action, role.get("actions") or []) and not _among(action, role.get("notActions") or [])


def _among(action: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)
