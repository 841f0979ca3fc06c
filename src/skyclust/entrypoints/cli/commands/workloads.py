"""What runs in a cluster: workloads, pods, events, namespaces, and a pod's log. Read-only."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, place
from skyclust.entrypoints.cli.output import Format, show

COLUMNS = (
    ("NAMESPACE", "namespace"), ("KIND", "kind"), ("NAME", "name"), ("READY", "ready"), ("DESIRED", "desired"),
    ("STATE", "state"), ("IMAGES", "images"), ("CREATED", "created_at"),
)  # fmt: skip
PODS = (
    ("NAMESPACE", "namespace"), ("NAME", "name"), ("PHASE", "phase"), ("REASON", "reason"), ("READY", "ready"),
    ("RESTARTS", "restarts"), ("NODE", "node"), ("OWNER", "owner"), ("CREATED", "created_at"),
)  # fmt: skip
EVENTS = (
    ("LAST SEEN", "last_seen_at"), ("TYPE", "type"), ("REASON", "reason"), ("NAMESPACE", "namespace"),
    ("KIND", "object_kind"), ("NAME", "object_name"), ("COUNT", "count"), ("MESSAGE", "message"),
)  # fmt: skip
NAMESPACES = (("NAME", "name"), ("PHASE", "phase"), ("CREATED", "created_at"))
Kind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]
Namespace = Annotated[str | None, Parameter(name=("--namespace", "-n"))]


def list_(
    cluster: str, *, namespace: Namespace = None, kind: Kind | None = None, provider: str | None = None,
    region: str | None = None, output: Format = "table",
) -> None:  # fmt: skip
    """Deployments, stateful sets, daemon sets, jobs and cron jobs of a cluster."""
    show(_items(cluster, provider, region, "workloads", namespace=namespace, kind=kind), output, COLUMNS)


def pods(
    cluster: str, *, namespace: Namespace = None, node: str | None = None, provider: str | None = None,
    region: str | None = None, output: Format = "table",
) -> None:  # fmt: skip
    """Pods of a cluster, or of one of its nodes."""
    show(_items(cluster, provider, region, "pods", namespace=namespace, node=node), output, PODS)


def events(
    cluster: str, *, namespace: Namespace = None, provider: str | None = None, region: str | None = None,
    output: Format = "table",
) -> None:  # fmt: skip
    """What a cluster tells of its objects, oldest first; it forgets events after an hour or so."""
    found = _items(cluster, provider, region, "events", namespace=namespace)
    show(sorted(found, key=lambda event: event["last_seen_at"] or ""), output, EVENTS)


def namespaces(
    cluster: str, *, provider: str | None = None, region: str | None = None, output: Format = "table"
) -> None:
    """Namespaces of a cluster."""
    show(_items(cluster, provider, region, "namespaces"), output, NAMESPACES)


def logs(
    cluster: str,
    pod: str,
    *,
    namespace: Annotated[str, Parameter(name=("--namespace", "-n"))] = "default",
    container: Annotated[str | None, Parameter(name=("--container", "-c"))] = None,
    tail: int = 200,
    previous: bool = False,
    timestamps: bool = False,
    provider: str | None = None,
    region: str | None = None,
    output: Format = "table",
) -> None:
    """The end of a container's log. Each reading is in the audit log.

    Parameters
    ----------
    namespace
        Where the pod is.
    container
        Which one; needed when the pod has several.
    tail
        So many lines from the end.
    previous
        Of the container before its last restart.
    timestamps
        With the time of each line.
    provider
        When the cluster's name is not unique.
    region
        When the cluster's name is not unique.
    """
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    path = f"{cluster_path(found)}/pods/{namespace}/{pod}/log"
    answer = api.get(
        path, **place(found), container=container, tail_lines=tail, previous=previous, timestamps=timestamps
    )
    if output != "table":
        show(answer, output)
        return
    print(answer["text"], end="")
    if answer["truncated"]:
        print("The log is longer: ask for fewer lines with --tail.", file=sys.stderr)


def _items(
    cluster: str, provider: str | None, region: str | None, what: str, **given: str | None
) -> list[dict[str, Any]]:
    api = Api.from_environment()
    found = find_cluster(api, cluster, provider, region)
    return list(api.items(f"{cluster_path(found)}/{what}", **place(found), **given))
