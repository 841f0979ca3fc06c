"""The Kubernetes port of the sandbox: makes, forgets and serves clusters, and turns machines into their nodes.

Mounted by `sandbox/server.py`. Invariant: all is in the store; after a restart `create` and `set_nodes` find it again.
"""

import threading
import uuid

from skyclust.sandbox.kernel import (
    AsgiApp,
    Authenticate,
    CertificateAuthority,
    NodeSpec,
    SandboxClock,
    Store,
)
from skyclust.sandbox.kubernetes import nodes, seeding
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers import settle
from skyclust.sandbox.kubernetes.discovery import full_version
from skyclust.sandbox.kubernetes.front import KubernetesFront

CLUSTERS = "kubernetes.clusters"


class KubernetesClusters:
    app: AsgiApp

    def __init__(self, store: Store, clock: SandboxClock, ca: CertificateAuthority) -> None:
        self.ca_pem = ca.pem
        self._store = store
        self._clock = clock
        self._base_url = ""
        self._clusters: dict[str, Cluster] = {}
        self._lock = threading.Lock()
        self.app = KubernetesFront(self._clusters.get)

    def announce(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def endpoint(self, cluster_key: str) -> str:
        return f"{self._base_url}/clusters/{cluster_key}"

    def create(self, cluster_key: str, version: str, authenticate: Authenticate) -> None:
        with self._store.transaction(), self._lock:
            cluster = self._clusters.get(cluster_key) or self._load(cluster_key)
            cluster.version = full_version(version)
            cluster.authenticate = authenticate
            with cluster.changing():
                seeding.seed(cluster)
                settle(cluster)
            self._clusters[cluster_key] = cluster

    def delete(self, cluster_key: str) -> None:
        with self._store.transaction(), self._lock:
            cluster = self._clusters.pop(cluster_key, None)
            if cluster is not None:
                cluster.is_deleted = True
            self._store.delete(CLUSTERS, cluster_key)
            self._store.clear(f"kubernetes/{cluster_key}/")

    def set_nodes(self, cluster_key: str, pool: str, nodes_of_pool: list[NodeSpec]) -> None:
        """Silent for a cluster that is not served (not yet, or no more)."""
        cluster = self._clusters.get(cluster_key)
        if cluster is None:
            return
        with cluster.changing():
            nodes.set_pool(cluster, pool, nodes_of_pool)
            settle(cluster)

    def _load(self, key: str) -> Cluster:
        """The incarnation tells a new cluster from an earlier one of the same name."""
        known = self._store.get(CLUSTERS, key)
        if known is None:
            known = {"incarnation": uuid.uuid4().hex}
            self._store.put(CLUSTERS, key, known)
        return Cluster(key, known["incarnation"], self.ca_pem, self._store, self._clock)
