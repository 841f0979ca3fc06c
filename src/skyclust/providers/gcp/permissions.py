"""What the credential must be allowed to do, and whether it is. Called by verification and by every pre-flight."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.sessions import GcpSession

_CRUD = ("create", "delete", "get", "list", "update")

#: https://cloud.google.com/compute/docs/reference/rest/v1 names the permission of each method.
NETWORK_PERMISSIONS = (
    *(f"compute.networks.{verb}" for verb in (*_CRUD, "updatePolicy")),
    *(f"compute.subnetworks.{verb}" for verb in (*_CRUD, "expandIpCidrRange", "setPrivateIpGoogleAccess", "use")),
    *(f"compute.routers.{verb}" for verb in _CRUD),
    *(f"compute.firewalls.{verb}" for verb in _CRUD),
    *(f"compute.forwardingRules.{verb}" for verb in ("delete", "list")),
    *(f"compute.targetPools.{verb}" for verb in ("delete", "list")),
    *(f"compute.networkEndpointGroups.{verb}" for verb in ("delete", "list")),
    *(f"compute.disks.{verb}" for verb in ("delete", "list")),
    *(f"compute.globalOperations.{verb}" for verb in ("delete", "get", "list")),
    *(f"compute.regionOperations.{verb}" for verb in ("delete", "get", "list")),
    "compute.addresses.list",
    "compute.instances.list",
    "compute.projects.get",
    "compute.regions.get",
    "compute.routes.list",
    "container.clusters.list",
)
CLUSTER_PERMISSIONS = (
    *NETWORK_PERMISSIONS,
    *(f"container.clusters.{verb}" for verb in ("create", "delete", "get", "update")),
    "container.operations.get",
    "container.operations.list",
    "compute.instanceGroupManagers.get",
    "compute.machineTypes.list",
    "iam.serviceAccounts.actAs",
    *(f"iam.serviceAccounts.{verb}" for verb in ("create", "delete", "get")),
    "resourcemanager.projects.get",
    "resourcemanager.projects.getIamPolicy",
    "resourcemanager.projects.setIamPolicy",
    "serviceusage.services.get",
)
#: testIamPermissions takes at most this many at once.
_BATCH = 100


async def missing_permissions(gcp: GcpSession, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of `wanted` that the credential does not hold on the project, sorted."""
    names = sorted(set(wanted))
    held: set[str] = set()
    for start in range(0, len(names), _BATCH):
        answer = await gcp.read(partial(_test, gcp.project, names[start : start + _BATCH]))
        held.update(answer.get("permissions", []))
    return tuple(name for name in names if name not in held)


async def disabled_apis(gcp: GcpSession, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the APIs ("container.googleapis.com") that are not enabled for the project."""
    disabled = []
    for name in names:
        answer = await gcp.read(partial(_service, gcp.project, name))
        if answer.get("state") != "ENABLED":
            disabled.append(name)
    return tuple(disabled)


def _test(project: str, names: list[str], apis: Apis) -> Any:
    return apis.projects.projects().testIamPermissions(resource=project, body={"permissions": names})


def _service(project: str, name: str, apis: Apis) -> Any:
    return apis.services.services().get(name=f"projects/{project}/services/{name}")
