"""The add-ons of an EKS cluster as nodes of its graph. Pure.

Invariant: an add-on comes after everything its pods may run on: EKS calls most of them degraded while there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from skyclust.contract.addons import ADDON_PREFIX
from skyclust.contract.resources import Node, ref
from skyclust.contract.specs import AddonSpec, ClusterSpec

_DNS = "coredns"
_ON_FARGATE = {"computeType": "Fargate"}
_MACHINES = ("node-pool/", "fargate-profile/")


def with_addons(spec: ClusterSpec, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes, and one for each add-on that is wanted; a wish about one that the mode brings stands in its place."""
    after = tuple(node.key for node in nodes if node.key.startswith(_MACHINES)) or ("cluster",)
    wished = [_addon(wish, spec.mode, after) for wish in spec.addons if wish.enabled]
    keys = {ADDON_PREFIX + wish.name for wish in spec.addons}
    return (*(node for node in nodes if node.key not in keys), *wished)


def _addon(wish: AddonSpec, mode: str, after: tuple[str, ...]) -> Node:
    brought = _ON_FARGATE if mode == "fargate" and wish.name == _DNS else {}
    body = {
        "name": wish.name, "cluster_name": ref("cluster", "name"), "addon": wish.name, "version": wish.version,
        "configuration": {**brought, **wish.configuration}, "identity": wish.identity, "tags": {},
    }  # fmt: skip
    version = f" {wish.version}" if wish.version else ""
    return Node(ADDON_PREFIX + wish.name, "aws.eks.addon", f"add-on {wish.name}{version}", body, after=after)


def cluster_dns() -> Node:
    """CoreDNS is made for EC2 nodes; without this it never runs on Fargate ("Getting started with AWS Fargate")."""
    body = {
        "name": _DNS, "cluster_name": ref("cluster", "name"), "addon": _DNS, "configuration": _ON_FARGATE, "tags": {},
    }  # fmt: skip
    return Node(
        ADDON_PREFIX + _DNS, "aws.eks.addon", "cluster DNS on Fargate", body, after=("fargate-profile/default",)
    )
