"""When a cluster sleeps: show, set and clear its timetable."""

from __future__ import annotations

from typing import Any

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.commands.clusters import cluster_path, find_cluster, place
from skyclust.entrypoints.cli.output import Format, console, show

COLUMNS = (("NEXT", "do"), ("AT", "at"))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Json = dict[str, Any]


def schedule(name: str, *, output: Format = "table") -> None:
    """When a cluster sleeps, what comes next, and what it waits for."""
    api, path, where = _at(name)
    _show(api.get(path, **where), output)


def set_schedule(
    name: str,
    *,
    time_zone: str,
    hibernate: list[str] | None = None,
    wake: list[str] | None = None,
    dry_run: bool = False,
    output: Format = "table",
) -> None:
    """Hibernate and wake a cluster on days of the week.

    Parameters
    ----------
    name
        The cluster.
    time_zone
        An IANA name, Europe/Zurich.
    hibernate
        Days and time, "mon-fri 20:00" or "sat,sun 22:30"; may be given several times.
    wake
        Likewise.
    dry_run
        Show the next times and keep nothing.
    output
        table, json or yaml.
    """
    rules = [_rule("hibernate", text) for text in hibernate or []] + [_rule("wake", text) for text in wake or []]
    if not rules:
        raise CliError('Nothing was set. Say when: --hibernate "mon-fri 20:00" --wake "mon-fri 07:00"')
    api, path, where = _at(name)
    body = {"time_zone": time_zone, "rules": rules}
    _show(api.put(path, body, **where, dry_run=dry_run), output)


def clear_schedule(name: str, *, output: Format = "table") -> None:
    """Forget a cluster's timetable; the cluster stays as it is."""
    api, path, where = _at(name)
    removed = api.delete(path, **where)
    if output == "table":
        print(f"{name} has no timetable any more.")
    else:
        show(removed, output)


def _at(name: str) -> tuple[Api, str, dict[str, Any]]:
    api = Api.from_environment()
    found = find_cluster(api, name)
    return api, f"{cluster_path(found)}/hibernation-schedule", dict(place(found))


def _rule(do: str, text: str) -> Json:
    """From "mon-fri 20:00"."""
    days, _, at = text.strip().lower().partition(" ")
    chosen = [day for part in days.split(",") for day in _span(part, text)]
    return {"do": do, "days": chosen, "at": at.strip()}


def _span(part: str, text: str) -> tuple[str, ...]:
    first, _, last = part.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise CliError(f"{text!r} is no time of the week. Write days and a time: mon-fri 20:00, or sat,sun 22:30.")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return DAYS[start : end + 1] if start <= end else (*DAYS[start:], *DAYS[: end + 1])


def _show(answer: Json, output: Format) -> None:
    if output != "table":
        show(answer, output)
        return
    show(answer["next"], output, COLUMNS)
    out = console()
    out.print(f"time zone {answer['time_zone']}")
    if answer["waiting"]:
        out.print(f"[yellow]waiting[/yellow]: {answer['waiting']}")
