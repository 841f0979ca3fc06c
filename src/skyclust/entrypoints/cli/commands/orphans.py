"""Orphans: list, sweep, adopt, ignore."""

from __future__ import annotations

import sys

from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.commands.drift import Yes, do_as_planned, tell_stale
from skyclust.entrypoints.cli.output import Format, show

COLUMNS = (
    ("ID", "id"), ("PROVIDER", "provider"), ("REGION", "region"), ("KIND", "kind"), ("CLOUD ID", "external_id"),
    ("NAME", "name"), ("MADE FOR", "made_for"), ("$/DAY", "usd_per_day"), ("PROVEN", "proven"), ("STATE", "state"),
    ("SEEN SINCE", "first_seen_at"),
)  # fmt: skip


def list_(
    *, provider: str | None = None, region: str | None = None, cluster: str | None = None, state: str | None = None,
    output: Format = "table",
) -> None:  # fmt: skip
    """What carries our mark and belongs to nobody, with what it costs a day."""
    api = Api.from_environment()
    given = {"provider": provider, "region": region, "cluster": cluster, "state": state}
    show(list(api.items("/orphans", **given)), output, COLUMNS)
    page = api.get("/orphans", limit=1, **{key: value for key, value in given.items() if value is not None})
    if page["total"]["count"] and output == "table":
        print(f"{page['total']['count']} cost ${page['total']['usd_per_day']:,.2f} a day.", file=sys.stderr)
    tell_stale(page["sweeps"])


def sweep(*orphan_ids: str, yes: Yes = False) -> None:
    """Delete orphans of one credential and region, in the right order. Shows the plan and asks.

    Parameters
    ----------
    orphan_ids
        Out of `skyclust orphans list`.
    yes
        Do not ask.
    """
    body = {"orphan_ids": list(orphan_ids)}
    title = "EVERYTHING THAT WILL BE DELETED"
    do_as_planned(Api.from_environment(), "/orphans:sweep", body, title, "Delete it?", yes=yes)


def adopt(orphan_id: str, *, yes: Yes = False) -> None:
    """Give an orphan back to the cluster or network it was made for."""
    path = f"/orphans/{orphan_id}:adopt"
    do_as_planned(Api.from_environment(), path, {}, "WHAT WILL BE DONE", "Take it back?", yes=yes)


def ignore(orphan_id: str) -> None:
    """Leave an orphan out of the list from now on."""
    Api.from_environment().post(f"/orphans/{orphan_id}:ignore")
    print("Ignored. It is listed with: skyclust orphans list --state ignored")
