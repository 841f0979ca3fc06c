"""Operations: list, get, watch, pause, cancel, resume, rollback. What acts shows what it would do, and asks."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, print_table, show
from skyclust.entrypoints.cli.plans import confirm, show_plan
from skyclust.entrypoints.cli.progress import require_success, seconds_text, watch
from skyclust.entrypoints.cli.stories import attention_text, next_text, show_story

COLUMNS = (
    ("ID", "id"), ("KIND", "kind"), ("TARGET", "target.name"), ("PROVIDER", "target.provider"), ("STATE", "state"),
    ("DONE", "progress.percent"), ("BY", "requested_by.label"), ("CREATED", "created_at"),
)  # fmt: skip
STEPS = (
    ("STEP", "title"), ("WHAT", "verb"), ("STATE", "state"), ("TOOK", "took"), ("CLOUD ID", "external_id"),
    ("MESSAGE", "message"),
)  # fmt: skip
#: Actions that begin nothing.
HALTS = ("cancel", "pause")
Json = dict[str, Any]
Yes = Annotated[bool, Parameter(name=("--yes", "-y"))]


def list_(*, state: str | None = None, output: Format = "table") -> None:
    """Operations, newest first."""
    show(list(Api.from_environment().items("/operations", state=state)), output, COLUMNS)


def get(operation_id: str, *, output: Format = "table") -> None:
    """One operation: its steps, its story, what it waits for, and what one may do."""
    operation = Api.from_environment().get(f"/operations/{operation_id}")
    show(operation, output, COLUMNS)
    if output != "table":
        return
    print()
    print_table([step | {"took": seconds_text(step)} for step in operation["steps"]], STEPS)
    show_story(operation)
    for text in (attention_text(operation), next_text(operation)):
        if text:
            print(f"\n{text}")


def watch_(operation_id: str) -> None:
    """Follow an operation until it ends."""
    require_success(watch(Api.from_environment(), [operation_id]))


def cancel(operation_id: str, *, dry_run: bool = False, yes: Yes = False, wait: bool = True) -> None:
    """Start nothing new, let calls in flight finish; what exists is kept.

    Parameters
    ----------
    dry_run
        Only show what would stop, what stays, and what that costs.
    yes
        Do not ask.
    wait
        Follow it until it is cancelled.
    """
    api = Api.from_environment()
    told = _told(api, operation_id, "cancel")
    if dry_run:
        return
    confirm("Cancel it?", yes=yes)
    _post(api, operation_id, "cancel", told)
    if not wait:
        return
    (ended,) = watch(api, [operation_id])
    if ended["state"] != "cancelled":
        raise CliError(f"It was not cancelled: it {ended['state']} before that.\n{next_text(ended)}".rstrip())
    print(f"Cancelled; what exists is kept.\n{next_text(ended)}")


def pause(operation_id: str, *, dry_run: bool = False, yes: Yes = False) -> None:
    """Begin no new step; what has begun ends.

    Go on with `operations resume`, or give up with `operations cancel`.

    Parameters
    ----------
    dry_run
        Only show what would wait.
    yes
        Do not ask.
    """
    api = Api.from_environment()
    told = _told(api, operation_id, "pause")
    if dry_run:
        return
    confirm("Pause it?", yes=yes)
    _post(api, operation_id, "pause", told)
    print(f"Paused; what has begun ends. Go on: skyclust operations resume {operation_id}")


def resume(operation_id: str, *, dry_run: bool = False, yes: Yes = False, wait: bool = True) -> None:
    """Go on with what is paused, or after the cause of a failure is fixed.

    Parameters
    ----------
    dry_run
        Only show the steps that are left.
    yes
        Do not ask.
    wait
        Follow it until it ends.
    """
    _go(operation_id, "resume", "Resume it?", dry_run=dry_run, yes=yes, wait=wait)


def rollback(operation_id: str, *, dry_run: bool = False, yes: Yes = False, wait: bool = True) -> None:
    """Undo what an operation made, changed and deleted, in reverse order; nothing else is touched.

    Parameters
    ----------
    dry_run
        Only show what would be undone.
    yes
        Do not ask.
    wait
        Follow the roll back until it ends.
    """
    _go(operation_id, "rollback", "Roll it back?", dry_run=dry_run, yes=yes, wait=wait)


def _go(operation_id: str, action: str, question: str, *, dry_run: bool, yes: bool, wait: bool) -> None:
    api = Api.from_environment()
    told = _told(api, operation_id, action)
    if dry_run:
        return
    if not told["ok"]:
        raise CliError("Nothing was changed: see what stands in the way above.")
    confirm(question, yes=yes)
    begun = _post(api, operation_id, action, told)
    if wait:
        require_success(watch(api, [begun["id"]]))
    else:
        print(f"Begun. Follow it: skyclust operations watch {begun['id']}")


def _told(api: Api, operation_id: str, action: str) -> Json:
    """Show what would be done."""
    told = api.post(f"/operations/{operation_id}:{action}", dry_run=True)
    if told["changes"] or told["findings"]:
        show_plan(told, {"resume": "Left to do", "rollback": "Undoing it"}.get(action, ""))
    if told["stops"]:
        waits = "Waits until it is resumed" if action == "pause" else "Not begun any more"
        print(f"{waits}: " + ", ".join(told["stops"]))
    for title in told["lost"]:
        print(f"{title} was deleted and is made anew; what was in it does not come back.")
    if action not in HALTS and not any(told[part] for part in ("changes", "findings", "stops", "lost")):
        print({"resume": "Nothing is left to do.", "rollback": "There is nothing to undo."}[action])
    if action == "cancel":
        print(f"{len(told['stays'])} resources stay, at ${told['kept_usd_per_month']:,.2f} a month.")
    return told


def _post(api: Api, operation_id: str, action: str, told: Json) -> Json:
    """Do it, if it is still what was shown; cancelling and pausing wait for no second look."""
    cited = told["digest"] if action not in HALTS else None
    return api.post(f"/operations/{operation_id}:{action}", plan_digest=cited)
