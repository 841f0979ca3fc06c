"""EKS's wire format from botocore's own service model: routes, parameter validation, timestamps.

Called by the EKS front. Invariant: an unknown route, field, type or a missing required field never reaches the logic.
"""

import json
import re
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.loaders
import botocore.model
import botocore.validate

from skyclust.sandbox.aws.replies import Refusal

PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


class EksModel:
    def __init__(self) -> None:
        description = botocore.loaders.Loader().load_service_model("eks", "service-2")
        self.service = botocore.model.ServiceModel(description, "eks")
        self._routes: list[tuple[str, re.Pattern[str], str]] = []
        for name in self.service.operation_names:
            http = self.service.operation_model(name).http
            pattern = PLACEHOLDER.sub(r"(?P<\1>[^/]+)", re.escape(http["requestUri"]))
            self._routes.append((http["method"], re.compile(f"^{pattern}$"), name))

    def route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """(operation, URI members by location name); empty when nothing matches."""
        for wanted, pattern, name in self._routes:
            if wanted == method and (match := pattern.match(path)):
                return name, {key: unquote(value) for key, value in match.groupdict().items()}
        return "", {}

    def parameters(self, operation: str, uri: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        shape = self.service.operation_model(operation).input_shape
        if shape is None:
            return {}
        given = _parse_body(body)
        members: dict[str, Any] = {}
        queried = parse_qs(query, keep_blank_values=True)
        for name, member in shape.members.items():
            location = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if location == "uri" and wire in uri:
                members[name] = uri[wire]
            elif location == "querystring" and wire in queried:
                members[name] = _from_query(member, queried[wire])
            elif location is None and wire in given:
                members[name] = given.pop(wire)
        if given:
            raise Refusal("InvalidParameterException", f"Unknown field {sorted(given)} for {operation}.", 400)
        report = botocore.validate.ParamValidator().validate(members, shape)
        if report.has_errors():
            raise Refusal("InvalidParameterException", report.generate_report(), 400)
        _check_enums(members, shape, "")
        return members


@lru_cache(maxsize=1)
def eks_model() -> EksModel:
    return EksModel()


def _parse_body(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body) if body else {}
    except ValueError as wrong:
        raise Refusal("InvalidRequestException", f"The body is not JSON: {wrong}", 400) from wrong
    if not isinstance(parsed, dict):
        raise Refusal("InvalidRequestException", "The body must be a JSON object.", 400)
    return parsed


def _from_query(shape: Any, values: list[str]) -> Any:
    if shape.type_name == "list":
        return values
    if shape.type_name == "integer":
        return int(values[0]) if values[0].lstrip("-").isdigit() else values[0]
    if shape.type_name == "boolean":
        return values[0] == "true"
    return values[0]


def _check_enums(value: Any, shape: Any, where: str) -> None:
    """Botocore leaves enums and patterns to the service, so they are checked here."""
    if shape.type_name == "structure":
        for name, item in value.items():
            _check_enums(item, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            _check_enums(item, shape.member, where)
    elif (allowed := getattr(shape, "enum", None)) and value not in allowed:
        raise Refusal("InvalidParameterException", f"{where.lstrip('.')}: {value!r} is not one of {allowed}.", 400)


def jsonable(value: Any) -> Any:
    """Timestamps as rest-json carries them: seconds since the epoch. Private members (`_x`) stay inside."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value
