"""Cluster templates of a workspace: list, show, make the next version, deprecate, delete."""

from __future__ import annotations

import json
from pathlib import Path

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.workspaces import find_workspace
from skyclust.entrypoints.cli.output import Format, show

COLUMNS = (
    ("NAME", "name"), ("VERSION", "version"), ("PROVIDER", "provider"), ("DESCRIPTION", "description"),
    ("DEPRECATED", "deprecated_reason"), ("BY", "created_by"), ("CREATED", "created_at"),
)  # fmt: skip


def list_(
    *, name: str | None = None, provider: str | None = None, workspace: str | None = None, output: Format = "table"
) -> None:
    """Every version, by name, the newest first."""
    api = Api.from_environment()
    show(list(api.items(_path(api, workspace), name=name, provider=provider)), output, COLUMNS)


def get(template: str, *, workspace: str | None = None, output: Format = "json") -> None:
    """One version, name/3, with the body that it gives."""
    api = Api.from_environment()
    show(api.get(f"{_path(api, workspace)}/{_version(template)}"), output, COLUMNS)


def create(
    name: str, *, provider: str, file: Path, description: str = "", workspace: str | None = None,
    output: Format = "table",
) -> None:  # fmt: skip
    """Make the first or the next version of a name, from a JSON file with part of a cluster's body.

    Parameters
    ----------
    name
        Of the template.
    provider
        Which cloud it is for.
    file
        JSON: what clusters made from it have, unless the request says otherwise.
    description
        What it is for.
    workspace
        Name or id; your only one without it.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    try:
        body = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise CliError(f"{file} cannot be read as JSON: {error}") from None
    given = {"name": name, "provider": provider, "description": description, "body": body}
    show(api.post(_path(api, workspace), given), output, COLUMNS)


def deprecate(template: str, *, reason: str, workspace: str | None = None, output: Format = "table") -> None:
    """Say why a version, name/3, should not be used any more; it goes on working."""
    api = Api.from_environment()
    show(api.post(f"{_path(api, workspace)}/{_version(template)}:deprecate", {"reason": reason}), output, COLUMNS)


def delete(template: str, *, workspace: str | None = None) -> None:
    """Delete a version, name/3; what was made from it stays."""
    api = Api.from_environment()
    api.delete(f"{_path(api, workspace)}/{_version(template)}")
    print(f"{template} is deleted.")


def reference(template: str) -> dict[str, str | int]:
    """What a body says for "name" or "name/3"."""
    name, _, version = template.partition("/")
    return {"name": name, "version": int(version)} if version.isdecimal() else {"name": name}


def _path(api: Api, workspace: str | None) -> str:
    return f"/workspaces/{find_workspace(api, workspace)}/cluster-templates"


def _version(template: str) -> str:
    if not template.rpartition("/")[2].isdecimal():
        raise CliError(f"Which version of {template}? Write {template}/1. List them: skyclust templates list")
    return template
