"""Peerings between networks: create with the plan, list, delete."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.networks import find_network
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("NAME", "name"), ("PROVIDER", "provider"), ("REGION", "region"), ("CIDR", "cidr_block"),
    ("PEER", "peer_vpc_id"), ("PEER REGION", "peer_region"), ("PEER CIDR", "peer_cidr_block"), ("STATE", "state"),
    ("ID", "id"),
)  # fmt: skip


def create(
    name: str, *, network: str, peer: str, option: list[str] | None = None,
    yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
) -> None:  # fmt: skip
    """Let two networks of one cloud account reach each other by private addresses.

    Parameters
    ----------
    network
        The network that asks, by name or id.
    peer
        The other one.
    option
        A switch of the cloud to turn on; may be given several times.
    """
    api = Api.from_environment()
    mine, other = find_network(api, network), find_network(api, peer)
    options = dict.fromkeys(option or [], True)
    body = {"name": name, "network_id": mine["id"], "peer_network_id": other["id"], "options": options}
    path = f"/{mine['provider']}/network/peerings"
    planned = api.post(path, body, dry_run=True)
    show_plan(planned, name)
    confirm("Create it?", yes=yes)
    require_success(watch(api, [api.post(path, body)["id"]]))


def list_(*, provider: str | None = None, output: Format = "table") -> None:
    """Peerings of one cloud, or of every installed one."""
    show(_peerings(Api.from_environment(), provider), output, COLUMNS)


def delete(name: str, *, yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False) -> None:
    """Take a peering and its routes away; the networks stay."""
    api = Api.from_environment()
    found = [item for item in _peerings(api, None) if name in (item["name"], item["id"], item["external_id"])]
    if len(found) != 1:
        several = "Several peerings are" if found else "There is no peering"
        raise CliError(f"{several} called {name!r}. Give an id out of: skyclust peerings list")
    path = f"/{found[0]['provider']}/network/peerings/{found[0]['id']}"
    show_plan(api.delete(path, dry_run=True), found[0]["name"])
    confirm("Delete it?", yes=yes)
    require_success(watch(api, [api.delete(path)["id"]]))


def _peerings(api: Api, provider: str | None) -> list[dict[str, Any]]:
    """Of each cloud in turn: the API has them by cloud."""
    names = [provider] if provider else [item["name"] for item in api.items("/providers")]
    return [item for name in names for item in api.items(f"/{name}/network/peerings")]
