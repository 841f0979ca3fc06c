"""The OpenAPI v2 document, as far as kubectl still reads it: that every PATCH here knows `fieldValidation`. Pure.

Called by the front for `/openapi/v2`. kubectl asks for it in protobuf (https://github.com/google/gnostic-models,
openapiv2/OpenAPIv2.proto, whose field numbers stand below) when it is given a `List`.
"""

import json
from collections.abc import Iterable
from typing import Any

from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]

ACCEPTED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
SWAGGER, INFO, PATHS = 1, 2, 8  # Document
TITLE, VERSION = 1, 2  # Info
PATH = 2  # Paths
NAME, VALUE = 1, 2  # NamedPathItem, NamedAny
PATCH = 8  # PathItem
PARAMETERS, EXTENSIONS = 8, 13  # Operation
QUERY_NAME = 4  # QueryParameterSubSchema
YAML = 2  # Any
PARAMETER_NAMES = ("dryRun", "fieldManager", "fieldValidation", "force")


def as_json(resources: Iterable[Resource]) -> Document:
    paths = {path: {"patch": _operation(resource)} for path, resource in _patched(resources)}
    info = {"title": "Kubernetes", "version": "unversioned"}
    return {"swagger": "2.0", "info": info, "paths": paths, "definitions": {}}


def as_protobuf(resources: Iterable[Resource]) -> bytes:
    paths = b"".join(
        _field(PATH, _field(NAME, path.encode()) + _field(VALUE, _field(PATCH, _encoded_operation(resource))))
        for path, resource in _patched(resources)
    )
    info = _field(TITLE, b"Kubernetes") + _field(VERSION, b"unversioned")
    return _field(SWAGGER, b"2.0") + _field(INFO, info) + _field(PATHS, paths)


def _patched(resources: Iterable[Resource]) -> Iterable[tuple[str, Resource]]:
    for resource in resources:
        if "patch" in resource.verbs:
            root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
            inside = "/namespaces/{namespace}" if resource.namespaced else ""
            yield f"{root}{inside}/{resource.plural}/{{name}}", resource


def _kind(resource: Resource) -> dict[str, str]:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _operation(resource: Resource) -> Document:
    parameters = [{"name": name, "in": "query", "type": "string"} for name in PARAMETER_NAMES]
    return {
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-group-version-kind": _kind(resource),
    }


def _encoded_operation(resource: Resource) -> bytes:
    """ParametersItem.parameter, Parameter.non_body_parameter and NonBodyParameter.query_parameter enclose each name."""
    named = (_field(QUERY_NAME, name.encode()) for name in PARAMETER_NAMES)
    parameters = b"".join(_field(PARAMETERS, _field(1, _field(2, _field(3, name)))) for name in named)
    kind = _field(VALUE, _field(YAML, json.dumps(_kind(resource)).encode()))
    return parameters + _field(EXTENSIONS, _field(NAME, b"x-kubernetes-group-version-kind") + kind)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
