"""Run the controllers whose objects changed, or whose time has come, until nothing changes any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers import (
    accounts,
    autoscalers,
    budgets,
    cronjobs,
    daemonsets,
    definitions,
    deployments,
    endpoints,
    events,
    garbage,
    jobs,
    kubelets,
    leases,
    namespaces,
    replicasets,
    scheduling,
    statefulsets,
    volumes,
)

MOST_ROUNDS = 200  # a rollout of n pods takes about 2n; one that never ends is a mistake here, not the user's


@dataclass(frozen=True)
class Controller:
    """`watches` are collections, none meaning all. `reconcile` may return when it wants to look again."""

    name: str
    reconcile: Callable[[Cluster], datetime | None]
    watches: frozenset[str] = frozenset()


def _controller(reconcile: Callable[[Cluster], datetime | None], *watches: str) -> Controller:
    return Controller(f"{reconcile.__module__}.{reconcile.__name__}", reconcile, frozenset(watches))


CONTROLLERS = (
    _controller(deployments.reconcile, "deployments.apps", "replicasets.apps", "pods"),
    _controller(replicasets.reconcile, "replicasets.apps", "pods"),
    _controller(replicasets.reconcile_replication, "replicationcontrollers", "pods"),
    _controller(daemonsets.reconcile, "daemonsets.apps", "pods", "nodes"),
    _controller(scheduling.reconcile, "pods", "nodes"),
    _controller(kubelets.reconcile, "pods", "nodes"),
    _controller(statefulsets.reconcile, "statefulsets.apps", "pods"),
    _controller(jobs.reconcile, "jobs.batch", "pods"),
    _controller(cronjobs.reconcile, "cronjobs.batch", "jobs.batch"),
    _controller(autoscalers.reconcile, "horizontalpodautoscalers.autoscaling"),
    _controller(budgets.reconcile, "poddisruptionbudgets.policy", "pods", *budgets.OWNERS),
    _controller(endpoints.reconcile, "services", "pods"),
    _controller(volumes.reconcile, "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"),
    _controller(leases.reconcile, "nodes", "leases.coordination.k8s.io"),
    _controller(accounts.reconcile, "namespaces", "serviceaccounts", "configmaps"),
    _controller(definitions.reconcile),
    _controller(namespaces.reconcile),
    _controller(events.reconcile, "events"),
    _controller(garbage.reconcile),
)


def settle(cluster: Cluster) -> None:
    """The caller holds the cluster's lock. Time stands still meanwhile, or a fast clock would never let it end."""
    if cluster.is_deleted:
        return
    with cluster.time_stopped():
        for _ in range(MOST_ROUNDS):
            if not [controller for controller in CONTROLLERS if _run_if_due(cluster, controller)]:
                return
    raise RuntimeError(f"The controllers of cluster {cluster.key} do not come to rest; two of them undo each other.")


def _run_if_due(cluster: Cluster, controller: Controller) -> bool:
    seen, due_at = cluster.settled.get(controller.name, (-1, None))
    if not (_has_news(cluster, controller, seen) or (due_at is not None and cluster.now() >= due_at)):
        return False
    version = cluster.objects.version
    due_at = controller.reconcile(cluster)
    cluster.settled[controller.name] = (version, due_at)
    return True


def _has_news(cluster: Cluster, controller: Controller, seen: int) -> bool:
    objects = cluster.objects
    if seen == objects.version:
        return False
    if seen < objects.oldest or not controller.watches:
        return True
    return any(change.collection in controller.watches for change in objects.since(seen))
