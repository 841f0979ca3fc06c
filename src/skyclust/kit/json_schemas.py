"""Check a JSON value against the JSON Schema of a provider (credential data, options). Pure; called while parsing.

Knows the keywords such schemas use: type, enum, const, properties, required, additionalProperties, items, anyOf, oneOf,
minimum, maximum, minLength, maxLength, minItems, maxItems, pattern; and `not: {}`, which says that a field is never
possible, with the reason as the description. Invariant: no error repeats the value it is about.
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


def schema_errors(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[FieldError]:
    """Everything wrong with `value`, each with its pointer (starting with `pointer`) and what to do."""
    if schema.get("not") == {}:
        yield FieldError(pointer, str(schema.get("description") or "This field is not possible here."))
        return
    types = schema.get("type", [])
    allowed = [types] if isinstance(types, str) else list(types)
    if allowed and not any(_is(value, name) for name in allowed):
        yield FieldError(pointer, f"Use a value of type {' or '.join(allowed)}.")
        return
    if "const" in schema and value != schema["const"]:
        yield FieldError(pointer, f"Only {schema['const']!r} is possible here.")
    if "enum" in schema and value not in schema["enum"]:
        yield FieldError(pointer, f"Use one of {', '.join(str(item) for item in schema['enum'])}.")
    yield from _bounds(schema, value, pointer)
    if isinstance(value, dict):
        yield from _members(schema, value, pointer)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from schema_errors(schema["items"], item, f"{pointer}/{index}")
    yield from _choices(schema, value, pointer)


def _choices(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[FieldError]:
    """Of several shapes the value may have, the errors of the one it comes closest to."""
    for keyword in ("anyOf", "oneOf"):
        found = [list(schema_errors(choice, value, pointer)) for choice in schema.get(keyword, ())]
        if found:
            yield from min(found, key=len)
        if keyword == "oneOf" and sum(not errors for errors in found) > 1:
            yield FieldError(pointer, "This fits more than one of the possible shapes. Give the fields of one.")


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES.get(name, (object,)))


def _bounds(schema: Mapping[str, Any], value: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield FieldError(pointer, f"Must be at least {schema['minimum']}.")
        if value > schema.get("maximum", value):
            yield FieldError(pointer, f"Must be at most {schema['maximum']}.")
    if isinstance(value, str):
        yield from _length(schema, len(value), pointer, ("minLength", "maxLength"), "characters")
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield FieldError(pointer, f"Must match {schema['pattern']}.")
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
            yield FieldError(f"{pointer}/{_shown(name)}", f"This field is not known. There are: {', '.join(near)}.")
        elif isinstance(inner, Mapping):
            yield from schema_errors(inner, item, f"{pointer}/{_shown(name)}")


def _shown(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:100]
