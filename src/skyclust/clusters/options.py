"""Check the switches a request gives for one provider against the provider's JSON Schema.

Called while parsing. Pure. Knows the keywords that option schemas use: type, enum, const, properties, required,
additionalProperties, items, minimum, maximum, minLength, maxLength, minItems, maxItems, pattern. Others are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from skyclust.kit.problems import FieldError

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def option_errors(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[FieldError]:
    """Everything wrong with `value`, each with its pointer (starting with `pointer`) and what to do."""
    types = schema.get("type", [])
    allowed = [types] if isinstance(types, str) else list(types)
    if allowed and not any(_is(value, name) for name in allowed):
        yield FieldError(pointer, f"{value!r} is of the wrong type; use {' or '.join(allowed)}.")
        return
    if "const" in schema and value != schema["const"]:
        yield FieldError(pointer, f"Only {schema['const']!r} is possible here.")
    if "enum" in schema and value not in schema["enum"]:
        yield FieldError(
            pointer, f"{value!r} is not possible; use one of {', '.join(str(item) for item in schema['enum'])}."
        )
    yield from _bounds(schema, value, pointer)
    if isinstance(value, dict):
        yield from _members(schema, value, pointer)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from option_errors(schema["items"], item, f"{pointer}/{index}")


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES.get(name, (object,)))


def _bounds(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield FieldError(pointer, f"{value} is too low; use at least {schema['minimum']}.")
        if value > schema.get("maximum", value):
            yield FieldError(pointer, f"{value} is too high; use at most {schema['maximum']}.")
    if isinstance(value, str):
        yield from _length(schema, len(value), pointer, ("minLength", "maxLength"), "characters")
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield FieldError(pointer, f"{value!r} is not of the form {schema['pattern']}.")
    if isinstance(value, list):
        yield from _length(schema, len(value), pointer, ("minItems", "maxItems"), "items")


def _length(
    schema: Mapping[str, Any], length: int, pointer: str, names: tuple[str, str], unit: str
) -> Iterator[FieldError]:
    least, most = schema.get(names[0], 0), schema.get(names[1])
    if length < least:
        yield FieldError(pointer, f"Must have at least {least} {unit}.")
    if most is not None and length > most:
        yield FieldError(pointer, f"Must have at most {most} {unit}.")


def _members(schema: Mapping[str, Any], value: Mapping[str, Any], pointer: str) -> Iterator[FieldError]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield FieldError(f"{pointer}/{name}", "This field is required.")
    for name, item in value.items():
        inner = properties.get(name, schema.get("additionalProperties", True))
        if inner is False:
            near = get_close_matches(name, properties, 3, 0.5) or sorted(properties)
            yield FieldError(f"{pointer}/{name}", f"This switch is not known. There are: {', '.join(near)}.")
        elif isinstance(inner, Mapping):
            yield from option_errors(inner, item, f"{pointer}/{name}")
