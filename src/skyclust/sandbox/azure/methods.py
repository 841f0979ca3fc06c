"""Every route the emulator answers, every kind of resource it keeps, every effect it can schedule, for the dispatcher.

Invariant: what is not here exists in Azure but not in the sandbox, and says so when it is called.
"""

from skyclust.sandbox.azure import (
    aks_actions,
    aks_clusters,
    aks_pools,
    aks_versions,
    cards_balancers,
    costs,
    gateways_routes,
    groups,
    machines,
    metrics,
    networks,
    operations,
    peerings,
    permissions,
    public_addresses,
    quotas,
    resources,
    security,
    skus,
    subscriptions,
)
from skyclust.sandbox.azure.cloud import Route
from skyclust.sandbox.azure.resources import Kind
from skyclust.sandbox.kernel import Effect

_OF_KINDS = (networks, peerings, security, public_addresses, gateways_routes, cards_balancers, machines, aks_actions)
ROUTES: list[Route] = [
    route
    for module in (
        subscriptions,
        operations,
        permissions,
        groups,
        quotas,
        skus,
        costs,
        metrics,
        aks_versions,
        *_OF_KINDS,
    )
    for route in module.ROUTES
]
KINDS: dict[str, Kind] = {kind.collection: kind for module in _OF_KINDS for kind in module.KINDS}
EFFECTS: dict[str, Effect] = {
    **resources.EFFECTS,
    **groups.EFFECTS,
    **aks_clusters.EFFECTS,
    **aks_pools.EFFECTS,
    **aks_actions.EFFECTS,
}
