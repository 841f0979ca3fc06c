"""Add-ons of a cluster: list, see what is offered, install, update, remove."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, place
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

Json = dict[str, Any]
COLUMNS = (
    ("NAME", "name"), ("VERSION", "version"), ("NEWER", "newer_version"), ("STATE", "state"), ("FITS", "compatible"),
    ("NEXT", "next_version"), ("FITS NEXT", "compatible_next"), ("MANAGED", "managed"),
)  # fmt: skip
OFFERS = (("NAME", "name"), ("WHAT", "title"), ("DEFAULT", "default"), ("VERSIONS", "names"), ("IDENTITY", "identity"))
Yes = Annotated[bool, Parameter(name=("--yes", "-y"))]


def list_(cluster: str, *, output: Format = "table") -> None:
    """Add-ons of a cluster: what runs, what is newer, and whether the next minor version suits."""
    api, path, where = _at(cluster)
    show(list(api.items(f"{path}/addons", **where)), output, COLUMNS)


def available(cluster: str, *, version: str | None = None, output: Format = "table") -> None:
    """What the cloud offers a cluster now, or at another Kubernetes version; asks the cloud."""
    api, path, where = _at(cluster)
    items = api.get(f"{path}/addon-offers", **where, **({"version": version} if version else {}))["items"]
    if output == "table":
        items = [item | _versions(item) for item in items]
    show(items, output, OFFERS)


def install(
    cluster: str,
    name: str,
    *,
    version: str | None = None,
    configuration: Path | None = None,
    identity: str | None = None,
    yes: Yes = False,
) -> None:
    """Install an add-on. Shows the plan and asks.

    Parameters
    ----------
    cluster
        The cluster.
    name
        One that `addons available` shows.
    version
        Left out, the cloud chooses.
    configuration
        A JSON file with the add-on's own settings.
    identity
        What its pods are in the cloud: the ARN of a role on AWS.
    yes
        Do not ask.
    """
    given = _given(version, configuration, identity)
    api, path, where = _at(cluster)
    _do(api, ("POST", f"{path}/addons"), {"name": name, **given}, where, f"{cluster}: add-on {name}", yes=yes)


def update(
    cluster: str,
    name: str,
    *,
    version: str | None = None,
    configuration: Path | None = None,
    identity: str | None = None,
    yes: Yes = False,
) -> None:
    """Give an add-on another version, configuration or identity; what is not given stays."""
    given = _given(version, configuration, identity)
    if not given:
        raise CliError("Nothing is to be changed. Give --version, --configuration or --identity.")
    api, path, where = _at(cluster)
    _do(api, ("PATCH", f"{path}/addons/{name}"), given, where, f"{cluster}: add-on {name}", yes=yes)


def remove(cluster: str, name: str, *, yes: Yes = False) -> None:
    """Remove an add-on with its software, or switch it off. Shows what that breaks and asks."""
    api, path, where = _at(cluster)
    _do(api, ("DELETE", f"{path}/addons/{name}"), {}, where, f"{cluster}: add-on {name} goes", yes=yes)


def _at(name: str) -> tuple[Api, str, Json]:
    api = Api.from_environment()
    found = find_cluster(api, name)
    return api, cluster_path(found), dict(place(found))


def _given(version: str | None, configuration: Path | None, identity: str | None) -> Json:
    body = {"version": version, "configuration": _read(configuration) if configuration else None, "identity": identity}
    return {name: value for name, value in body.items() if value is not None}


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CliError(f"{file} cannot be read as JSON: {error}. Give a file with one object.") from None


def _versions(item: Json) -> Json:
    names = [version["name"] for version in item["versions"]]
    default = next((version["name"] for version in item["versions"] if version["default"]), "")
    return {"default": default, "names": ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")}


def _do(api: Api, what: tuple[str, str], body: Json, where: Json, title: str, *, yes: bool) -> None:
    def ask(**more: Any) -> Json:
        method, path = what
        if method == "DELETE":
            return api.delete(path, **where, **more)
        return api.post(path, body, **where, **more) if method == "POST" else api.patch(path, body, **where, **more)

    show_plan(ask(dry_run=True), title)
    confirm("Do it?", yes=yes)
    require_success(watch(api, [ask()["id"]]))
