"""Simulated Google Cloud: container.v1, the networking part of compute.v1, and the small services a platform needs.

Called by the sandbox server. Invariant: the state is what the kernel's store holds and what the clock makes of it.
"""

from skyclust.sandbox.gcp.front import front

__all__ = ["front"]
