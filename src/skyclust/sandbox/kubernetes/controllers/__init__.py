"""The simple controllers that make a cluster out of its objects, and `settle`, which runs them until all is quiet.

Called around every request, by watches as time passes, and when machines change.
Invariant: level-triggered; a controller looks at what is, so a restart or a missed change costs nothing.
"""

from skyclust.sandbox.kubernetes.controllers.settling import settle

__all__ = ["settle"]
