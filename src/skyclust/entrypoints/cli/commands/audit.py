"""The audit log: list, verify, export."""

from __future__ import annotations

from typing import Literal

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, show

COLUMNS = (
    ("WHEN", "at"),
    ("WHO", "actor_label"),
    ("WHAT", "action"),
    ("ON", "target"),
    ("OUTCOME", "outcome"),
    ("SEQ", "seq"),
)


def list_(*, action: str | None = None, limit: int = 50, output: Format = "table") -> None:
    """The newest entries."""
    show(Api.from_environment().get("/audit-logs", action=action, limit=limit)["items"], output, COLUMNS)


def verify() -> None:
    """Walk the chain of your log; ends with an error that names the first entry that was changed."""
    answer = Api.from_environment().get("/audit-logs:verify")
    if not answer["intact"]:
        raise CliError(
            f"The audit log was tampered with at entry {answer['first_bad_seq']}: {answer['reason']} "
            "Everything before it is good. Compare with an export kept elsewhere."
        )
    print(f"The audit log is whole: {answer['entries']} entries.")
    print(f"Keep this elsewhere, it proves a later cut: {answer['head_seq']} {answer['head_hash']}")


def export(*, format: Literal["ndjson", "csv"] = "ndjson") -> None:  # noqa: A002 - the flag's name
    """Print the whole log."""
    print(Api.from_environment().text("/audit-logs:export", format=format), end="")
