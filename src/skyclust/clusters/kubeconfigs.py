"""Kubeconfigs: who reaches which endpoint with what. Pure.

Invariant: no static secret. The default user asks `skyclust kube-token` for a token at each use; a token may be put in
on request, and then ends by itself.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import yaml

from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.contract.resources import JsonObject

Document = dict[str, Any]


def exec_user(cluster_id: UUID) -> Document:
    """Kubectl runs our own command line, which asks this server with the caller's own sign-in."""
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "skyclust",
            "args": ["kube-token", "--cluster-id", str(cluster_id)],
            "interactiveMode": "IfAvailable",
            "provideClusterInfo": False,
            "installHint": "Install SkyClust's command line and sign in: skyclust login",
        }
    }


def token_user(token: KubeToken) -> Document:
    """A token inside; it ends at `expires_at`."""
    return {"token": token.token}


def cloud_user(user_exec: JsonObject) -> Document:
    """The cloud's own exec plug-in."""
    return {"exec": dict(user_exec)}


def kubeconfig(access: ClusterAccess, context: str, user: Document) -> Document:
    """A whole kubeconfig with one cluster, one user and one context."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": context, "cluster": {"server": access.endpoint, "certificate-authority-data": access.ca_data}}
        ],
        "users": [{"name": context, "user": user}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "current-context": context,
        "preferences": {},
    }


def as_yaml(document: Document) -> str:
    """The way kubectl writes it."""
    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=False)
    return text
