"""Clone a cluster to another region or cloud."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, follow, place
from skyclust.entrypoints.cli.commands.credentials import find_credential
from skyclust.entrypoints.cli.output import Format, show
from skyclust.entrypoints.cli.plans import confirm, show_plan


def clone(
    name: str, new_name: str, *, provider: str | None = None, region: str | None = None,
    credential: str | None = None, dry_run: bool = False, yes: Annotated[bool, Parameter(name=("--yes", "-y"))] = False,
    wait: bool = True, output: Format = "table",
) -> None:  # fmt: skip
    """Make a cluster's like in another region or on another cloud. Shows what is translated and asks.

    Parameters
    ----------
    name
        The cluster to take after.
    new_name
        What the clone is called.
    provider
        Which cloud; the cluster's own when left out.
    region
        Where; the cluster's own region, or the credential's on another cloud.
    credential
        Name or id; needed when there are several for the provider.
    dry_run
        Show the body that would be sent, its plan and what is translated; make nothing.
    yes
        Do not ask.
    wait
        Follow the operation until it ends.
    output
        table, json or yaml.
    """
    api = Api.from_environment()
    found = find_cluster(api, name)
    target = provider or found["provider"]
    given = {
        "name": new_name, "credential_id": find_credential(api, credential, target)["id"], "provider": target,
        "region": region,
    }  # fmt: skip
    body = {key: value for key, value in given.items() if value is not None}
    path, where = f"{cluster_path(found)}:clone", place(found)
    planned = api.post(path, body, **where, dry_run=True)
    if output == "table":
        show_plan(planned, f"{new_name}: a clone of {name}")
    if dry_run:
        show(planned["body"], "json" if output == "table" else output)
        return
    if not planned["ok"]:
        raise CliError("It cannot be cloned as it is; the findings say why. Nothing was made.")
    confirm("Create it?", yes=yes)
    operation = api.post(path, body | {"create": True, "plan_digest": planned["digest"]}, **where)
    follow(api, operation, wait=wait, output=output)
