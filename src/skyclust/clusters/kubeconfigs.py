"""Kubeconfigs: who reaches which endpoint with what. Pure.

Invariant: no static secret. The default user asks `skyclust kube-token` for a token at each use; a token may be put in
on request, and then ends by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One cluster of a kubeconfig: cluster, user and context have one name."""

    context: str
    access: ClusterAccess
    user: Document


def lasting_context(place: str, cluster_id: UUID) -> str:
    """A name that no other cluster has and that stays, whatever else is in the file: with the id's random end."""
    return f"{place}-{cluster_id.hex[-8:]}"


def kubeconfig(entries: Sequence[Entry]) -> Document:
    """A whole kubeconfig; the first entry is the current one."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": item.context,
                "cluster": {"server": item.access.endpoint, "certificate-authority-data": item.access.ca_data},
            }
            for item in entries
        ],
        "users": [{"name": item.context, "user": item.user} for item in entries],
        "contexts": [
            {"name": item.context, "context": {"cluster": item.context, "user": item.context}} for item in entries
        ],
        "current-context": entries[0].context if entries else "",
        "preferences": {},
    }


def as_yaml(document: Document) -> str:
    """The way kubectl writes it."""
    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=False)
    return text
