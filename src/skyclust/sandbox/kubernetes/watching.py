"""Follow changes: the events of a watch, from a version on. Called by the front, which streams them.

Invariant: a watch sees every change of its selection once and in order; objects entering or leaving the selection
appear as added and deleted. When the log no longer reaches back far enough the client is told to list again (410).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.controllers import settle
from skyclust.sandbox.kubernetes.objects import Change
from skyclust.sandbox.kubernetes.reading import select, selection
from skyclust.sandbox.kubernetes.requests import Options, Target
from skyclust.sandbox.kubernetes.selectors import Match
from skyclust.sandbox.kubernetes.statuses import bad_request, expired

Document = dict[str, Any]

LOOK_SECONDS = 0.05  # how long a change made by another thread, or by cloud time alone, may stay unseen
BOOKMARK_SECONDS = 30.0
LONGEST_SECONDS = 3600


def start_version(cluster: Cluster, options: Options) -> int:
    """The version after which the watch reports; raises 410 when it is too old or of another cluster's history."""
    text = options.resource_version
    if text in {"", "0"}:
        return cluster.objects.version
    if not text.isdigit():
        raise bad_request(f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
    version = int(text)
    if version < cluster.objects.oldest:
        raise expired(version, cluster.objects.oldest)
    return min(version, cluster.objects.version)


async def events(cluster: Cluster, target: Target, options: Options) -> AsyncIterator[list[Document]]:
    """Batches of watch events; ends at the timeout. An empty batch only means that time has passed."""
    match = selection(target.resource, options, target.name)
    with cluster.lock:
        position = start_version(cluster, options)
        first = _initial(cluster, target, options)
    if first:
        yield first
    now = time.monotonic()
    deadline = now + (options.timeout_seconds or LONGEST_SECONDS)
    bookmark_at = now + BOOKMARK_SECONDS
    while time.monotonic() < deadline and not cluster.is_deleted:
        with cluster.changing():
            settle(cluster)
            too_old = position < cluster.objects.oldest
            changes = [] if too_old else cluster.objects.since(position)
            oldest, position = cluster.objects.oldest, cluster.objects.version
        if too_old:
            yield [{"type": "ERROR", "object": expired(position, oldest).document}]
            return
        batch = [event for change in changes if (event := _event(change, target, match))]
        if options.bookmarks and time.monotonic() > bookmark_at:
            bookmark_at += BOOKMARK_SECONDS
            batch.append(_bookmark(target, position, {}))
        if batch:
            yield batch
        await asyncio.sleep(LOOK_SECONDS)


def _initial(cluster: Cluster, target: Target, options: Options) -> list[Document]:
    """Without a version to start at, what exists now comes first."""
    if options.resource_version not in {"", "0"} and not options.send_initial_events:
        return []
    found = [{"type": "ADDED", "object": document} for document in select(cluster, target, options)]
    if options.send_initial_events and options.bookmarks:
        found.append(_bookmark(target, cluster.objects.version, {"k8s.io/initial-events-end": "true"}))
    return found


def _bookmark(target: Target, version: int, annotations: dict[str, str]) -> Document:
    metadata = {"resourceVersion": str(version), "creationTimestamp": None, "annotations": annotations}
    resource = target.resource
    document = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    return {"type": "BOOKMARK", "object": document}


def _event(change: Change, target: Target, match: Match) -> Document | None:
    if change.collection != target.resource.collection or target.namespace not in {"", change.namespace}:
        return None
    was = change.before is not None and match(change.before)
    if change.after is None:
        return {"type": "DELETED", "object": change.last} if was else None
    if match(change.after):
        return {"type": "MODIFIED" if was else "ADDED", "object": change.after}
    if was:
        assert change.before is not None
        version = change.after["metadata"]["resourceVersion"]
        metadata = {**change.before["metadata"], "resourceVersion": version}
        return {"type": "DELETED", "object": {**change.before, "metadata": metadata}}
    return None
