"""A plan on a terminal: what will be made, changed and deleted, its cost, its duration, what speaks against it.

Called by every command that changes something, before it asks.
"""

from __future__ import annotations

import sys
from typing import Any

from skyclust.entrypoints.cli.client import CliError
from skyclust.entrypoints.cli.output import cell, console

Json = dict[str, Any]

SIGNS = {
    "create": "[green]+[/green]", "update": "[yellow]~[/yellow]", "replace": "[red]±[/red]",
    "delete": "[red]-[/red]", "read": "[dim]=[/dim]", "forget": "[dim]-[/dim]", "keep": "[dim]=[/dim]",
    "import": "[green]=[/green]", "drain": "[yellow]>[/yellow]",
}  # fmt: skip


def show_plan(plan: Json, title: str) -> None:
    """Draw the plan."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), title=title, title_justify="left")
    for heading in ("", "resource", "what", "$/month", "minutes"):
        table.add_column(heading, justify="right" if heading in ("$/month", "minutes") else "left")
    for change in plan["changes"]:
        if change["verb"] == "keep":
            continue
        usd = change.get("usd_per_month") or 0
        minutes = (change.get("expected_seconds") or 0) / 60
        table.add_row(
            SIGNS.get(change["verb"], "?"),
            cell(change["kind"]),
            cell(change["title"]),
            f"{usd:,.2f}" if usd else "",
            f"{minutes:.1f}" if minutes else "",
        )
    out = console()
    out.print(table)
    out.print(summary(plan))
    if plan.get("cidr_block"):
        out.print(f"network range: {cell(plan['cidr_block'])}")
    for quota in plan.get("quotas") or []:
        out.print(cell(quota_line(quota)))
    for source in sorted(price_sources(plan)):
        out.print(f"[dim]prices: {cell(source)}[/dim]")
    for finding in plan.get("findings", []):
        style = "red" if finding["severity"] == "error" else "yellow"
        out.print(f"[{style}]{finding['severity']}[/{style}] {cell(finding.get('field'))}: {cell(finding['message'])}")


def show_hops(plan: Json) -> None:
    """The way of an upgrade of several hops, each with what it changes and its minutes."""
    if len(plan["hops"]) < 2:
        return
    out = console()
    for number, hop in enumerate(plan["hops"], 1):
        titles = "; ".join(step["title"] for step in hop["steps"])
        minutes = hop["expected_seconds"] / 60
        way = f"{hop['version_before']} -> {hop['version']}"
        out.print(f"hop {number}: {cell(way)} · about {minutes:.0f} minutes · {cell(titles)}")


def summary(plan: Json) -> str:
    """One line: how many of what, the cost and the time."""
    verbs: dict[str, int] = {}
    for change in plan["changes"]:
        verbs[change["verb"]] = verbs.get(change["verb"], 0) + 1
    counts = ", ".join(f"{count} to {verb}" for verb, count in sorted(verbs.items()) if verb != "keep")
    minutes = plan["expected_seconds"] / 60
    usd = plan["usd_per_month"]
    sign = "-" if usd < 0 else ""
    return f"{counts or 'nothing to do'} · {sign}${abs(usd):,.2f} a month · about {minutes:.0f} minutes"


def quota_line(quota: Json) -> str:
    """One quota of the workspace: before, with this plan, and what would be left."""
    left = "more than the limit" if quota["refused"] else f"{quota['remaining']:g} left"
    return f"quota {quota['name']}: {quota['use']:g} of {quota['limit']:g} used, {quota['wanted']:+g} by this, {left}"


def price_sources(plan: Json) -> set[str]:
    """Every source of a price in the plan, with its date."""
    prices = [change.get("price") for change in plan["changes"]]
    return {f"{price['source']} ({price['as_of']})" for price in prices if price}


def confirm(question: str, *, yes: bool) -> None:
    """Ask on a terminal; without one `--yes` is needed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CliError("This changes your cloud and nobody is here to say yes. Add --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise CliError("Nothing was changed.")
