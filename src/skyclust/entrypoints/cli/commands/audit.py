"""The audit log: list, verify (with a server or an export alone), export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from skyclust.entrypoints.cli.client import Api, CliError
from skyclust.entrypoints.cli.output import Format, show

if TYPE_CHECKING:
    from skyclust.audit.heads import Head
    from skyclust.audit.offline import Report
    from skyclust.kit.keys import KeySource

COLUMNS = (
    ("WHEN", "at"),
    ("WHO", "actor_label"),
    ("WHAT", "action"),
    ("ON", "target"),
    ("OUTCOME", "outcome"),
    ("SEQ", "seq"),
)
#: Heads in one question: with more its address would pass 8 KB, where many proxies refuse it.
HEADS_AT_ONCE = 10
Flag = Annotated[bool, Parameter(negative=())]


@Parameter(name="*")
@dataclass(frozen=True)
class Narrow:
    """Which entries.

    Parameters
    ----------
    workspace
        Id of one workspace; all whose log you may read, when left out.
    platform
        What concerns no workspace, for administrators of the installation.
    actor
        An email, or a user's id.
    action
        cluster.created, or cluster.*
    target
        cluster/ID, or cluster/*
    request_id
        The trace id of an answer.
    search
        Words to look for in every text.
    since
        From this time on.
    until
        Before this time.
    """

    workspace: str | None = None
    platform: Flag = False
    actor: str | None = None
    action: str | None = None
    target: str | None = None
    request_id: str | None = None
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def params(self) -> dict[str, Any]:
        """As the API takes them."""
        return {
            "workspace_id": self.workspace,
            "platform": self.platform or None,
            "actor": self.actor,
            "action": self.action,
            "target": self.target,
            "request_id": self.request_id,
            "q": self.search,
            "since": self.since.astimezone().isoformat() if self.since else None,
            "until": self.until.astimezone().isoformat() if self.until else None,
        }


def list_(*, narrow: Narrow | None = None, limit: int = 50, output: Format = "table") -> None:
    """The newest entries."""
    params = (narrow or Narrow()).params()
    show(Api.from_environment().get("/audit-logs", limit=limit, **params)["items"], output, COLUMNS)


def export(*, narrow: Narrow | None = None, format: Literal["ndjson", "csv"] = "ndjson") -> None:  # noqa: A002
    """Print the log, whole or narrowed, as it comes; nothing is kept in memory."""
    import sys

    params = (narrow or Narrow()).params()
    for piece in Api.from_environment().stream("/audit-logs:export", format=format, **params):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def verify(
    *,
    head: Path | None = None,
    file: Path | None = None,
    keyring: Path | None = None,
    public_key: tuple[str, ...] = (),
    workspace: str | None = None,
    platform: Flag = False,
) -> None:
    """Walk the chain of your log; ends with an error that names the first entry that was changed.

    Parameters
    ----------
    head
        A file of exported heads (audit-heads.jsonl): only with it a log that was cut at its end is found.
    file
        An export (NDJSON, not narrowed) to verify here, without a server.
    keyring
        With --file: the servers' keyring.json, which proves every entry.
    public_key
        With --file and --head: what `skyclust admin audit-key` printed; proves every entry up to the newest head.
    workspace
        Whose log, by id.
    platform
        What concerns no workspace, for administrators of the installation.
    """
    if file is not None:
        _verify_file(file, head, keyring, public_key)
        return
    if keyring is not None or public_key:
        raise CliError("--keyring and --public-key go with --file; a running server has its keys.")
    _verify_server(head, {"workspace_id": workspace, "platform": platform or None})


def _verify_server(head: Path | None, whose: dict[str, Any]) -> None:
    api = Api.from_environment()
    answer = _intact(api.get("/audit-logs:verify", **whose))
    compared = 0
    for lines in _of_chain(head, answer["workspace_id"]) if head is not None else ():
        again = _intact(api.get("/audit-logs:verify", head=lines, compare_only=True, **whose))
        compared += again["heads_compared"]
    begin = answer["begins_after_seq"]
    print(f"The audit log is whole: {answer['entries']} entries" + (f" after entry {begin}." if begin else "."))
    if head is not None:
        print(f"It fits {compared} exported heads.")
    print(f"Keep this elsewhere, it proves a later cut (--head):\n{answer['head']}")


def _intact(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer["intact"]:
        raise CliError(
            f"The audit log was tampered with at entry {answer['first_bad_seq']}: {answer['reason']} "
            "Everything before it is good. Compare with an export kept elsewhere."
        )
    return answer


def _of_chain(path: Path, workspace_id: str | None) -> Iterator[list[str]]:
    """The file's heads of one chain, as many at a time as the server takes; equal ones once."""
    from skyclust.audit.chaining import PLATFORM

    own = {(head.seq, head.hash): head for head in _heads(path) if head.chain == (workspace_id or PLATFORM)}
    if not own:
        raise CliError(f"{path} holds no head of this log ({workspace_id or PLATFORM}).")
    lines = [head.line().decode().strip() for _, head in sorted(own.items())]
    for start in range(0, len(lines), HEADS_AT_ONCE):
        yield lines[start : start + HEADS_AT_ONCE]


def _heads(path: Path) -> list[Head]:
    import sys

    from skyclust.audit.offline import read_heads

    with _opened(path) as lines:
        heads, unreadable = read_heads(lines)
    if unreadable:
        print(f"skyclust: {unreadable} line(s) of {path} are no heads and were passed over.", file=sys.stderr)
    return heads


def _verify_file(file: Path, head: Path | None, keyring: Path | None, public_key: tuple[str, ...]) -> None:
    from skyclust.audit.heads import HeadError
    from skyclust.audit.heads import public_key as public_key_of
    from skyclust.audit.offline import ExportError, expected_of, verify_export

    keys = _keyring(keyring) if keyring is not None else None
    try:
        trusted = [bytes.fromhex(text) for text in public_key]
    except ValueError:
        raise CliError("--public-key takes what `skyclust admin audit-key` prints: 64 hexadecimal digits.") from None
    trusted += [public_key_of(keys, key_id) for key_id in keys.ids] if keys is not None else []
    if head is not None and not trusted:
        raise CliError("Heads prove nothing without knowing whose they are: give --public-key or --keyring.")
    try:
        expected = expected_of(_heads(head), trusted) if head is not None else {}
        with _opened(file) as lines:
            reports = verify_export(lines, keys, expected)
    except (HeadError, ExportError) as error:
        raise CliError(str(error)) from error
    if not reports:
        raise CliError(f"{file} is empty.")
    for report in reports:
        print(_sentence(report, with_keys=keys is not None))
    if any(report.reason for report in reports):
        raise CliError("The export is not what was written. Everything before the entries named is good.")


def _sentence(report: Report, *, with_keys: bool) -> str:
    if report.reason:
        later = " Or the head is newer than the export: make a new one." if "exported" in report.reason else ""
        narrowed = " Or the export was narrowed, or begins later and no head of the entry before was given." * (
            "missing" in report.reason and not later
        )
        return f"{report.chain}: entry {report.bad_seq}: {report.reason}.{later}{narrowed}"
    last = report.first_seq + report.entries - 1
    whole = f"{report.chain}: entries {report.first_seq} to {last} are whole; {report.heads} exported heads fit."
    if with_keys:
        return f"{whole} Every seal is good."
    unproven = f" {report.unproven} older entries need --keyring." if report.unproven else ""
    if report.proven_seq:
        return f"{whole} Up to entry {report.proven_seq} a signed head proves it.{unproven}"
    return (
        f"{whole} Their links fit, as whoever wrote the file anew could have made them fit: give --keyring, or --head "
        f"with --public-key.{unproven}"
    )


def _keyring(path: Path) -> KeySource:
    import os

    from skyclust.contract.keys import KeyServiceError
    from skyclust.contract.registry import load_providers
    from skyclust.credentials.keyring import KeyringError
    from skyclust.credentials.keyring_files import keyring_from_file
    from skyclust.credentials.keyring_opening import finder

    try:
        return keyring_from_file(path, finder(load_providers(os.environ).values()))
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyringError, KeyServiceError) as error:
        raise CliError(str(error)) from error


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}.") from error
