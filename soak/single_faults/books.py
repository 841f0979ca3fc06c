"""The sandbox's own books against the rows: one of each, all owned, nothing left, strangers untouched. Pure.

Called after every phase. `items` are the documents of the control API's `resources`; a census counts them by the row
whose mark they carry and by their kind, so that two runs of a story can be compared although their ids differ.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from skyclust.provisioning.memory import MemoryOperation
from skyclust.provisioning.rows import STUCK, ResourceRow, State

Item = Mapping[str, Any]
#: (key of the row whose mark it carries, kind) -> how many; "" for what carries no mark, such as a pool's machines.
Census = Counter[tuple[str, str]]

STRANGER = "nobody's row"


def census(items: Iterable[Item], rows: Iterable[ResourceRow], strangers: frozenset[str]) -> Census:
    """Of everything but what stood there before the story began."""
    keys = {str(row.id): row.key for row in rows}
    ours = [item for item in items if item["id"] not in strangers]
    return Counter((keys.get(owner, STRANGER) if (owner := owner_of(item)) else "", item["kind"]) for item in ours)


def owner_of(item: Item) -> str:
    """The row's id in the mark, whether a tag, a label or a word of the description; "" without one."""
    tags = item["tags"] or {}
    return str(tags.get("skyclust:resource") or tags.get("skyclust-resource") or "")


def differences(expected: Census, found: Census) -> Iterator[str]:
    """Sentences about what is too many or too few."""
    for key, kind in sorted(expected.keys() | found.keys()):
        wanted, have = expected[key, kind], found[key, kind]
        if wanted != have:
            yield f"{kind} of {key or 'nobody'}: {have} instead of {wanted}"


def of_a_stop(
    operation: MemoryOperation, rows: Iterable[ResourceRow], found: Census, expected: Census
) -> Iterator[str]:
    """What is untrue, or beyond repair, about an operation that stopped before its end."""
    rows = list(rows)
    if not operation.message:
        yield f"the operation is {operation.state} and does not say why"
    for row in rows:
        if row.state in STUCK and not row.message:
            yield f"{row.key} is {row.state} and does not say why"
        held = {kind: count for (key, kind), count in found.items() if key == row.key}
        if row.state is State.GONE and held:
            yield f"{row.key} is said to be gone, and there is {held}"
        if row.state is State.READY and not row.adopted and not held and any(key == row.key for key, _ in expected):
            yield f"{row.key} is said to be ready, and is not there"
        if held and row.external_id is None and not (row.intent and row.intent.open):
            yield f"{row.key} is said not to exist, and there is {held}"
    for (key, kind), count in found.items():
        if key == STRANGER or (key and count > max(expected[key, kind], 1)):
            yield f"{kind} of {key}: {count}"


def of_strangers(before: Iterable[Item], now: Iterable[Item]) -> Iterator[str]:
    """What has happened to things that are nobody's business."""
    present = {item["id"]: _lasting(item) for item in now}
    for item in before:
        if present.get(item["id"]) != _lasting(item):
            now_is = present.get(item["id"])
            yield f"{item['kind']} {item['id']}, which is not ours, was {_lasting(item)} and is {now_is}"


def left_behind(before: Iterable[Item], now: Iterable[Item]) -> Iterator[str]:
    """What exists after the deletion of everything."""
    known = {item["id"] for item in before}
    for item in now:
        if item["id"] not in known:
            yield f"{item['kind']} {item['id']} ({item['state']}) is left behind"


def _lasting(item: Item) -> tuple[Any, ...]:
    return item["kind"], item["name"], item["parent"], tuple(sorted((item["tags"] or {}).items()))
