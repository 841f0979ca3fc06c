"""Routes and schemas of Google's REST APIs, read from the discovery documents that ship with google-api-python-client.

The application asks it which method a request is and whether its parameters and body fit; tests ask the same of
responses. Invariant: nothing about one resource's rules is known here, only what the documents say.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast

from skyclust.sandbox.gcp.errors import GoogleError, Json

APIS = (
    "container.v1",
    "compute.v1",
    "iam.v1",
    "iamcredentials.v1",
    "cloudresourcemanager.v1",
    "cloudresourcemanager.v3",
    "serviceusage.v1",
    "monitoring.v3",
    "cloudbilling.v1",
)
_BOUNDS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
# what any method takes; returnPartialSuccess left the documents, yet gcloud of 2025 still sends it with every list
_ANY_API = {
    "returnPartialSuccess",
    "$.xgafv",
    "$alt",
    "$prettyPrint",
    "$userProject",
    "alt",
    "fields",
    "prettyPrint",
    "key",
    "quotaUser",
    "access_token",
    "oauth_token",
    "callback",
    "userIp",
    "uploadType",
    "upload_protocol",
}


@dataclass(frozen=True)
class Method:
    """One method of one API: `id` as in the discovery document, e.g. `compute.networks.insert`."""

    id: str
    api: str
    http_method: str
    flat_path: str
    parameters: Json
    request: str | None
    response: str | None

    @property
    def service(self) -> str:
        return self.api.partition(".")[0]


@dataclass
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    variable: "_Node | None" = None
    methods: dict[tuple[str, str], tuple[Method, tuple[str, ...]]] = field(default_factory=dict)


def _documents() -> Iterator[tuple[str, Json]]:
    folder = resources.files("googleapiclient.discovery_cache").joinpath("documents")
    for api in APIS:
        yield api, cast(Json, json.loads(folder.joinpath(f"{api}.json").read_text(encoding="utf-8")))


def _methods(api: str, prefix: str, node: Json) -> Iterator[Method]:
    for child in node.get("resources", {}).values():
        yield from _methods(api, prefix, child)
    for raw in node.get("methods", {}).values():
        path = prefix + (raw.get("flatPath") or raw["path"])
        request, response = raw.get("request", {}).get("$ref"), raw.get("response", {}).get("$ref")
        yield Method(raw["id"], api, raw["httpMethod"], path, raw.get("parameters", {}), request, response)


def _split(path: str) -> tuple[list[str], str]:
    """Path segments and the custom verb (`clusters/c:setSize` -> [..., 'c'], 'setSize')."""
    segments = path.strip("/").split("/")
    last, _, verb = segments[-1].partition(":")
    return [*segments[:-1], last], verb


class Discovery:
    def __init__(self) -> None:
        self._root = _Node()
        self._schemas: dict[str, Json] = {}
        self.methods: dict[str, Method] = {}
        for api, document in _documents():
            self._schemas[api] = document["schemas"]
            for method in _methods(api, document["servicePath"], document):
                self._add(method)

    def _add(self, method: Method) -> None:
        self.methods[f"{method.api}:{method.id}"] = method
        segments, verb = _split(method.flat_path)
        node, names = self._root, []
        for segment in segments:
            if segment.startswith("{"):
                names.append(segment.strip("{}+"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literals.setdefault(segment, _Node())
        node.methods.setdefault((method.http_method, verb), (method, tuple(names)))

    def match(self, http_method: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method a request line names, and its path parameters by the flat path's names."""
        segments, verb = _split(path)
        found = self._walk(self._root, segments, 0, [], (http_method, verb))
        if found is None:
            return None
        (method, names), values = found
        return method, dict(zip(names, values, strict=True))

    def _walk(
        self, node: _Node, segments: list[str], at: int, values: list[str], wanted: tuple[str, str]
    ) -> tuple[tuple[Method, tuple[str, ...]], list[str]] | None:
        if at == len(segments):
            leaf = node.methods.get(wanted)
            return (leaf, values) if leaf else None
        literal = node.literals.get(segments[at])
        if literal is not None:
            found = self._walk(literal, segments, at + 1, values, wanted)
            if found is not None:
                return found
        if node.variable is None or not segments[at]:
            return None
        return self._walk(node.variable, segments, at + 1, [*values, segments[at]], wanted)

    def check_query(self, method: Method, query: dict[str, str]) -> None:
        for name, value in query.items():
            if name in _ANY_API:
                continue
            spec = method.parameters.get(name)
            if spec is None or spec.get("location") != "query":
                raise _bad_payload(
                    f'Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
            problem = _query_problem(spec, value)
            if problem:
                raise GoogleError(
                    400, "invalidParameter", f"Invalid value '{value}' for query parameter '{name}': {problem}"
                )

    def check_body(self, method: Method, body: object) -> Json:
        """The body if it fits the method's request schema, {} where the method takes none."""
        if method.request is None:
            return {}
        if not isinstance(body, dict):
            raise _bad_payload("Invalid JSON payload received. Expected an object.", prefix="")
        problems = list(self._problems(method.api, {"$ref": method.request}, body, ""))
        if problems:
            raise _bad_payload("\n".join(problems), prefix="")
        return body

    def response_problems(self, method: Method, body: object) -> list[str]:
        if method.response is None:
            return []
        return list(self._problems(method.api, {"$ref": method.response}, body, ""))

    def schema_problems(self, api: str, schema: str, body: object) -> list[str]:
        return list(self._problems(api, {"$ref": schema}, body, ""))

    def has_field(self, api: str, schema: str, field: str) -> bool:
        return field in self._schemas[api][schema]["properties"]

    def _problems(self, api: str, schema: Json, value: object, at: str) -> Iterator[str]:
        if value is None:
            return
        if "$ref" in schema:
            schema = self._schemas[api][schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "object":
            yield from self._object_problems(api, schema, value, at)
        elif kind == "array":
            if not isinstance(value, list):
                yield _type_problem(at, "list", value)
                return
            for index, item in enumerate(value):
                yield from self._problems(api, schema.get("items", {}), item, f"{at}[{index}]")
        elif kind != "any":
            yield from _scalar_problems(schema, value, at)

    def _object_problems(self, api: str, schema: Json, value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _type_problem(at, "object", value)
            return
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties")
        for name, item in value.items():
            inner = f"{at}.{name}" if at else str(name)
            if name in properties:
                yield from self._problems(api, properties[name], item, inner)
            elif isinstance(extra, dict):
                yield from self._problems(api, extra, item, inner)
            elif properties or schema.get("id") == "Empty":
                where = f" at '{at}'" if at else ""
                yield f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'


def _bad_payload(message: str, *, prefix: str = "Invalid JSON payload received. ") -> GoogleError:
    return GoogleError(400, "badRequest", prefix + message)


def _type_problem(at: str, expected: str, value: object) -> str:
    return f"Invalid value at '{at}' ({expected}), {json.dumps(value, default=str)[:200]}"


def _query_problem(spec: Json, value: str) -> str:
    kind = spec.get("type")
    if kind == "boolean" and value not in ("true", "false", "True", "False"):
        return "it must be true or false"
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", value):
            return "it must be a whole number"
        low, high = int(spec.get("minimum", -(2**63))), int(spec.get("maximum", 2**63))
        if not low <= int(value) <= high:
            return f"it must be between {low} and {high}"
    if "enum" in spec and value not in spec["enum"]:
        return "it must be one of " + ", ".join(spec["enum"])
    return ""


def _scalar_problems(schema: Json, value: object, at: str) -> Iterator[str]:
    kind, form = schema["type"], schema.get("format", "")
    if kind == "boolean":
        if not isinstance(value, bool):
            yield _type_problem(at, "TYPE_BOOL", value)
    elif form in _BOUNDS:
        if not _integer_fits(value, form):
            yield _type_problem(at, f"TYPE_{form.upper()}", value)
    elif kind in ("number", "integer"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield _type_problem(at, f"TYPE_{(form or kind).upper()}", value)
    elif not isinstance(value, str):
        yield _type_problem(at, "TYPE_STRING", value)
    elif "enum" in schema and value not in schema["enum"]:
        yield f"Invalid value at '{at}' (enum), \"{value}\". Allowed values: {', '.join(schema['enum'])}"
    elif form == "byte" and not _is_base64(value):
        yield _type_problem(at, "TYPE_BYTES", value)


def _integer_fits(value: Any, form: str) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,20}", value):
        return False
    if isinstance(value, float) and not value.is_integer():
        return False
    if not isinstance(value, int | float | str):
        return False
    low, high = _BOUNDS[form]
    return low <= int(value) <= high


def _is_base64(text: str) -> bool:
    try:
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return False
    return True


@cache
def discovery() -> Discovery:
    """The parsed documents; about 60 ms and 40 MB, so they are read once a process."""
    return Discovery()
