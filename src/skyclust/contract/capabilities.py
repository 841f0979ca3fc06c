"""The words for what a cloud can do. A provider declares some and proves them by the conformance suite.

docs/capabilities.md is made from this list and the installed providers. Invariant: a closed list, so that two clouds
never call one thing by two names.
"""

from __future__ import annotations

from collections.abc import Mapping

CAPABILITIES: Mapping[str, str] = {
    "addons": "software that the cloud keeps inside clusters: list, install, change, remove",
    "cluster.standard": "clusters with node pools of your own",
    "cluster.fargate": "clusters whose pods run on AWS Fargate",
    "cluster.autopilot": "clusters whose nodes Google manages (Autopilot)",
    "cluster.serverless": "clusters without node pools",
    "drift": "changes by other hands and orphans are found by listing, region by region",
    "existing_network": "clusters in a network that is not ours, only observed",
    "hibernation": "node pools to zero, or the least the cloud allows, and back to what they were",
    "import": "taking over clusters and networks that exist",
    "kubeconfig.exec": "kubeconfigs that fetch short-lived tokens, ours or by the cloud's own plug-in",
    "network": "networks of their own: create, list, get, delete",
    "network.peering": "private traffic between two networks of one account: create, list, get, delete",
    "network.subnets": "subnets: create, list, get, delete",
    "network.security_groups": "security groups or firewall rules: create, list, get, change, delete",
    "node_pools": "node pools: create, list, get, scale, delete",
    "node_pools.autoscaling": "bounds within which the cloud's autoscaler owns the size",
    "node_pools.gpu": "graphics processors, checked against the machine type before anything is made",
    "node_pools.machine_types": "several machine types in one pool, of which the cloud takes what it has",
    "node_pools.spot": "cheaper machines that the cloud may take back",
    "node_pools.surge": "how many nodes come besides or are missing while those of a pool are replaced",
    "node_pools.taints": "labels and taints on the nodes of a pool",
    "upgrade": "a newer Kubernetes version for control plane and node pools, one minor at a time",
}
