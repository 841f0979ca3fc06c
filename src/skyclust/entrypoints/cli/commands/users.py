"""Accounts of the installation: list, disable, enable, sign out. For its administrators."""

from __future__ import annotations

from typing import Any

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm

COLUMNS = (
    ("EMAIL", "email"), ("NAME", "display_name"), ("ADMINISTRATOR", "is_platform_admin"),
    ("DISABLED", "disabled_at"), ("CREATED", "created_at"), ("ID", "id"),
)  # fmt: skip


def list_(*, output: Format = "table") -> None:
    """Every account, by email."""
    show(list(Api.from_environment().items("/users")), output, COLUMNS)


def disable(user: str, *, yes: bool = False) -> None:
    """Let somebody in no more; ends their logins and API tokens at once.

    Parameters
    ----------
    user
        Email or id.
    yes
        Do not ask.
    """
    api = Api.from_environment()
    found = find_user(api, user)
    confirm(f"Disable {found['email']}? Their logins and API tokens end at once.", yes=yes)
    api.patch(f"/users/{found['id']}", {"disabled": True})
    print(f"Disabled {found['email']}.")


def enable(user: str) -> None:
    """Let somebody in again; their API tokens stay ended."""
    api = Api.from_environment()
    found = find_user(api, user)
    api.patch(f"/users/{found['id']}", {"disabled": False})
    print(f"Enabled {found['email']}.")


def sign_out(user: str, *, yes: bool = False) -> None:
    """End all of somebody's logins, without disabling them."""
    api = Api.from_environment()
    found = find_user(api, user)
    confirm(f"End every login of {found['email']}?", yes=yes)
    api.delete(f"/users/{found['id']}/sessions")
    print(f"Ended every login of {found['email']}.")


def find_user(api: Api, wanted: str) -> dict[str, Any]:
    """By email or id."""
    for item in api.items("/users"):
        if wanted.lower() in (item["id"], item["email"]):
            return item
    raise CliError(f"There is no account {wanted!r}: skyclust users list")
