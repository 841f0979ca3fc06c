"""Kubeconfigs on the user's own machine: read one that others wrote, put our clusters into it, write it whole or not.

Invariant: entries that are not ours stay as they are, and a file that is not understood is not touched. What is read is
taken for data: no aliases, bounded in size and depth.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skyclust.entrypoints.cli.client import CliError

Document = dict[str, Any]
MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
LISTS = ("clusters", "users", "contexts")
BACKUP = ".before-skyclust"
#: An entry of ours is known by the command that its user runs.
OUR_COMMAND = "skyclust"


def default_file(environ: Mapping[str, str]) -> Path:
    """Where kubectl writes: the first file of KUBECONFIG, else ~/.kube/config."""
    named = [part for part in environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return Path(named[0]) if named else Path.home() / ".kube" / "config"


def parse(text: bytes, name: str) -> Document:
    """The kubeconfig; an empty one where nothing is written yet."""
    import yaml

    if len(text) > MAX_BYTES:
        raise _unreadable(name, f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        _check_events(text, name)
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        raise _unreadable(name, "it is no YAML") from error
    if document is None:
        return {}
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise _unreadable(name, "it is no kubeconfig")
    for key in LISTS:
        entries = document.get(key)
        named = entries is None or (isinstance(entries, list) and all(_is_entry(item) for item in entries))
        if not named:
            raise _unreadable(name, f"its {key} are no list of named entries")
    return document


def _check_events(text: bytes, name: str) -> None:
    """Before anything is built: an alias may stand for as much as one likes, and depth costs stack."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _unreadable(name, "it uses anchors or aliases")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _unreadable(name, f"it is nested deeper than {MAX_DEPTH} levels")


def _is_entry(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def _unreadable(name: str, why: str) -> CliError:
    return CliError(f"{name} was left as it is: {why}. Repair it, or write a file of its own with --file.")


def merged(existing: Document, ours: Document) -> Document:
    """`existing` with our entries in it: known ones in their place, new ones behind. Pure.

    The current context stays, unless there is none. A foreign entry under one of our names is refused.
    """
    foreign = sorted({item["name"] for item in ours["contexts"]} & _foreign_names(existing))
    if foreign:
        raise CliError(f"The name {foreign[0]!r} is taken by an entry that is not ours. Rename that, or use --file.")
    whole = {"apiVersion": "v1", "kind": "Config", **existing}
    for key in LISTS:
        fresh = {item["name"]: item for item in ours[key]}
        kept = [fresh.pop(item["name"], item) for item in existing.get(key) or []]
        whole[key] = [*kept, *fresh.values()]
    whole["current-context"] = existing.get("current-context") or ours["current-context"]
    return whole


def _foreign_names(document: Document) -> set[str]:
    """Names that something has whose user does not run our command."""
    runs = {item["name"] for item in document.get("users") or [] if _is_ours(item)}
    return {item["name"] for key in LISTS for item in document.get(key) or []} - runs


def _is_ours(user: Document) -> bool:
    body = user.get("user")
    plugin = body.get("exec") if isinstance(body, dict) else None
    return isinstance(plugin, dict) and plugin.get("command") == OUR_COMMAND


def merge_into(file: Path, ours: Document) -> Path | None:
    """Put our entries into the file; the backup of what it was, None for a new file."""
    import yaml

    target = Path(os.path.realpath(file))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _held(target):
        before = _read(target)
        document = merged(parse(before or b"", str(file)), ours)
        text = yaml.safe_dump(document, sort_keys=False, default_flow_style=False)
        if before is None:
            write_whole(target, text.encode())
            return None
        backup = target.with_name(target.name + BACKUP)
        write_whole(backup, before)
        write_whole(target, text.encode())
        return backup


def _read(file: Path) -> bytes | None:
    """What is written there, a little more than we take at most; None when there is no file."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CliError(f"{file} cannot be read: {error.strerror}. Nothing was written.") from error


def write_whole(file: Path, content: bytes) -> None:
    """The whole content or none of it, readable by the user only."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """The lock that kubectl takes too: a file beside it."""
    lock = file.with_name(f"{file.name}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise CliError(f"Somebody is writing {file}. If nobody is, delete {lock} and try again.") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
