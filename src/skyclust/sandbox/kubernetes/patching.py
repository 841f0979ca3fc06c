"""Apply a patch to a document: JSON patch (RFC 6902), JSON merge patch (RFC 7386) and strategic merge patch.

Called by the verbs. Pure: the document given is never changed. What a list merges by comes from the type's shape.
"""

import copy
from typing import Any

from skyclust.sandbox.kubernetes.schemas import ANY, Shape, child
from skyclust.sandbox.kubernetes.statuses import ApiError, bad_request

Document = dict[str, Any]

DELETE_LIST = "$deleteFromPrimitiveList/"
SET_ORDER = "$setElementOrder/"
RETAIN = "$retainKeys"


def apply_json_patch(document: Document, operations: Any) -> Document:
    if not isinstance(operations, list):
        raise bad_request("error decoding patch: a JSON patch is a list of operations")
    result: Any = copy.deepcopy(document)
    for operation in operations:
        try:
            result = _json_operation(result, operation)
        except (KeyError, IndexError, TypeError, ValueError) as wrong:
            said = f"the server rejected our request due to an error in our request: {operation.get('op')} "
            raise ApiError(422, "Invalid", f"{said}operation does not apply: {wrong}", {}) from wrong
    if not isinstance(result, dict):
        raise bad_request("the patch leaves no object")
    return result


def _json_operation(document: Any, operation: Document) -> Any:
    name, path = operation["op"], _pointer(operation["path"])
    if name == "test":
        if _look(document, path) != operation.get("value"):
            raise ValueError(f"testing value {operation['path']} failed")
        return document
    if name in {"move", "copy"}:
        source = _pointer(operation["from"])
        value = copy.deepcopy(_look(document, source))
        if name == "move":
            _json_remove(document, source)
        return _json_add(document, path, value)
    if name == "remove":
        _json_remove(document, path)
        return document
    if name == "replace":
        _look(document, path)
        if path:
            _json_remove(document, path)
        return _json_add(document, path, operation["value"])
    if name == "add":
        return _json_add(document, path, operation["value"])
    raise ValueError(f"unknown operation {name}")


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(f"{text} is no JSON pointer")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _look(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _json_add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _look(document, path[:-1])
    if isinstance(parent, list):
        index = len(parent) if path[-1] == "-" else int(path[-1])
        if index > len(parent):
            raise IndexError(f"index {index} is beyond the list")
        parent.insert(index, value)
    else:
        parent[path[-1]] = value
    return document


def _json_remove(document: Any, path: list[str]) -> None:
    parent = _look(document, path[:-1])
    if isinstance(parent, list):
        del parent[int(path[-1])]
    else:
        del parent[path[-1]]


def apply_merge_patch(document: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = apply_merge_patch(result.get(key), value)
    return result


def apply_strategic_patch(document: Any, patch: Any, shape: Shape) -> Any:
    """As kubectl writes them: merge by the shape's keys, with the `$patch`, `$retainKeys` and `$...List` directives."""
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    result = dict(document) if isinstance(document, dict) else {}
    if RETAIN in patch:
        result = {key: value for key, value in result.items() if key in patch[RETAIN]}
    for key, value in patch.items():
        if key.startswith(DELETE_LIST):
            name = key.removeprefix(DELETE_LIST)
            result[name] = [item for item in result.get(name) or [] if item not in value]
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge_value(result.get(key), value, child(shape, key) or ANY)
    for key, order in patch.items():
        if key.startswith(SET_ORDER) and isinstance(result.get(name := key.removeprefix(SET_ORDER)), list):
            result[name] = _ordered(result[name], order, (child(shape, name) or ANY).merge_key)
    return result


def _merge_value(held: Any, patch: Any, shape: Shape) -> Any:
    if isinstance(patch, dict):
        return apply_strategic_patch(held, patch, shape)
    if isinstance(patch, list) and shape.merges:
        if not shape.merge_key:
            return [*(held or []), *(item for item in patch if item not in (held or []))]
        return _merge_list(held or [], patch, shape)
    return copy.deepcopy(patch)


def _merge_list(held: list[Any], patch: list[Any], shape: Shape) -> list[Any]:
    key = shape.merge_key
    if any(item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if item.get("$patch") != "replace"]
    result = list(held)
    item_shape = shape.item or ANY
    for change in patch:
        if key not in change:
            raise bad_request(f"map: {change} does not contain declared merge key: {key}")
        index = next((i for i, item in enumerate(result) if item.get(key) == change[key]), None)
        if change.get("$patch") == "delete":
            if index is not None:
                del result[index]
        elif index is None:
            result.append(apply_strategic_patch({}, change, item_shape))
        else:
            result[index] = apply_strategic_patch(result[index], change, item_shape)
    return result


def _ordered(items: list[Any], order: list[Any], key: str) -> list[Any]:
    """The order the patch wants; items it does not name keep their places behind those before them."""
    ranks = {(entry.get(key) if key else entry): rank for rank, entry in enumerate(order)}
    last = -1
    ranked = []
    for item in items:
        last = ranks.get(item.get(key) if key else item, last)
        ranked.append((last, item))
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]
