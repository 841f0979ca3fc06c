"""When a cluster and its pools can be changed: nothing runs on them, and the cluster is not stopped.

Called before every change. Source: the OperationNotAllowed page of AKS's troubleshooting guide.
"""

from skyclust.sandbox.azure import operations
from skyclust.sandbox.azure.cloud import Cloud
from skyclust.sandbox.azure.errors import ArmError, Json, operation_not_allowed


def not_ready(name: str, state: str) -> ArmError:
    return operation_not_allowed(
        f"Operation is not allowed: Another operation ({state}) is in progress on '{name}', please wait for it to "
        "finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details"
    )


def check_changeable(cloud: Cloud, cluster: Json, pools: list[Json]) -> None:
    """No operation is under way on the cluster or on one of `pools`, and the cluster runs."""
    for row in (cluster, *pools):
        if operations.is_busy(cloud, row):
            raise not_ready(row["name"], row["properties"]["provisioningState"])
    power = cluster["properties"]["powerState"]["code"]
    if power != "Running":
        raise operation_not_allowed(
            f"managed cluster is in ({power}) state, cannot perform the operation; start it first."
        )
