"""The graph of an EKS cluster: its network or an existing one, roles, control plane, access, node pools. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from skyclust.contract.errors import NotSupported
from skyclust.contract.pools import upgrade_words
from skyclust.contract.resources import Graph, JsonObject, Node, ref
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.providers.aws.blueprints.addons import cluster_dns, with_addons
from skyclust.providers.aws.blueprints.networks import (
    ALLOW_ALL_EGRESS,
    IMPORTED,
    SWEEP,
    NetworkGraph,
    network_nodes,
    sweep_node,
)

MODES = ("standard", "fargate")
CREATOR = "creator"  # option that `complete_cluster` adds: the principal that creates the cluster
NODE_SUBNETS = "node_subnet_ids"  # likewise: the subnets of an existing network that machines go to
SUBNET_ZONES = "subnet_zones"  # likewise: subnet id -> zone
IN_TEMPLATE = "in_template"
#: What Karpenter's node classes select subnets and security groups by: https://karpenter.sh/docs/getting-started
KARPENTER = "karpenter.sh/discovery"
#: Switches of the cluster's options that are about its network.
NETWORK_OPTIONS = ("nat_gateway_per_zone",)
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
ROLE_NAME_LENGTH = 64

_MANAGED = "arn:aws:iam::aws:policy"
#: Key of the role -> (option that replaces it, title, who assumes it, policies).
_ROLES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "cluster": ("cluster_role_arn", "role of the control plane", "eks.amazonaws.com", ("AmazonEKSClusterPolicy",)),
    "node": (
        "node_role_arn", "role of the nodes", "ec2.amazonaws.com",
        ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"),
    ),
    "fargate": (
        "fargate_role_arn", "role of Fargate pods", "eks-fargate-pods.amazonaws.com",
        ("AmazonEKSFargatePodExecutionRolePolicy",),
    ),
}  # fmt: skip


def cluster_graph(spec: ClusterSpec) -> Graph:
    """Everything the cluster consists of. NotSupported for a mode EKS does not have."""
    if spec.mode not in MODES:
        raise NotSupported(f"EKS clusters have the modes {' and '.join(MODES)}; {spec.mode!r} is none of them.")
    network = _network(spec)
    if IMPORTED in spec.options:
        return Graph(with_addons(spec, [*network.nodes, *_imported(spec, network)]))
    roles = {name: _role(spec, name) for name in ("cluster", "fargate" if spec.mode == "fargate" else "node")}
    nodes = [*network.nodes, *(node for node, _ in roles.values() if node is not None)]
    groups = [ref("control-plane-group")]
    nodes += [_control_plane_group(spec), _control_plane(spec, network, roles["cluster"][1], groups)]
    if spec.options.get(CREATOR):
        nodes.append(_creator(spec))
    if spec.mode == "fargate":
        nodes += [_fargate_profile(spec, network, roles["fargate"][1]), cluster_dns()]
    nodes += [_node_pool(spec, pool, network, roles["node"][1]) for pool in spec.pools_now if "node" in roles]
    return Graph(with_addons(spec, nodes))


def _imported(spec: ClusterSpec, network: NetworkGraph) -> list[Node]:
    """A cluster that was not made by us: its roles and security groups stay others', each pool keeps its own ones.

    The note holds by node key what the spec cannot say (see `noted`); Fargate profiles are in the note alone.
    """
    notes, role_arn = spec.options[IMPORTED], spec.options["cluster_role_arn"]
    fresh = [pool for pool in spec.node_pools if pool_key(pool) not in notes]
    role, node_role_arn = _role(spec, "node") if fresh else (None, None)
    nodes = [role] if role is not None else []
    nodes.append(_control_plane(spec, network, role_arn, notes["cluster"]["security_group_ids"]))
    profiles = [key for key in sorted(notes) if key.startswith("fargate-profile/")]
    nodes += [_imported_profile(spec, key, alone=len(profiles) == 1) for key in profiles]
    pools = [(pool, _node_pool(spec, pool, network, node_role_arn)) for pool in spec.pools_now]
    return nodes + [noted(node, notes.get(node.key), pool) for pool, node in pools]


def noted(node: Node, note: JsonObject | None, pool: NodePoolSpec) -> Node:
    """The node of an imported pool as it is in the cloud.

    Its role is its own, and so are its subnets as long as nobody asks for zones; `instead` tells for a field what it is
    while the spec still says what it said at the import: {"version": ["1.34", "1.33"]}. None: only its launch template
    tells, so that what the template says stays in IN_TEMPLATE, for the price.
    """
    if note is None:
        return node
    own = {"node_role_arn": note["node_role_arn"], **({} if pool.zones else {"subnet_ids": note["subnet_ids"]})}
    kept = {name: found for name, (said, found) in note["instead"].items() if node.spec[name] == said}
    hidden = {name: node.spec[name] for name, found in kept.items() if found is None}
    return replace(node, spec={**node.spec, **own, **kept, **({IN_TEMPLATE: hidden} if hidden else {})})


def _imported_profile(spec: ClusterSpec, key: str, *, alone: bool) -> Node:
    """The options' namespaces are those of the only profile."""
    body = {**spec.options[IMPORTED][key], "cluster_name": ref("cluster", "name"), "tags": {}}
    if alone and spec.options.get("fargate_namespaces"):
        body["namespaces"] = sorted(spec.options["fargate_namespaces"])
    return Node(key, "aws.eks.fargate_profile", f"Fargate profile {body['name']}", body)


