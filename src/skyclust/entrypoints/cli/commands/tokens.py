"""API tokens: how programs act for you. A token's text is printed once, when it is made."""

from __future__ import annotations

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm

COLUMNS = (
    ("NAME", "name"), ("ENDS IN", "hint"), ("SCOPES", "scopes"), ("WORKSPACE", "workspace_id"),
    ("EXPIRES", "expires_at"), ("LAST USED", "last_used_at"), ("FROM", "last_used_address"), ("ID", "id"),
)  # fmt: skip


def create(
    name: str, *, scope: list[str], workspace: str | None = None, days: int = 90, output: Format = "table"
) -> None:
    """Make a token for a program; it is used as SKYCLUST_TOKEN.

    Parameters
    ----------
    name
        What you will call it.
    scope
        A permission it has, such as clusters.read; give several. `skyclust whoami` lists yours.
    workspace
        The id of the only workspace in which it works; all of yours without it.
    days
        Until it expires; at most 366.
    output
        table, json or yaml.
    """
    body = {"name": name, "scopes": scope, "workspace_id": workspace, "expires_in_days": days}
    made = Api.from_environment().post("/tokens", body)
    if output != "table":
        show(made, output)
        return
    print(f"{made['token']}\n\nIt is shown this once. It expires at {made['expires_at']}.")


def list_(*, output: Format = "table") -> None:
    """Your tokens that work, newest first."""
    show(list(Api.from_environment().items("/tokens")), output, COLUMNS)


def revoke(name: str, *, yes: bool = False) -> None:
    """End a token, by name or id. Whatever uses it is refused from its next request on."""
    api = Api.from_environment()
    found = [item for item in api.items("/tokens") if name in (item["id"], item["name"])]
    if len(found) != 1:
        many = "Several tokens have this name; give the id" if found else "You have no token of this name or id"
        raise CliError(f"{many}: skyclust tokens list")
    confirm(f"Revoke the token {found[0]['name']} (ends in {found[0]['hint']})?", yes=yes)
    api.delete(f"/tokens/{found[0]['id']}")
    print(f"Revoked {found[0]['name']}.")
