"""The shapes of Kubernetes types, read from `schema.json`: what validation, patching and apply need to know.

`schema.json` maps a type to its fields, each a word and marks. Words: a scalar, a type, `[]item`, `{}value`, `any`.
Marks: `!` after a field's name is required; `map=a,b` a list keyed by a and b; `set` a list of unique values; `merge=k`
merged by strategic patches; `retain` drops the patch's unnamed neighbours; `atomic` replaced as a whole.
`schema_extracting.py` makes the file.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources as package_files
from typing import Any

SCALARS = frozenset({"string", "integer", "number", "boolean", "date-time", "byte", "int-or-string", "any"})


@dataclass(frozen=True)
class Shape:
    """`word` is the type's name or scalar; `item` is set for lists and maps; a type's fields are in `fields()`."""

    word: str
    item: "Shape | None" = None
    is_list: bool = False
    list_keys: tuple[str, ...] = ()
    is_set: bool = False
    merges: bool = False
    merge_key: str = ""
    retains: bool = False
    atomic: bool = False
    required: bool = False

    @property
    def is_map(self) -> bool:
        return self.item is not None and not self.is_list

    @property
    def is_object(self) -> bool:
        return self.item is None and self.word not in SCALARS


ANY = Shape("any")


@cache
def _document() -> dict[str, Any]:
    text = (package_files.files(__package__) / "schema.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def shape_of_kind(api_version: str, kind: str) -> Shape:
    """`ANY` for kinds this file does not know (custom resources)."""
    name = _document()["kinds"].get(f"{api_version}/{kind}")
    return _resolve(name) if name else ANY


EXTRA_KINDS = {
    "policy/v1/Eviction": "policy.v1.Eviction",
    "autoscaling/v1/Scale": "autoscaling.v1.Scale",
}


def shape_of_type_meta(api_version: str, kind: str) -> Shape:
    """Of any body a client may send; ValueError for kinds this server does not speak."""
    if kind == "DeleteOptions":
        return _resolve("meta.v1.DeleteOptions")
    name = EXTRA_KINDS.get(f"{api_version}/{kind}")
    shape = _resolve(name) if name else shape_of_kind(api_version, kind)
    if not shape.is_object:
        raise ValueError(f'no kind "{kind}" is registered for version "{api_version}"')
    return shape


@cache
def wire_fields(type_name: str) -> dict[int, tuple[str, str]]:
    """Protobuf: number -> (field, type of the embedded struct that it is, if any)."""
    found = {}
    for entry in _document()["wire"].get(type_name, "").split():
        name, _, rest = entry.partition("=")
        number, _, embedded = rest.partition(":")
        found[int(number)] = (name, embedded)
    return found


@cache
def fields(type_name: str) -> dict[str, Shape]:
    described = _document()["types"][type_name]
    return {name.removesuffix("!"): _field(name, text) for name, text in described.items() if name != "*"}


def child(shape: Shape, name: str) -> Shape | None:
    """The shape of one field or map entry; None when a typed object has no such field."""
    if shape.is_map:
        return shape.item
    if shape.is_object:
        return fields(shape.word).get(name)
    return ANY


def _field(name: str, text: str) -> Shape:
    word, *marks = text.split()
    shape = _resolve(word)
    for mark in marks:
        key, _, value = mark.partition("=")
        if key == "map":
            shape = replace(shape, list_keys=tuple(value.split(",")))
        elif key == "set":
            shape = replace(shape, is_set=True)
        elif key == "merge":
            shape = replace(shape, merges=True, merge_key=value)
        elif key == "retain":
            shape = replace(shape, retains=True)
        elif key == "atomic":
            shape = replace(shape, atomic=True)
    return replace(shape, required=name.endswith("!"))


def _resolve(word: str) -> Shape:
    if word.startswith("[]"):
        return Shape(word, item=_resolve(word[2:]), is_list=True)
    if word.startswith("{}"):
        return Shape(word, item=_resolve(word[2:]))
    if word in SCALARS:
        return Shape(word)
    described = _document()["types"].get(word)
    if described is None:
        return ANY
    if isinstance(described, str):
        return Shape("any" if word == "Quantity" else described)
    return Shape(word, atomic="*" in described)
