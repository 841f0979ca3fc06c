"""What AKS tells about a change that came to nothing. Called by the drivers of clusters and node pools.

The error is told once per session and failure: after a resume the change is tried again, which is AKS's own remedy
(https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/availability-performance/cluster-node-virtual-machine-failed-state).
"""

from __future__ import annotations

from skyclust.contract.errors import InvalidSpec, ProviderError
from skyclust.contract.resources import JsonObject, Phase
from skyclust.providers.azure.classifying import classify_refusal, refusal_of
from skyclust.providers.azure.drivers.arm import phase_of, unchanged
from skyclust.providers.azure.sessions import AzureSession, operation_of


def failure_of(document: JsonObject) -> str:
    """Why the last operation on a cluster or pool failed, "" when it did not."""
    if phase_of(document) is not Phase.FAILED:
        return ""
    error = (document.get("properties", {}).get("status") or {}).get("provisioningError") or {}
    refusal = refusal_of(400, error)
    return f"{refusal.message} ({refusal.code})" if error else "Azure gave no reason."


def raise_failure(az: AzureSession, external_id: str, document: JsonObject) -> None:
    """Raise the error that the last operation ended with, unless this session has told it before."""
    if not failure_of(document):
        return
    failure = f"{external_id}#{unchanged(document).get('If-Match', '')}"
    if failure in az.told_failures:
        return
    az.told_failures.add(failure)
    raise classify_failure(document, operation_of("PUT", external_id))


def classify_failure(document: JsonObject, operation: str) -> ProviderError:
    """The class of the error that an accepted operation ended with."""
    error = (document.get("properties", {}).get("status") or {}).get("provisioningError") or {}
    found = classify_refusal(refusal_of(400, error), operation, 0.0, mutating=True)
    return found or InvalidSpec(
        f"{operation}: {failure_of(document)}", operation=operation, code=str(error.get("code", ""))
    )
