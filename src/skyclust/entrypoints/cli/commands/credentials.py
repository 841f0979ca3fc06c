"""Cloud accounts: add, list, verify, delete. Secrets go in and never come back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.workspaces import find_workspace
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm

COLUMNS = (
    ("NAME", "name"), ("PROVIDER", "provider"), ("ACCOUNT", "account"), ("PRINCIPAL", "principal"),
    ("STATE", "state"), ("CHECKED", "checked_at"), ("EXPIRES", "expires_at"), ("REASON", "reason"), ("ID", "id"),
)  # fmt: skip


def add(
    name: str,
    *,
    provider: str,
    data_file: Annotated[Path | None, Parameter(name=("--data-file", "-f"))] = None,
    output: Format = "table",
) -> None:
    """Seal a cloud credential; it is verified with real calls before it is stored.

    Parameters
    ----------
    name
        What you will call it.
    provider
        Which cloud: a name that `GET /api/v1/providers` lists.
    data_file
        JSON with the secret parts ("-" or nothing reads standard input), for example
        {"access_key": "...", "secret_key": "...", "region": "us-west-2"} or a service account's key file.
    output
        table, json or yaml.
    """
    show(
        Api.from_environment().post("/credentials", {"name": name, "provider": provider, "data": _data(data_file)}),
        output,
        COLUMNS,
    )


def list_(*, provider: str | None = None, output: Format = "table") -> None:
    """Every credential you may see."""
    show(list(Api.from_environment().items("/credentials", provider=provider)), output, COLUMNS)


def verify(name: str, *, output: Format = "table") -> None:
    """Prove a credential again with real calls."""
    api = Api.from_environment()
    show(api.post(f"/credentials/{find_credential(api, name)['id']}:verify"), output, COLUMNS)


def identity(*, workspace: str | None = None, provider: str | None = None, output: Format = "table") -> None:
    """How an account is made to trust a workspace instead of giving it a key.

    Parameters
    ----------
    workspace
        By name or id; may be left out by whoever is in one only.
    provider
        Show how it is done in this cloud only.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    told = api.get(f"/workspaces/{find_workspace(api, workspace)}/identity")
    guides = [guide for guide in told["guides"] if provider in (None, guide["provider"])]
    if provider is not None and not guides:
        names = ", ".join(guide["provider"] for guide in told["guides"]) or "none"
        raise CliError(f"{provider!r} does not trust issuers; these do: {names}. Give it a credential.")
    show(told | {"guides": guides}, output, (("ISSUER", "issuer"), ("SUBJECT", "subject"), ("KEYS", "jwks_uri")))
    if output == "table":
        for guide in guides:
            print(f"\n{guide['text']}", end="")


def delete(name: str, *, yes: bool = False) -> None:
    """Forget a credential; refused while something uses it."""
    api = Api.from_environment()
    found = find_credential(api, name)
    confirm(f"Delete the credential {found['name']} ({found['provider']}, {found['account']})?", yes=yes)
    api.delete(f"/credentials/{found['id']}")
    print(f"Deleted {found['name']}.")


def find_credential(api: Api, name: str | None, provider: str | None = None) -> dict[str, Any]:
    """By id or name; without either, the only one of the provider."""
    known = list(api.items("/credentials", provider=provider))
    found = [item for item in known if name is None or name in (item["id"], item["name"])]
    if len(found) == 1:
        return found[0]
    if not found and name is None:
        raise CliError(
            f"There is no credential for {provider}. Add one: skyclust credentials add NAME --provider {provider}"
        )
    if not found:
        names = ", ".join(item["name"] for item in known) or "none"
        raise CliError(f"There is no credential {name!r}; there are: {names}.")
    choices = "\n".join(f"  {item['name']}  {item['provider']}  {item['id']}" for item in found)
    raise CliError(f"Several credentials fit; choose one by id with --credential:\n{choices}")


def _data(path: Path | None) -> dict[str, Any]:
    text = sys.stdin.read() if path is None or str(path) == "-" else path.read_text()
    try:
        data = json.loads(text)
    except ValueError as wrong:
        raise CliError(f"The credential data is not JSON: {wrong}") from wrong
    if not isinstance(data, dict):
        raise CliError("The credential data must be a JSON object.")
    return data
