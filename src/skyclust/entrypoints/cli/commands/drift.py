"""Drift: list, show, accept, repair."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.output import Format, print_table, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("ID", "id"), ("OF", "belongs_to.name"), ("PROVIDER", "provider"), ("REGION", "region"), ("RESOURCE", "title"),
    ("CLOUD ID", "external_id"), ("DRIFT", "drift"), ("SINCE", "since"),
)  # fmt: skip
FIELDS = (("FIELD", "field"), ("WANTED", "wanted"), ("SEEN", "seen"), ("MADE ANEW", "replace"))
Json = dict[str, Any]
Yes = Annotated[bool, Parameter(name=("--yes", "-y"))]


def list_(
    *, provider: str | None = None, region: str | None = None, cluster: str | None = None, output: Format = "table"
) -> None:
    """What other hands have changed or deleted, as the last sweeps saw it."""
    api = Api.from_environment()
    given = {"provider": provider, "region": region, "cluster": cluster}
    show(list(api.items("/drift", **given)), output, COLUMNS)
    narrow = {key: value for key, value in given.items() if value is not None}
    tell_stale(api.get("/drift", limit=1, **narrow)["sweeps"])


def show_(drift_id: str, *, output: Format = "table") -> None:
    """One drifted resource, field by field."""
    found = Api.from_environment().get(f"/drift/{drift_id}")
    show(found, output, (*COLUMNS, ("WHAT", "message")))
    if output == "table" and found["fields"]:
        print_table(found["fields"], FIELDS)


def accept(drift_id: str, *, field: list[str] | None = None, yes: Yes = False) -> None:
    """Leave differing fields as they are: all, or those of --field.

    Parameters
    ----------
    drift_id
        Out of `skyclust drift list`.
    field
        Only this one; may be repeated.
    yes
        Do not ask.
    """
    api = Api.from_environment()
    body = {"fields": field} if field else {}
    path = f"/drift/{drift_id}:accept"
    print_table(api.post(path, body, dry_run=True)["accepted"], FIELDS)
    confirm("Leave it as it is?", yes=yes)
    left = api.post(path, body)["left"]
    print("Accepted." + (f" Still drift: {', '.join(left)}." if left else ""))


def repair(what: str, *, whole: bool = False, yes: Yes = False) -> None:
    """Bring a drifted resource back to what is wanted; with --whole everything that drifted of a cluster.

    Parameters
    ----------
    what
        The id of a drifted resource, or with --whole the name or id of a cluster.
    whole
        Everything that drifted of the cluster.
    yes
        Do not ask.
    """
    path = f"/clusters/{what}:repair" if whole else f"/drift/{what}:repair"
    do_as_planned(Api.from_environment(), path, {}, f"{what}: WHAT WILL BE DONE", "Repair it?", yes=yes)


def do_as_planned(api: Api, path: str, body: Json, title: str, question: str, *, yes: bool) -> None:
    """Show the plan, ask, and do exactly that."""
    planned = api.post(path, body, dry_run=True)
    show_plan(planned, title)
    confirm(question, yes=yes)
    operation = api.post(path, body | {"plan_digest": planned["digest"]})
    require_success(watch(api, [operation["id"]]))


def tell_stale(sweeps: list[Json]) -> None:
    """Say where the picture is old, on standard error."""
    for item in sweeps:
        where = f"{item['provider']} {item['region']}"
        if item["error"]:
            said = f"{item['error']['reason']}: {item['error']['message']}"
            print(f"{where}: not seen since {item['swept_at'] or 'ever'}. {said}", file=sys.stderr)
        elif item["stale"]:
            print(f"{where}: not seen since {item['swept_at'] or 'ever'}.", file=sys.stderr)
        for kind, why in item["unread"].items():
            print(f"{where}: {kind} could not be listed: {why}", file=sys.stderr)
