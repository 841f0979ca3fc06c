"""A small Kubernetes API server for every simulated cluster: the API, simple controllers, and no containers.

Mounted by the sandbox server. Invariant: what a client was answered is in the store; what follows from it
(pods, status) is settled before the next answer.
"""

from skyclust.sandbox.kubernetes.clusters import KubernetesClusters

__all__ = ["KubernetesClusters"]
