"""The OpenAPI v3 documents kubectl reads: whether the server validates fields, how lists merge, and `explain`. Pure.

Called by the front for `/openapi/v3`. Made from the same shapes the server itself goes by.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from skyclust.sandbox.kubernetes import schemas
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.schemas import Shape

Document = dict[str, Any]

PATCH_TYPES = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
STRATEGIC = "application/strategic-merge-patch+json"
_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")


def index(resources: Iterable[Resource]) -> Document:
    """Where the document of each group and version is; the hash lets clients keep it."""
    paths = {}
    for resource in resources:
        path = f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"
        digest = hashlib.sha256(path.encode()).hexdigest()[:32]
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


@cache
def of_group(resources: tuple[Resource, ...], group: str, version: str) -> Document | None:
    served = [r for r in resources if (r.group, r.version) == (group, version)]
    if not served:
        return None
    paths: Document = {}
    components: Document = {}
    for resource in served:
        root = schemas.shape_of_kind(resource.api_version, resource.kind)
        _collect(root, components)
        if root.word in components:
            components[root.word]["x-kubernetes-group-version-kind"] = [_gvk(resource)]
        paths |= _paths(resource, root)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths,
        "components": {"schemas": components},
    }


def _gvk(resource: Resource) -> Document:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _paths(resource: Resource, root: Shape) -> Document:
    prefix = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
    collection = f"{prefix}/namespaces/{{namespace}}" if resource.namespaced else prefix
    collection = f"{collection}/{resource.plural}"
    found = {collection: {verb: _operation(resource, root, ()) for verb in ("get", "post")}}
    if "patch" in resource.verbs:
        strategic = (*PATCH_TYPES, STRATEGIC) if root.is_object else PATCH_TYPES
        item = {verb: _operation(resource, root, ()) for verb in ("get", "put", "delete")}
        found[f"{collection}/{{name}}"] = {**item, "patch": _operation(resource, root, strategic)}
    return found


def _operation(resource: Resource, root: Shape, consumed: tuple[str, ...]) -> Document:
    reply = {"application/json": {"schema": _reference(root)}}
    operation: Document = {
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in _PARAMETERS],
        "responses": {"200": {"description": "OK", "content": reply}},
        "x-kubernetes-group-version-kind": _gvk(resource),
    }
    if consumed:
        operation["requestBody"] = {"content": {media: {"schema": {"type": "object"}} for media in consumed}}
        operation["x-kubernetes-action"] = "patch"
    return operation


def _reference(shape: Shape) -> Document:
    return {"$ref": f"#/components/schemas/{shape.word}"} if shape.is_object else _schema(shape)


def _collect(shape: Shape, found: Document) -> None:
    if shape.item is not None:
        _collect(shape.item, found)
    elif shape.is_object and shape.word not in found:
        inner = schemas.fields(shape.word)
        found[shape.word] = {"type": "object", "properties": {name: _schema(field) for name, field in inner.items()}}
        required = [name for name, field in inner.items() if field.required]
        if required:
            found[shape.word]["required"] = required
        for field in inner.values():
            _collect(field, found)


def _schema(shape: Shape) -> Document:
    if shape.is_list:
        assert shape.item is not None
        return {"type": "array", "items": _schema(shape.item), **_list_marks(shape)}
    if shape.item is not None:
        return {"type": "object", "additionalProperties": _schema(shape.item)}
    if shape.is_object:
        return {"allOf": [_reference(shape)], "default": {}, **_strategy(shape)}
    if shape.word in {"date-time", "byte", "int-or-string"}:
        return {"type": "string", "format": shape.word}
    return {} if shape.word == "any" else {"type": shape.word}


def _list_marks(shape: Shape) -> Document:
    marks = _strategy(shape)
    if shape.list_keys:
        marks |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(shape.list_keys)}
    elif shape.is_set:
        marks["x-kubernetes-list-type"] = "set"
    else:
        marks["x-kubernetes-list-type"] = "atomic"
    return marks


def _strategy(shape: Shape) -> Document:
    words = [word for word, wanted in (("merge", shape.merges), ("retainKeys", shape.retains)) if wanted]
    marks: Document = {"x-kubernetes-patch-strategy": ",".join(words)} if words else {}
    if shape.merge_key:
        marks["x-kubernetes-patch-merge-key"] = shape.merge_key
    return marks
