"""Simulated Azure: Resource Manager over TLS, the login authority, parts of Network, ContainerService and Compute.

Called by the sandbox server. Invariant: the state is what the kernel's store holds and what the clock makes of it.
"""

from skyclust.sandbox.azure.front import front

__all__ = ["front"]
