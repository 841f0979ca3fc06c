"""Node pools of a cluster: list, add, change, scale, delete."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, Json
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, place
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("NAME", "name"), ("MACHINE", "machine_type"), ("NODES", "node_count"), ("SCALING", "auto_scaling"),
    ("SPOT", "spot"), ("DISK GB", "disk_gb"), ("STATE", "state"),
)  # fmt: skip


def list_(cluster: str, *, output: Format = "table") -> None:
    """Pools of a cluster."""
    api = Api.from_environment()
    found = find_cluster(api, cluster)
    show(list(api.items(f"{cluster_path(found)}/node-pools", **place(found))), output, COLUMNS)


def add(
    cluster: str, name: str, *, machine_type: list[str], nodes: int = 1, spot: bool = False, fallback: bool = False,
    gpu: str | None = None, disk_type: str | None = None, zone: list[str] | None = None,
    max_surge: str | None = None, max_unavailable: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
) -> None:  # fmt: skip
    """Add a pool.

    Parameters
    ----------
    machine_type
        Several times, best first, where the cloud takes several.
    fallback
        With --spot: a second pool beside it, on demand and empty until Pods find no room elsewhere.
    gpu
        Of each node: nvidia-l4, or 2:T4 for two of them.
    disk_type
        The cloud's own word.
    zone
        Only in this zone; several times for several.
    max_surge
        Nodes that come besides while those of the pool are replaced: 2, or 33%.
    max_unavailable
        Nodes that may be missing meanwhile: 1, or 10%.
    """
    api = Api.from_environment()
    found = find_cluster(api, cluster)
    path = f"{cluster_path(found)}/node-pools"
    asked = {"disk_type": disk_type, "zones": zone, "gpu": _gpu(gpu)}
    body: Json = {"name": name, "machine_types": machine_type, "node_count": nodes}
    body |= {"spot": {"fallback": True} if spot and fallback else spot, **_upgrade(max_surge, max_unavailable)}
    body |= {word: value for word, value in asked.items() if value}
    show_plan(api.post(path, body, **place(found), dry_run=True), f"{cluster}: pool {name}")
    confirm("Add it?", yes=yes)
    require_success(watch(api, [api.post(path, body, **place(found))["id"]]))


def change(
    cluster: str, name: str, *, max_surge: str | None = None, max_unavailable: str | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
) -> None:  # fmt: skip
    """Change how the nodes of a pool are replaced.

    Parameters
    ----------
    max_surge
        Nodes that come besides: 2, or 33%.
    max_unavailable
        Nodes that may be missing meanwhile: 1, or 10%.
    """
    api = Api.from_environment()
    found = find_cluster(api, cluster)
    path, body = f"{cluster_path(found)}/node-pools/{name}", _upgrade(max_surge, max_unavailable)
    show_plan(api.patch(path, body, **place(found), dry_run=True), f"{cluster}: pool {name}")
    confirm("Change it?", yes=yes)
    require_success(watch(api, [api.patch(path, body, **place(found))["id"]]))


def _gpu(text: str | None) -> Json | None:
    if text is None:
        return None
    count, _, kind = text.rpartition(":")
    return {"type": kind, "count": int(count) if count.isdigit() else 1}


def _upgrade(max_surge: str | None, max_unavailable: str | None) -> Json:
    given = {"max_surge": max_surge, "max_unavailable": max_unavailable}
    asked = {name: value for name, value in given.items() if value is not None}
    return {"upgrade": asked} if asked else {}


def scale(cluster: str, name: str, *, nodes: int) -> None:
    """Give a pool another size."""
    api = Api.from_environment()
    found = find_cluster(api, cluster)
    path = f"{cluster_path(found)}/node-pools/{name}/scale"
    require_success(watch(api, [api.put(path, {"node_count": nodes}, **place(found))["id"]]))


def delete(cluster: str, name: str, *, yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False) -> None:
    """Delete a pool with its machines."""
    api = Api.from_environment()
    found = find_cluster(api, cluster)
    path = f"{cluster_path(found)}/node-pools/{name}"
    show_plan(api.delete(path, **place(found), dry_run=True), f"{cluster}: pool {name} goes")
    confirm("Delete it?", yes=yes)
    require_success(watch(api, [api.delete(path, **place(found))["id"]]))
