"""Take over clusters and networks that exist, manage what was only observed, give back what was imported."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, follow, place
from skyclust.entrypoints.cli.commands.credentials import find_credential
from skyclust.entrypoints.cli.commands.networks import find_network
from skyclust.entrypoints.cli.output import Format, cell, console, show
from skyclust.entrypoints.cli.plans import confirm, show_plan

Json = dict[str, Any]
Yes = Annotated[bool, Parameter(name=("--yes", "-y"))]
COLUMNS = (
    ("NAME", "name"), ("CLOUD ID", "external_id"), ("REGION", "region"), ("VERSION", "version"),
    ("CIDR", "cidr_block"), ("TAKEN", "taken"), ("ID", "id"), ("MARK", "mark"),
)  # fmt: skip


def import_cluster(
    name: str | None = None, *, provider: str, region: str | None = None, credential: str | None = None,
    cloud_id: str | None = None, managed: bool = False, yes: Yes = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Take over a cluster that exists; without a name, list those there are. Its network is left alone.

    Parameters
    ----------
    name
        The cluster's name in the cloud.
    provider
        Which cloud.
    region
        Where; the credential's own region when left out.
    credential
        Name or id; needed when there are several for the provider.
    cloud_id
        The cloud's own id, when the name alone does not tell.
    managed
        Change and delete it like our own; without it, it is only observed, and forgotten on deletion.
    yes
        Do not ask.
    wait
        Follow the operation until it ends.
    output
        table, json or yaml.
    """
    meant = _meant(name, cloud_id)
    _import(f"/{provider}/kubernetes/clusters", provider, region, credential, meant,
            managed=managed, yes=yes, wait=wait, output=output)  # fmt: skip


def import_network(
    name: str | None = None, *, provider: str, region: str | None = None, credential: str | None = None,
    cloud_id: str | None = None, managed: bool = False, yes: Yes = False, wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Take over a network that exists with its subnets and groups; without a name, list those there are.

    Parameters
    ----------
    name
        The network's name in the cloud.
    provider
        Which cloud.
    region
        Where; the credential's own region when left out.
    credential
        Name or id; needed when there are several for the provider.
    cloud_id
        The cloud's own id, when the name alone does not tell.
    managed
        Change and delete it like our own; without it, it is only observed, and forgotten on deletion.
    yes
        Do not ask.
    wait
        Follow the operation until it ends.
    output
        table, json or yaml.
    """
    meant = _meant(name, cloud_id)
    _import(f"/{provider}/network/vpcs", provider, region, credential, meant,
            managed=managed, yes=yes, wait=wait, output=output)  # fmt: skip


def manage_cluster(
    name: str, *, provider: str | None = None, region: str | None = None, yes: Yes = False, wait: bool = True,
    output: Format = "table",
) -> None:  # fmt: skip
    """Manage a cluster that was imported read-only."""
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    path = f"{cluster_path(found)}:manage"
    _take_over(api, path, {}, place(found), found["name"], yes=yes, wait=wait, output=output)


def manage_network(name: str, *, yes: Yes = False, wait: bool = True, output: Format = "table") -> None:
    """Manage a network that was imported read-only."""
    api = Api.from_environment()
    found = find_network(api, name)
    path = f"/{found['provider']}/network/vpcs/{found['id']}:manage"
    _take_over(api, path, {}, {}, found["name"], yes=yes, wait=wait, output=output)


def release_cluster(
    name: str, *, provider: str | None = None, region: str | None = None, yes: Yes = False, wait: bool = True,
    output: Format = "table",
) -> None:  # fmt: skip
    """Forget an imported cluster and take our mark off; nothing is deleted."""
    api = Api.from_environment()
    found = find_cluster(api, name, provider, region)
    _release(api, f"{cluster_path(found)}:release", place(found), found["name"], yes=yes, wait=wait, output=output)


def release_network(name: str, *, yes: Yes = False, wait: bool = True, output: Format = "table") -> None:
    """Forget an imported network and take our mark off; nothing is deleted."""
    api = Api.from_environment()
    found = find_network(api, name)
    path = f"/{found['provider']}/network/vpcs/{found['id']}:release"
    _release(api, path, {}, found["name"], yes=yes, wait=wait, output=output)


def _meant(name: str | None, cloud_id: str | None) -> Json:
    return {"external_id": cloud_id} if cloud_id else {"name": name} if name else {}


def _import(
    path: str, provider: str, region: str | None, credential: str | None, meant: Json, *,
    managed: bool, yes: bool, wait: bool, output: Format,
) -> None:  # fmt: skip
    api = Api.from_environment()
    owner = find_credential(api, credential, provider)["id"]
    if not meant:
        show(list(api.items(f"{path}:importable", credential_id=owner, region=region)), output, COLUMNS)
        return
    body = {"credential_id": owner, "managed": managed, **meant} | ({"region": region} if region else {})
    title = str(next(iter(meant.values())))
    _take_over(api, f"{path}:import", body, {}, title, yes=yes, wait=wait, output=output)


def _take_over(
    api: Api, path: str, body: Json, where: Json, name: str, *, yes: bool, wait: bool, output: Format
) -> None:
    planned = api.post(path, body, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: {'taken over as it is' if planned['managed'] else 'observed, never changed'}")
        _show_following(planned["following"])
    confirm("Import it?", yes=yes)
    follow(api, api.post(path, body, **where, plan_digest=planned["digest"]), wait=wait, output=output)


def _release(api: Api, path: str, where: Json, name: str, *, yes: bool, wait: bool, output: Format) -> None:
    planned = api.post(path, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{name}: forgotten here, left alone in the cloud")
    confirm("Release it?", yes=yes)
    follow(api, api.post(path, **where, plan_digest=planned["digest"]), wait=wait, output=output)


def _show_following(lines: list[Json]) -> None:
    out = console()
    if not lines:
        out.print("What would follow: nothing to do.")
    for line in lines:
        fields = ", ".join(change["field"] for change in line["changes"])
        out.print(f"What would follow: {cell(line['verb'])} {cell(line['title'])} ({cell(fields)})")
