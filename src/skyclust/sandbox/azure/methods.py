"""Every route the emulator answers, every kind of resource it keeps, every effect it can schedule, for the dispatcher.

Invariant: what is not here exists in Azure but not in the sandbox, and says so when it is called.
"""

from skyclust.sandbox.azure import groups, networks, operations, permissions, resources, security, subscriptions
from skyclust.sandbox.azure.cloud import Route
from skyclust.sandbox.azure.resources import Kind
from skyclust.sandbox.kernel import Effect

ROUTES: list[Route] = [
    *subscriptions.ROUTES,
    *operations.ROUTES,
    *permissions.ROUTES,
    *groups.ROUTES,
    *networks.ROUTES,
    *security.ROUTES,
]
KINDS: dict[str, Kind] = {kind.collection: kind for kind in (*networks.KINDS, *security.KINDS)}
EFFECTS: dict[str, Effect] = {**resources.EFFECTS, **groups.EFFECTS}