def _network(spec: ClusterSpec) -> NetworkGraph:
    if spec.network is not None:
        own = {key: spec.options[key] for key in NETWORK_OPTIONS if key in spec.options}
        made = network_nodes(replace(spec.network, options={**spec.network.options, **own}), spec.zones, spec.name)
        return _discoverable(made, _discovery(spec))
    vpc = Node("network", "aws.ec2.vpc", f"existing VPC {spec.vpc_id}", {"name": spec.name}, adopt_id=spec.vpc_id)
    adopted = [
        Node(f"subnet/{subnet}", "aws.ec2.subnet", f"existing subnet {subnet}", {"name": subnet}, adopt_id=subnet)
        for subnet in spec.subnet_ids
    ]
    inner = spec.options.get(NODE_SUBNETS) or spec.subnet_ids
    every = tuple(node.key for node in adopted)
    sweep = sweep_node((vpc, *adopted), (spec.name,))
    zones = {f"subnet/{subnet}": zone for subnet, zone in spec.options.get(SUBNET_ZONES, {}).items()}
    return NetworkGraph((vpc, *adopted, sweep), every, tuple(f"subnet/{subnet}" for subnet in inner), zones, ())


def _discovery(spec: ClusterSpec) -> dict[str, str]:
    return {KARPENTER: spec.name} if spec.options.get("karpenter_discovery") else {}


def _discoverable(network: NetworkGraph, tags: dict[str, str]) -> NetworkGraph:
    """With tags on the subnets that machines go to."""
    nodes = tuple(
        replace(node, spec={**node.spec, "tags": {**node.spec["tags"], **tags}})
        if node.key in network.node_subnets
        else node
        for node in network.nodes
    )
    return replace(network, nodes=nodes)


def role_name(cluster: str, region: str, purpose: str) -> str:
    """Deterministic and unique in the account: cluster names are unique per region only."""
    name = f"skyclust-{region}-{cluster}-{purpose}"
    if len(name) <= ROLE_NAME_LENGTH:
        return name
    tail = f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}-{purpose}"
    return name[: ROLE_NAME_LENGTH - len(tail)] + tail


def _role(spec: ClusterSpec, purpose: str) -> tuple[Node | None, Any]:
    """The node, and what other nodes use as its ARN; no node when the user has a role of their own."""
    option, title, service, policies = _ROLES[purpose]
    if spec.options.get(option):
        return None, spec.options[option]
    name = role_name(spec.name, spec.region, purpose)
    arns = [f"{_MANAGED}/{policy}" for policy in policies]
    body = {"name": name, "role_name": name, "service": service, "policies": sorted(arns), "tags": {}}
    key = f"role/{purpose}"
    return Node(key, "aws.iam.role", title, body), ref(key, "arn")


