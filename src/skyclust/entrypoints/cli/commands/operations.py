"""Operations: list, get, watch, cancel, resume, rollback."""

from __future__ import annotations

from skyclust.entrypoints.cli.client import Api
from skyclust.entrypoints.cli.output import Format, print_table, show
from skyclust.entrypoints.cli.progress import require_success, watch

COLUMNS = (
    ("ID", "id"), ("KIND", "kind"), ("TARGET", "target.name"), ("PROVIDER", "target.provider"), ("STATE", "state"),
    ("DONE", "progress.percent"), ("BY", "requested_by.label"), ("CREATED", "created_at"),
)  # fmt: skip
STEPS = (
    ("STEP", "title"),
    ("STATE", "state"),
    ("CLOUD ID", "external_id"),
    ("ATTEMPTS", "attempts"),
    ("MESSAGE", "message"),
)


def list_(*, state: str | None = None, output: Format = "table") -> None:
    """Operations, newest first."""
    show(list(Api.from_environment().items("/operations", state=state)), output, COLUMNS)


def get(operation_id: str, *, output: Format = "table") -> None:
    """One operation with its steps."""
    operation = Api.from_environment().get(f"/operations/{operation_id}")
    show(operation, output, COLUMNS)
    if output == "table":
        print_table(operation["steps"], STEPS)


def watch_(operation_id: str) -> None:
    """Follow an operation until it ends."""
    require_success(watch(Api.from_environment(), [operation_id]))


def cancel(operation_id: str) -> None:
    """Start nothing new, let calls in flight finish; what exists is kept."""
    api = Api.from_environment()
    api.post(f"/operations/{operation_id}:cancel")
    (ended,) = watch(api, [operation_id])
    print(f"{ended['state']}. What exists is kept; to undo it: skyclust operations rollback {operation_id}")


def resume(operation_id: str) -> None:
    """Go on after the cause of a failure is fixed."""
    api = Api.from_environment()
    api.post(f"/operations/{operation_id}:resume")
    require_success(watch(api, [operation_id]))


def rollback(operation_id: str) -> None:
    """Undo what an operation made, in reverse order; nothing else is touched."""
    api = Api.from_environment()
    require_success(watch(api, [api.post(f"/operations/{operation_id}:rollback")["id"]]))
