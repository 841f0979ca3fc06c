"""Workspaces: list them, see and set what they may have at most."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, show

COLUMNS = (("NAME", "name"), ("SUSPENDED", "suspended_at"), ("CREATED", "created_at"), ("ID", "id"))
QUOTAS = (("QUOTA", "name"), ("LIMIT", "limit"), ("USED", "use"), ("LEFT", "remaining"), ("OWN", "own"))


def list_(*, output: Format = "table") -> None:
    """Workspaces you are a member of."""
    show(list(Api.from_environment().items("/workspaces")), output, COLUMNS)


def quotas(workspace: str | None = None, *, output: Format = "table") -> None:
    """What a workspace may have at most, what it has, and what is left.

    Parameters
    ----------
    workspace
        Name or id; your only one without it. Administrators of the installation give the id of any.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    _show(api.get(f"/workspaces/{find_workspace(api, workspace)}/quotas"), output)


def set_quotas(
    workspace: str,
    *,
    clusters: int | None = None,
    nodes: int | None = None,
    usd_per_month: float | None = None,
    output: Format = "table",
) -> None:
    """Give a workspace other limits; for administrators of the installation.

    Parameters
    ----------
    workspace
        Name or id.
    clusters
        At most so many managed clusters. What is left out becomes the installation's default again.
    nodes
        At most so many nodes; an autoscaled pool counts with the most it may have.
    usd_per_month
        At most so much a month, by the estimates that plans show.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    body = {"clusters": clusters, "nodes": nodes, "usd_per_month": usd_per_month}
    _show(api.put(f"/workspaces/{find_workspace(api, workspace)}/quotas", body), output)


def find_workspace(api: Api, wanted: str | None) -> str:
    """The id of a workspace by name or id; without either, of the only one."""
    if wanted is not None and _is_id(wanted):
        return wanted
    known = list(api.items("/workspaces"))
    found = [item for item in known if wanted in (None, item["name"])]
    if len(found) != 1:
        names = ", ".join(f"{item['name']} ({item['id']})" for item in known) or "none"
        many = "Several workspaces fit" if found else "There is no such workspace of yours"
        raise CliError(f"{many}; give the name or id of one. Yours: {names}.")
    return str(found[0]["id"])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _show(answer: dict[str, Any], output: Format) -> None:
    show(answer["quotas"] if output == "table" else answer, output, QUOTAS)
