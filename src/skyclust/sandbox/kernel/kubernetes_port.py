"""What a cloud front needs from the simulated Kubernetes API server, so that it works with none.

Invariant: `cluster_key` is unique over all clouds and fit for a URL path segment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

Authenticate = Callable[[str], str | None]


@dataclass(frozen=True)
class NodeSpec:
    """One machine of a node pool as Kubernetes shall see it."""

    name: str
    machine_type: str = ""
    zone: str = ""
    region: str = ""
    cpu_millis: int = 2000
    memory_bytes: int = 8 * 1024**3
    provider_id: str = ""
    internal_ip: str = ""
    kubernetes_version: str = ""
    max_pods: int = 110
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[dict[str, str], ...] = ()


class KubernetesPort(Protocol):
    ca_pem: str

    def create(self, cluster_key: str, version: str, authenticate: Authenticate) -> None:
        """Serve this cluster; called again for every living cluster after a restart. Twice is fine."""

    def delete(self, cluster_key: str) -> None:
        """Stop serving and forget it; silent when it is unknown."""

    def endpoint(self, cluster_key: str) -> str:
        """The https URL to put into the cluster's description."""

    def set_nodes(self, cluster_key: str, pool: str, nodes: list[NodeSpec]) -> None:
        """These are now all the nodes of `pool`; an empty list drains it."""


class NoKubernetes:
    """Stands in when no API server is mounted: endpoints nobody answers."""

    def __init__(self, ca_pem: str = "") -> None:
        self.ca_pem = ca_pem

    def create(self, cluster_key: str, version: str, authenticate: Authenticate) -> None:
        """Nothing to serve."""

    def delete(self, cluster_key: str) -> None:
        """Nothing to stop."""

    def endpoint(self, cluster_key: str) -> str:
        return f"https://{cluster_key}.kubernetes.invalid"

    def set_nodes(self, cluster_key: str, pool: str, nodes: list[NodeSpec]) -> None:
        """Nobody looks at them."""
