"""What request bodies may hold: the models of Azure's own packages, extracted into `data/models.json`.

Called for every body. Invariant: an unknown field, a wrong type or an unknown word of an enumeration is refused before
a handler sees the body; what only Azure writes is dropped, as clients send back what they have read.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from skyclust.sandbox.azure.errors import ArmError, Json, bad_request

_FILE = Path(__file__).parent / "data" / "models.json"
_PYTHON: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
# ids in references are written by clients, though the models call some of them Azure's
_WRITTEN = {"id", "name"}


@cache
def document() -> Json:
    """The extracted models, enumerations and where they are from."""
    found: Json = json.loads(_FILE.read_text())
    return found


def check(model: str, body: Any) -> Json:
    """The body without what only Azure writes; `ArmError` tells the first thing that is wrong."""
    if not isinstance(body, dict):
        raise bad_request("InvalidRequestContent", "The request content was invalid: the body must be a JSON object.")
    return _object(model, body, "")


def _object(model: str, value: Json, where: str) -> Json:
    fields = document()["models"][model]
    known = {name.lower(): name for name in fields}
    found: Json = {}
    for given, item in value.items():
        name = known.get(given.lower())
        if name is None:
            raise _refused(
                f"Could not find member '{given}' on object of type '{model.partition('.')[2]}'. Path "
                f"'{_at(where, given)}'."
            )
        if item is None or (fields[name].get("read_only") and name not in _WRITTEN):
            continue
        found[name] = _value(fields[name]["type"], item, _at(where, given))
    return found


def _value(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, list):
        return _many(kind, value, where)
    word, _, name = kind.partition(":")
    if word == "model":
        if not isinstance(value, dict):
            raise _mistyped(value, "object", where)
        return _object(name, value, where)
    if word == "enum":
        return _enum(name, value, where)
    wanted = _PYTHON.get(word)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        raise _mistyped(value, word, where)
    return value


def _many(kind: list[Any], value: Any, where: str) -> Any:
    if kind[0] == "list":
        if not isinstance(value, list):
            raise _mistyped(value, "array", where)
        return [_value(kind[1], item, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        raise _mistyped(value, "object", where)
    return {key: _value(kind[1], item, _at(where, key)) for key, item in value.items() if item is not None}


def _enum(name: str, value: Any, where: str) -> str:
    words = {str(word).lower(): word for word in document()["enums"][name]}
    if not isinstance(value, str):
        raise _mistyped(value, "string", where)
    if value.lower() not in words:
        raise bad_request(
            "InvalidParameter",
            f"The value of parameter {where} is invalid: '{value}' is none of {', '.join(sorted(words.values()))}.",
            where,
        )
    return str(words[value.lower()])


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _mistyped(value: Any, wanted: str, where: str) -> ArmError:
    return _refused(f"Error converting value {json.dumps(value)[:80]} to type '{wanted}'. Path '{where}'.")


def _refused(problem: str) -> ArmError:
    return bad_request(
        "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{problem}'"
    )
