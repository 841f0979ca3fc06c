"""What the credential must be allowed to do, and whether it is. Called by verification and by every pre-flight.

Names follow the methods that are called: https://cloud.google.com/compute/docs/reference/rest/v1 and its likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from skyclust.contract.specs import ClusterSpec
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.options import options_of
from skyclust.providers.gcp.sessions import GcpSession

_CRUD = ("create", "delete", "get", "list", "update")

#: To look around, and to sweep what Kubernetes left behind.
_READ_AND_SWEEP = (
    *(f"compute.{kind}.{verb}" for kind in ("forwardingRules", "targetPools") for verb in ("delete", "list")),
    *(f"compute.{kind}.{verb}" for kind in ("networkEndpointGroups", "disks") for verb in ("delete", "list")),
    *(f"compute.firewalls.{verb}" for verb in ("delete", "list")),
    *(f"compute.{kind}.list" for kind in ("addresses", "instances", "networks", "routers", "routes", "subnetworks")),
    *(f"compute.{kind}.{verb}" for kind in ("globalOperations", "regionOperations") for verb in ("get", "list")),
    "compute.networks.get",
    "compute.projects.get",
    "compute.regions.get",
    "compute.subnetworks.get",
    "container.clusters.list",
    "serviceusage.services.get",
)
#: To make, change and delete networks; `updatePolicy` is what firewall rules need.
NETWORK_PERMISSIONS = (
    *_READ_AND_SWEEP,
    *(f"compute.{kind}.{verb}" for kind in ("networks", "subnetworks", "routers", "firewalls") for verb in _CRUD),
    *(f"compute.subnetworks.{verb}" for verb in ("expandIpCidrRange", "setPrivateIpGoogleAccess")),
    "compute.networks.updatePolicy",
)
_GKE = (
    *(f"container.clusters.{verb}" for verb in ("create", "delete", "get", "update")),
    *(f"container.operations.{verb}" for verb in ("get", "list")),
    "compute.instanceGroupManagers.get",
    "compute.machineTypes.list",
    "compute.subnetworks.use",
    "iam.serviceAccounts.actAs",
    "resourcemanager.projects.get",
)
#: To make the nodes' service account and bind its roles.
_IDENTITY = (
    *(f"iam.serviceAccounts.{verb}" for verb in ("create", "delete", "get")),
    *(f"resourcemanager.projects.{verb}" for verb in ("getIamPolicy", "setIamPolicy")),
)
#: To see drift and orphans. Nothing is refused without them; what cannot be listed is told as unread.
_SURVEY = ("compute.instanceGroupManagers.list", "iam.serviceAccounts.list")
#: To peer networks. Only a peering is refused without them.
_PEERING = ("compute.networks.addPeering", "compute.networks.removePeering")
#: All that a cluster with everything of its own needs.
CLUSTER_PERMISSIONS = (*NETWORK_PERMISSIONS, *_GKE, *_IDENTITY, *_SURVEY, *_PEERING)


def permissions_for(spec: ClusterSpec) -> tuple[str, ...]:
    """What this very cluster needs: less in an existing network, less with a service account of one's own."""
    network = NETWORK_PERMISSIONS if spec.network is not None else _READ_AND_SWEEP
    identity = () if options_of(spec).service_account else _IDENTITY
    return (*network, *_GKE, *identity)


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
