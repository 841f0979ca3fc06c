"""Which fields a document has, as paths, and the `managedFields` form of a set of them. Pure.

Used by `applying.py`. A path is a tuple of steps as `fieldsV1` writes them: `f:name` a field, `k:{...}` an item of a
keyed list, `v:value` a member of a set, and a last `.` for the item itself.
"""

import json
from typing import Any

from skyclust.sandbox.kubernetes.schemas import ANY, Shape, child

Document = dict[str, Any]
Path = tuple[str, ...]

SERVER_OWNED = frozenset(
    ("f:metadata", f"f:{name}")
    for name in (
        "name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation", "managedFields", "selfLink",
        "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
    )
)  # fmt: skip
KEY_DEFAULTS = {"protocol": "TCP"}  # of keys a client may leave out
ABSENT = object()


def paths_of(document: Document, shape: Shape, *, status: bool = False) -> frozenset[Path]:
    """The leaves a writer of this document owns: of its status only, or of all but that."""
    found: set[Path] = set()
    for name, value in document.items():
        if name not in {"apiVersion", "kind"} and (name == "status") == status:
            _walk(value, child(shape, name) or ANY, (f"f:{name}",), found)
    return frozenset(path for path in found if path[:2] not in SERVER_OWNED)


def _walk(value: Any, shape: Shape, path: Path, found: set[Path]) -> None:
    if isinstance(value, dict) and value and not shape.atomic:
        for name, entry in value.items():
            _walk(entry, child(shape, name) or ANY, (*path, f"f:{name}"), found)
    elif isinstance(value, list) and shape.list_keys:
        for item in value:
            step = item_step(item, shape)
            found.add((*path, step, "."))
            _walk(item, shape.item or ANY, (*path, step), found)
    elif isinstance(value, list) and shape.is_set:
        found.update((*path, f"v:{json.dumps(item)}") for item in value)
    else:
        found.add(path)


def item_key(item: Document, shape: Shape) -> Document:
    return {key: item.get(key, KEY_DEFAULTS.get(key)) for key in shape.list_keys}


def item_step(item: Document, shape: Shape) -> str:
    key = {name: value for name, value in item_key(item, shape).items() if value is not None}
    return "k:" + json.dumps(key, separators=(",", ":"), sort_keys=True)


def value_at(document: Any, path: Path) -> Any:
    """`ABSENT` when there is nothing."""
    for step in path:
        if step == ".":
            return True if document is not ABSENT else ABSENT
        document = _descend(document, step)
    return document


def _descend(document: Any, step: str) -> Any:
    mark, _, text = step.partition(":")
    if mark == "f":
        return document.get(text, ABSENT) if isinstance(document, dict) else ABSENT
    if not isinstance(document, list):
        return ABSENT
    wanted = json.loads(text)
    if mark == "v":
        return wanted if wanted in document else ABSENT
    return next((item for item in document if has_key(item, wanted)), ABSENT)


def has_key(item: Document, wanted: Document) -> bool:
    return all(item.get(name, KEY_DEFAULTS.get(name)) == value for name, value in wanted.items())


def without(document: Any, path: Path) -> Any:
    """The document less what is at `path`; a last `.` takes the whole list item."""
    step, rest = path[0], path[1:]
    if _descend(document, step) is ABSENT:
        return document
    goes = rest in {(), (".",)}
    mark, _, text = step.partition(":")
    if mark == "f":
        if goes:
            return {key: value for key, value in document.items() if key != text}
        inner = without(document[text], rest)
        return {key: inner if key == text else value for key, value in document.items() if key != text or inner != []}
    wanted = json.loads(text)
    if mark == "v":
        return [item for item in document if item != wanted]
    if goes:
        return [item for item in document if not has_key(item, wanted)]
    return [without(item, rest) if has_key(item, wanted) else item for item in document]


def to_fields(paths: frozenset[Path]) -> Document:
    """The nested `fieldsV1` form."""
    tree: Document = {}
    for path in sorted(paths):
        node = tree
        for step in path:
            node = node.setdefault(step, {})
    return tree


def from_fields(tree: Document, prefix: Path = ()) -> frozenset[Path]:
    found: set[Path] = set()
    for step, inner in tree.items():
        found |= from_fields(inner, (*prefix, step)) if inner else {(*prefix, step)}
    return frozenset(found)


def describe(path: Path) -> str:
    """`.spec.containers[name="a"].image`, as conflicts name a field."""
    parts = []
    for step in path:
        mark, _, text = step.partition(":")
        if mark == "f":
            parts.append(f".{text}")
        elif mark == "k":
            keys = ",".join(f"{name}={json.dumps(value)}" for name, value in json.loads(text).items())
            parts.append(f"[{keys}]")
        elif mark == "v":
            parts.append(f"[={text}]")
    return "".join(parts)
