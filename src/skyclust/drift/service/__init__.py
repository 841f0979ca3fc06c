"""What may be done about drift and orphans. The slice's only door."""

from skyclust.drift.service.acting import accept, repair, repair_cluster, repair_network
from skyclust.drift.service.orphans import adopt, get_orphan, ignore, orphan_page, sweep
from skyclust.drift.service.reading import Paging, cluster_drift, drift_page, get_drift, network_drift

__all__ = [
    "Paging",
    "accept",
    "adopt",
    "cluster_drift",
    "drift_page",
    "get_drift",
    "get_orphan",
    "ignore",
    "network_drift",
    "orphan_page",
    "repair",
    "repair_cluster",
    "repair_network",
    "sweep",
]
