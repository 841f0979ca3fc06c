"""The deterministic simulator: the real engine on the simulated cloud, in virtual time, driven by one seed.

Called by `python -m soak sim` and by tests/provisioning. Everything random comes from the seed, so a seed is a history.
"""
