"""Scale sets, virtual machines and disks of Compute, and managed identities: read and deleted here, made by others.

AKS makes scale sets, Kubernetes makes disks, the outside world makes machines. Invariant: vCPUs in use are those of the
machines there are.
"""

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Cloud
from skyclust.sandbox.azure.errors import ArmError, Json
from skyclust.sandbox.azure.resources import Kind, routes_of
from skyclust.sandbox.azure.subnet_users import MACHINES, NICS

VIRTUAL_MACHINES = "microsoft.compute/virtualmachines"


def vcpus_used(cloud: Cloud, location: str, family: str = "", *, spot: bool = False) -> int:
    """Of a family of sizes, or of all; low-priority machines count apart."""
    rows = [row for kind in (MACHINES, VIRTUAL_MACHINES) for _, row in cloud.all(kind)]
    used = 0
    for row in rows:
        size = catalog.sizes().get(row["_size"].lower())
        if size and row.get("_location") == location and bool(row.get("_spot")) is spot and family in ("", size.family):
            used += size.vcpus
    return used


def _cards_go_free(cloud: Cloud, document: Json) -> None:
    """The interfaces of a machine that went go with it, if it was made so, or belong to nobody."""
    held = document["properties"].get("networkProfile", {}).get("networkInterfaces", [])
    gone = {row["id"].lower() for row in held if row.get("properties", {}).get("deleteOption") == "Delete"}
    for key, row in cloud.all(NICS):
        if key in gone:
            cloud.remove(NICS, key)
        elif row["properties"].get("virtualMachine", {}).get("id", "").lower() == document["id"].lower():
            row["properties"].pop("virtualMachine")
            cloud.put(NICS, key, row)


def _nodes_go(cloud: Cloud, document: Json) -> None:
    """The nodes of a scale set that went by hand go too; AKS does not notice."""
    cluster = cloud.get("microsoft.containerservice/managedclusters", document.get("_cluster", ""))
    if cluster is not None:
        cloud.kernel.kubernetes.set_nodes(cluster["_key"], document["tags"]["aks-managed-poolName"], [])


def _check_disk_free(_cloud: Cloud, document: Json) -> None:
    if document.get("managedBy"):
        raise ArmError(
            409, "OperationNotAllowed", f"Disk {document['name']} is attached to VM {document['managedBy']}."
        )


SCALE_SET = Kind("Microsoft.Compute/virtualMachineScaleSets", "scale_set", removed=_nodes_go)
SCALE_SET_MACHINE = Kind(
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines", "scale_set_machine", tracked=False
)
VIRTUAL_MACHINE = Kind("Microsoft.Compute/virtualMachines", "instance", removed=_cards_go_free)
DISK = Kind("Microsoft.Compute/disks", "disk", check_free=_check_disk_free)
IDENTITY = Kind("Microsoft.ManagedIdentity/userAssignedIdentities", "identity", synchronous=True)
KINDS = (SCALE_SET, SCALE_SET_MACHINE, VIRTUAL_MACHINE, DISK, IDENTITY)
ROUTES = [route for kind in KINDS for route in routes_of(kind)]
