"""Every method the emulator answers and every effect it can schedule, by name. Read by the dispatcher.

Invariant: a method that is not here exists in Google's API but not in the sandbox, and says so when it is called.
"""

from skyclust.sandbox.gcp import (
    addresses,
    billing,
    compute_operations,
    compute_resources,
    firewalls,
    gke_clusters,
    gke_node_pools,
    gke_operations,
    gke_outlooks,
    gke_updates,
    gke_versions,
    instance_groups,
    load_balancing,
    machines,
    metrics,
    networks,
    node_machines,
    peerings,
    places,
    pools,
    project_services,
    routers,
    service_accounts,
    sts,
    subnetworks,
)
from skyclust.sandbox.gcp.cloud import Handler
from skyclust.sandbox.kernel import Effect

HANDLERS: dict[str, Handler] = {
    **compute_operations.HANDLERS,
    **machines.HANDLERS,
    **networks.HANDLERS,
    **peerings.HANDLERS,
    **places.HANDLERS,
    **addresses.HANDLERS,
    **firewalls.HANDLERS,
    **instance_groups.HANDLERS,
    **load_balancing.HANDLERS,
    **routers.HANDLERS,
    **subnetworks.HANDLERS,
    **gke_clusters.HANDLERS,
    **gke_node_pools.HANDLERS,
    **gke_operations.HANDLERS,
    **gke_outlooks.HANDLERS,
    **gke_updates.HANDLERS,
    **gke_versions.HANDLERS,
    **project_services.HANDLERS,
    **service_accounts.HANDLERS,
    **pools.HANDLERS,
    **sts.HANDLERS,
    **billing.HANDLERS,
    **metrics.HANDLERS,
}
EFFECTS: dict[str, Effect] = {
    **compute_resources.EFFECTS,
    **networks.EFFECTS,
    **peerings.EFFECTS,
    **node_machines.EFFECTS,
    **subnetworks.EFFECTS,
    **gke_clusters.EFFECTS,
    **gke_node_pools.EFFECTS,
    **gke_updates.EFFECTS,
}
