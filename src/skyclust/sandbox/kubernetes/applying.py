"""Server-side apply and the managed fields behind it: who owns which field, conflicts, and what an owner gives up.

Called by the verbs. Pure. Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from dataclasses import dataclass, replace
from typing import Any

from skyclust.sandbox.kubernetes.field_paths import (
    ABSENT,
    Path,
    describe,
    from_fields,
    has_key,
    item_key,
    paths_of,
    to_fields,
    value_at,
    without,
)
from skyclust.sandbox.kubernetes.schemas import ANY, Shape, child
from skyclust.sandbox.kubernetes.statuses import ApiError

Document = dict[str, Any]


@dataclass(frozen=True)
class Owner:
    """One entry of `managedFields`."""

    manager: str
    operation: str
    subresource: str
    api_version: str
    time: str
    paths: frozenset[Path]

    def is_same(self, other: "Owner") -> bool:
        mine = (self.manager, self.operation, self.subresource)
        return mine == (other.manager, other.operation, other.subresource)


def owners_of(document: Document) -> list[Owner]:
    return [
        Owner(
            entry.get("manager", ""),
            entry.get("operation", "Update"),
            entry.get("subresource", ""),
            entry.get("apiVersion", ""),
            entry.get("time", ""),
            from_fields(entry.get("fieldsV1") or {}),
        )
        for entry in document["metadata"].get("managedFields") or ()
    ]


def _entry(owner: Owner) -> Document:
    entry = {
        "manager": owner.manager,
        "operation": owner.operation,
        "apiVersion": owner.api_version,
        "time": owner.time,
        "fieldsType": "FieldsV1",
        "fieldsV1": to_fields(owner.paths),
    }
    return entry | ({"subresource": owner.subresource} if owner.subresource else {})


def with_owners(document: Document, owners: list[Owner]) -> Document:
    metadata = {key: value for key, value in document["metadata"].items() if key != "managedFields"}
    entries = [_entry(owner) for owner in owners if owner.paths]
    return {**document, "metadata": {**metadata, **({"managedFields": entries} if entries else {})}}


def own_changes(before: Document | None, after: Document, writer: Owner, shape: Shape) -> Document:
    """`after` with what `writer` (whose paths are not read) added or changed made its own, and taken from others."""
    on_status = writer.subresource == "status"
    held = paths_of(after, shape, status=on_status)
    changed = frozenset(path for path in held if before is None or value_at(before, path) != value_at(after, path))
    if before is not None and not changed and held == paths_of(before, shape, status=on_status):
        return after
    owners = owners_of(before) if before else []
    mine = next((owner for owner in owners if owner.is_same(writer)), None)
    kept = [_released(owner, changed, held, on_status=on_status) for owner in owners if not owner.is_same(writer)]
    paths = changed | ((mine.paths & held) if mine else frozenset())
    return with_owners(after, [*kept, replace(writer, paths=paths)])


def _released(owner: Owner, changed: frozenset[Path], held: frozenset[Path], *, on_status: bool) -> Owner:
    """Without what somebody else changed and what no longer exists; items themselves may have several owners."""
    if (owner.subresource == "status") != on_status:
        return owner
    lost = {path for path in changed if path[-1] != "."}
    return replace(owner, paths=frozenset(path for path in owner.paths if path in held and path not in lost))


def apply_config(before: Document, config: Document, writer: Owner, shape: Shape, *, force: bool) -> Document:
    """The live object with `config` applied for `writer`; 409 when others own what it changes, unless forced."""
    on_status = writer.subresource == "status"
    wanted = paths_of(config, shape, status=on_status)
    owners = owners_of(before)
    others = [owner for owner in owners if not owner.is_same(writer)]
    disputed = {path for path in wanted if path[-1] != "." and value_at(before, path) != value_at(config, path)}
    conflicts = [(owner, path) for owner in others for path in sorted(owner.paths & disputed)]
    if conflicts and not force:
        raise _conflict(conflicts)
    others = [replace(owner, paths=owner.paths - disputed) for owner in others]
    merged = merge_config(before, config, shape)
    mine = next((owner for owner in owners if owner.is_same(writer)), None)
    for path in _given_up(mine, wanted, others):
        merged = without(merged, path)
    return with_owners(merged, [*others, replace(writer, paths=wanted)])


def _given_up(mine: Owner | None, wanted: frozenset[Path], others: list[Owner]) -> list[Path]:
    """What the writer owned, wants no more, and nobody else owns; whole items before their fields."""
    if mine is None:
        return []
    theirs = frozenset().union(*(owner.paths for owner in others))
    return sorted(mine.paths - wanted - theirs, key=lambda path: (path[-1] != ".", path))


def merge_config(held: Any, config: Any, shape: Shape) -> Any:
    if isinstance(config, dict) and isinstance(held, dict) and not shape.atomic:
        merged = dict(held)
        for name, value in config.items():
            merged[name] = merge_config(held.get(name, ABSENT), value, child(shape, name) or ANY)
        return merged
    if isinstance(config, list) and isinstance(held, list) and shape.list_keys:
        return _merge_items(held, config, shape)
    if isinstance(config, list) and isinstance(held, list) and shape.is_set:
        return [*held, *(item for item in config if item not in held)]
    return config


def _merge_items(held: list[Any], config: list[Any], shape: Shape) -> list[Any]:
    merged = list(held)
    for item in config:
        key = item_key(item, shape)
        index = next((i for i, other in enumerate(merged) if has_key(other, key)), None)
        if index is None:
            merged.append(item)
        else:
            merged[index] = merge_config(merged[index], item, shape.item or ANY)
    return merged


def _conflict(conflicts: list[tuple[Owner, Path]]) -> ApiError:
    def said(owner: Owner) -> str:
        using = f" using {owner.api_version}" if owner.operation == "Update" else ""
        return f'conflict with "{owner.manager}"{using}'

    causes = [
        {"reason": "FieldManagerConflict", "message": said(owner), "field": describe(path)} for owner, path in conflicts
    ]
    count = len(conflicts)
    lines = [f"{said(owner)}: {describe(path)}" for owner, path in conflicts]
    text = lines[0] if count == 1 else "s" + "".join(f"\n- {line}" for line in lines)
    message = f"Apply failed with {count} conflict{': ' if count == 1 else ''}{text}"
    return ApiError(409, "Conflict", message, {"causes": causes})
