"""Simulated AWS: moto's EC2, IAM, STS and ELB with real latencies, dependencies and faults, and an own EKS.

Called by the sandbox server. Invariant: the state is a function of the journal of accepted requests and the clock.
"""

from skyclust.sandbox.aws.front import front

__all__ = ["front"]
