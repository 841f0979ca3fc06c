"""What Compute's operations tell about a resource. Called by the drivers of compute kinds; reads only.

Compute answers a mutation with an operation and goes on by itself. After a crash nobody remembers the operation's name,
so it is looked up by the resource it works on. An insert that fails leaves no resource, only its operation: that is how
a quota or capacity error is told although the call had been accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from skyclust.contract.resources import JsonObject, Phase
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import NotFound
from skyclust.providers.gcp.naming import relative_path, segment_after
from skyclust.providers.gcp.sessions import GcpSession


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a resource stands. `phase` is None when it does not exist."""

    phase: Phase | None
    message: str = ""


async def operations_on(session: GcpSession, target: str) -> list[JsonObject]:
    """Operations on the resource with this path, oldest first."""
    pattern = re.escape(target).replace(r"\-", "-")
    found = await session.items(partial(_list, target, f'targetLink eq ".*/{pattern}"'))
    return sorted(found, key=lambda operation: str(operation.get("insertTime", "")))


async def running_operations(session: GcpSession) -> dict[str, list[JsonObject]]:
    """Every operation of the project that has not ended, by the path of what it works on, each list oldest first."""
    found: dict[str, list[JsonObject]] = {}
    for operation in await session.aggregated(partial(_list_running, session.project), "operations"):
        found.setdefault(relative_path(str(operation.get("targetLink", ""))), []).append(operation)
    return {path: sorted(rows, key=lambda row: str(row.get("insertTime", ""))) for path, rows in found.items()}


def standing(document: JsonObject | None, operations: Sequence[JsonObject]) -> Standing:
    """Phase of one resource, given what a read of it and of its operations showed (oldest first)."""
    running = [operation for operation in operations if operation.get("status") != "DONE"]
    if any(operation.get("operationType") == "delete" for operation in running):
        return Standing(Phase.DELETING, "Google is deleting it")
    if running:
        return Standing(Phase.SETTLING, f"Google is at it ({running[-1].get('operationType')})")
    if document is not None:
        return Standing(Phase.READY)
    last = operations[-1] if operations else None
    if last is not None and _failed_insert(last):
        return Standing(Phase.FAILED, error_message(last))
    return Standing(None)


def error_message(operation: JsonObject) -> str:
    """What Google says about an operation that ended with an error, with its code."""
    errors = operation.get("error", {}).get("errors", [])
    told = [f"{row.get('message', '')} ({row.get('code', '')})".strip() for row in errors]
    return " ".join(told) or "Google gave no reason."


async def forget_failed_inserts(session: GcpSession, target: str) -> None:
    """Remove the records of inserts that came to nothing, so that the resource counts as absent."""
    for operation in await operations_on(session, target):
        if operation.get("status") == "DONE" and _failed_insert(operation):
            try:
                await session.write(partial(_delete, target, operation["name"]))
            except NotFound:
                continue


def _failed_insert(operation: JsonObject) -> bool:
    return operation.get("operationType") == "insert" and "error" in operation


def _scope(apis: Apis, target: str) -> tuple[Any, dict[str, str]]:
    project, region = segment_after(target, "projects"), segment_after(target, "regions")
    if region:
        return apis.compute.regionOperations(), {"project": project, "region": region}
    return apis.compute.globalOperations(), {"project": project}


def _list(target: str, expression: str, apis: Apis, token: str | None) -> Any:
    collection, where = _scope(apis, target)
    return collection.list(**where, filter=expression, pageToken=token)


def _list_running(project: str, apis: Apis, token: str | None) -> Any:
    listed = apis.compute.globalOperations().aggregatedList
    return listed(project=project, filter="status != DONE", pageToken=token)


def _delete(target: str, name: str, apis: Apis) -> Any:
    collection, where = _scope(apis, target)
    return collection.delete(**where, operation=name)
