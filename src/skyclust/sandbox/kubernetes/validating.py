"""Check a document against the shape of its kind: unknown fields, wrong types, missing required fields. Pure.

Called before an object is stored. Unknown fields are dropped from the result, as the real server drops them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from skyclust.sandbox.kubernetes.schemas import Shape, child, fields
from skyclust.sandbox.kubernetes.statuses import Cause

Document = dict[str, Any]

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "date-time": (str,),
    "byte": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "int-or-string": (int, str),
}
JSON_NAMES = {str: "string", bool: "bool", int: "number", float: "number", dict: "object", list: "array"}


class WrongTypeError(ValueError):
    """The document cannot be decoded as its kind at all."""


@dataclass
class Decoded:
    document: Document
    unknown: list[str] = field(default_factory=list)


def decode(document: Document, shape: Shape) -> Decoded:
    """Keep what the shape knows; raise WrongTypeError where a value cannot be read as its type."""
    decoded = Decoded({})
    decoded.document = _decode(document, shape, "", decoded.unknown)
    return decoded


def _decode(value: Any, shape: Shape, path: str, unknown: list[str]) -> Any:
    if shape.is_list and isinstance(value, list):
        assert shape.item is not None
        return [_decode(item, shape.item, f"{path}[{index}]", unknown) for index, item in enumerate(value)]
    if (shape.is_map or shape.is_object) and isinstance(value, dict):
        return _decode_entries(value, shape, path, unknown)
    if shape.item is None and not shape.is_object:
        _check_scalar(value, shape.word, path)
        return value
    raise WrongTypeError(f"json: cannot unmarshal {JSON_NAMES[type(value)]} into Go struct field {path}")


def _decode_entries(value: Document, shape: Shape, path: str, unknown: list[str]) -> Document:
    kept: Document = {}
    for key, entry in value.items():
        step = f"{path}.{key}" if path else key
        inner = child(shape, key)
        if inner is None:
            unknown.append(step)
        elif entry is not None and not _is_void(entry, inner):
            kept[key] = _decode(entry, inner, step, unknown)
    return kept


def _is_void(entry: Any, shape: Shape) -> bool:
    """Go writes no empty lists and maps; an empty object can mean something and stays."""
    return shape.item is not None and not shape.required and entry in ([], {})


def _check_scalar(value: Any, word: str, path: str) -> None:
    accepted = PYTHON_TYPES.get(word)
    if accepted is None:
        return
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        said = JSON_NAMES.get(type(value), "null")
        raise WrongTypeError(f"json: cannot unmarshal {said} into Go struct field {path} of type {word}")


def missing(document: Document, shape: Shape, path: str = "") -> Iterator[Cause]:
    """One cause per required field that is absent. `status` is the server's own and not asked for."""
    if shape.is_object:
        for name, inner in fields(shape.word).items():
            step = f"{path}.{name}" if path else name
            if name in document:
                if step not in {"status", "metadata"}:
                    yield from _missing_inside(document[name], inner, step)
            elif inner.required and step not in {"status", "metadata"}:
                yield Cause(step, "Required value", "FieldValueRequired")


def _missing_inside(value: Any, shape: Shape, path: str) -> Iterator[Cause]:
    if shape.is_list and shape.item is not None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _missing_inside(item, shape.item, f"{path}[{index}]")
    elif shape.is_map and shape.item is not None and isinstance(value, dict):
        for key, item in value.items():
            yield from _missing_inside(item, shape.item, f"{path}[{key}]")
    elif shape.is_object and isinstance(value, dict):
        yield from missing(value, shape, path)