def _control_plane_group(spec: ClusterSpec) -> Node:
    """EKS adds a group of its own between nodes and control plane; this one opens the API inside the network."""
    https: JsonObject = {
        "direction": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443,
        "cidr": ref("network", "cidr_block"), "description": "Kubernetes API from inside the network",
    }  # fmt: skip
    name = f"{spec.name}-control-plane"
    body = {
        "name": name, "group_name": name, "description": f"Control plane of the EKS cluster {spec.name}",
        "vpc_id": ref("network"), "rules": [https, ALLOW_ALL_EGRESS], "tags": {},
    }  # fmt: skip
    return Node("control-plane-group", "aws.ec2.security_group", "security group of the control plane", body)


def _control_plane(spec: ClusterSpec, network: NetworkGraph, role_arn: Any, groups: list[Any]) -> Node:
    options = spec.options
    body = {
        "name": spec.name, "region": spec.region, "version": spec.version, "role_arn": role_arn,
        "subnet_ids": [ref(key) for key in network.subnets], "security_group_ids": groups,
        "endpoint_public_access": options.get("endpoint_public_access", True),
        "endpoint_private_access": options.get("endpoint_private_access", True),
        "public_access_cidrs": sorted(options.get("public_access_cidrs") or ["0.0.0.0/0"]),
        "support_type": options.get("support_type", "EXTENDED"),
        "deletion_protection": options.get("deletion_protection", False),
        "service_cidr": options.get("service_cidr"), "tags": {},
        **({"group_tags": _discovery(spec)} if _discovery(spec) else {}),
    }  # fmt: skip
    sweep = (SWEEP,) if any(node.key == SWEEP for node in network.nodes) else ()
    return Node("cluster", "aws.eks.cluster", f"control plane, Kubernetes {spec.version}", body, after=sweep)


def _creator(spec: ClusterSpec) -> Node:
    body = {
        "name": f"{spec.name}-creator", "cluster_name": ref("cluster", "name"),
        "principal_arn": spec.options[CREATOR], "policy_arn": ADMIN_POLICY, "tags": {},
    }  # fmt: skip
    return Node("access-entry/creator", "aws.eks.access_entry", "administrator access of the creator", body)


def _fargate_profile(spec: ClusterSpec, network: NetworkGraph, role_arn: Any) -> Node:
    body = {
        "name": "default", "cluster_name": ref("cluster", "name"), "pod_role_arn": role_arn,
        "subnet_ids": [ref(key) for key in network.node_subnets],
        "namespaces": sorted(spec.options.get("fargate_namespaces") or ["default", "kube-system"]), "tags": {},
    }  # fmt: skip
    return Node("fargate-profile/default", "aws.eks.fargate_profile", "Fargate profile", body, after=network.ways_out)


def pool_key(pool: NodePoolSpec) -> str:
    """The key of a pool's node."""
    return f"node-pool/{pool.name}"


def _node_pool(spec: ClusterSpec, pool: NodePoolSpec, network: NetworkGraph, role_arn: Any) -> Node:
    scaling = pool.auto_scaling
    least, most = (scaling.min, scaling.max) if scaling else (pool.node_count, max(pool.node_count, 1))
    body = {
        "name": pool.name, "cluster_name": ref("cluster", "name"), "node_role_arn": role_arn,
        "subnet_ids": [ref(key) for key in _subnets_of(pool, network)], "machine_type": pool.machine_type,
        "min": least, "max": most, "desired": min(max(pool.node_count, least), most),
        "autoscaled": scaling is not None, "spot": pool.spot, "disk_gb": pool.disk_gb, "labels": dict(pool.labels),
        "taints": [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints],
        "version": spec.version, "tags": {}, **upgrade_words(pool.upgrade),
        **({"other_types": list(pool.other_types)} if pool.other_types else {}),
    }  # fmt: skip
    title = f"node pool {pool.name}: {body['desired']} x {pool.machine_type}"
    return Node(pool_key(pool), "aws.eks.nodegroup", title, body, after=network.ways_out)


def _subnets_of(pool: NodePoolSpec, network: NetworkGraph) -> list[str]:
    """The pool's zones, where the network tells zones; else all subnets for machines."""
    chosen = [key for key in network.node_subnets if network.zone_of.get(key) in pool.zones]
    return chosen or list(network.node_subnets)
