"""Words for the story of an operation: how long, how often, what happened to one resource. Read by people only.

Called by `settling` and `advancing`. Invariant: pure; a line names its resource and never repeats what a poll saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from skyclust.provisioning.living import INSIDE_CLUSTERS
from skyclust.provisioning.rows import ResourceRow

#: Cloud seconds from which on it is worth to say that something has begun, not only that it is done.
LONG_SECONDS = 60.0


def spoken(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 9.95:
        return f"{max(seconds, 0.1):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def times(count: int) -> str:
    """Say "once", or "14 times"."""
    return "once" if count == 1 else f"{count} times"


def ready_line(row: ResourceRow, external_id: str, now: datetime) -> str:
    """How a resource came to be as wanted. `row` is as it was before that."""
    if row.adopted:
        return f"{row.title} is there: {external_id}"
    done = "is as wanted"
    if row.created_at is not None and row.action_started_at is not None:
        done = "created" if row.created_at >= row.action_started_at else "changed"
    return f"{row.title} {done}{_took(row, now)}: {external_id}{met(row)}"


def gone_line(row: ResourceRow, now: datetime) -> str:
    """How a resource went; "" for what never was."""
    if row.external_id is None:
        return ""
    if row.adopted:
        return f"{row.title} stays where it is and is no longer looked at: {row.external_id}"
    if row.external_id.startswith("step/") or row.kind.startswith(INSIDE_CLUSTERS):
        return f"{row.title}: done{_took(row, now)}{met(row)}"
    return f"{row.title} deleted{_took(row, now)}: {row.external_id}{met(row)}"


def begun_line(row: ResourceRow, doing: str, expected_seconds: float, real_seconds: float) -> str:
    """What has begun and takes long; "" for what does not."""
    if expected_seconds < LONG_SECONDS:
        return ""
    return f"{row.title} is being {doing}, which usually takes {spoken(real_seconds)}: {row.external_id}"


def taken_over_line(titles: Sequence[str], silent_seconds: float) -> str:
    """Which steps another worker goes on with, since the one that had them fell silent."""
    named = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    return f"Taken over from a worker that was silent for {spoken(silent_seconds)}: {named}"


def met(row: ResourceRow) -> str:
    """What was met on the way, summed up; "" when all went well."""
    throttled, retried = int(row.trouble.get("throttled", 0)), int(row.trouble.get("retried", 0))
    said = [f"throttled {times(throttled)}"] if throttled else []
    said += [f"tried again {times(retried)}"] if retried else []
    return f" ({', '.join(said)})" if said else ""


def _took(row: ResourceRow, now: datetime) -> str:
    if row.action_started_at is None:
        return ""
    return f" in {spoken((now - row.action_started_at).total_seconds())}"
