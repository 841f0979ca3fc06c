"""Turn a real API server's `/openapi/v2` document into the compact `schema.json` this package ships.

Run by hand when a new Kubernetes appears, with the path of a kubectl for the protobuf numbers:
`kubectl get --raw /openapi/v2 | python -m skyclust.sandbox.kubernetes.schema_extracting KUBECTL > schema.json`.
The format is described in `schemas.py`. The source is Kubernetes' own API definition (Apache-2.0), less its texts.
"""

import json
import sys
from pathlib import Path
from typing import Any

from skyclust.sandbox.kubernetes.resources import RESOURCES
from skyclust.sandbox.kubernetes.wire_extracting import read_wire

PREFIXES = {
    "k8s.io.api.": "",
    "k8s.io.apimachinery.pkg.apis.": "",
    "k8s.io.apimachinery.pkg.api.resource.": "",
    "k8s.io.apimachinery.pkg.util.intstr.": "",
    "k8s.io.apimachinery.pkg.runtime.": "",
    "k8s.io.apiextensions_apiserver.pkg.apis.": "",
    "io.k8s.api.": "",
    "io.k8s.apimachinery.pkg.apis.": "",
    "io.k8s.apimachinery.pkg.api.resource.": "",
    "io.k8s.apimachinery.pkg.util.intstr.": "",
    "io.k8s.apimachinery.pkg.runtime.": "",
    "io.k8s.apiextensions-apiserver.pkg.apis.": "",
    "io.k8s.kube-aggregator.pkg.apis.": "",
}
Document = dict[str, Any]

EXTRA_TYPES = ("meta.v1.DeleteOptions", "policy.v1.Eviction", "autoscaling.v1.Scale")


def short_name(reference: str) -> str:
    name = reference.removeprefix("#/definitions/")
    for prefix, replacement in PREFIXES.items():
        if name.startswith(prefix):
            return replacement + name.removeprefix(prefix)
    return name


def describe(schema: Document) -> str:
    """The type word of one property: a scalar, a type's name, `[]item`, `{}value` or `any`."""
    if "$ref" in schema:
        return short_name(schema["$ref"])
    kind = schema.get("type")
    if kind == "array":
        return "[]" + describe(schema["items"])
    if kind == "object" and "additionalProperties" in schema:
        return "{}" + describe(schema["additionalProperties"])
    if kind == "string" and schema.get("format") in {"date-time", "byte", "int-or-string"}:
        return str(schema["format"])
    return "any" if kind in {None, "object"} else str(kind)


def marks(schema: Document) -> list[str]:
    found = []
    if schema.get("x-kubernetes-list-map-keys"):
        found.append("map=" + ",".join(schema["x-kubernetes-list-map-keys"]))
    elif schema.get("x-kubernetes-list-type") == "set":
        found.append("set")
    if "merge" in schema.get("x-kubernetes-patch-strategy", "").split(","):
        found.append("merge=" + schema.get("x-kubernetes-patch-merge-key", ""))
    if "retainKeys" in schema.get("x-kubernetes-patch-strategy", "").split(","):
        found.append("retain")
    if schema.get("x-kubernetes-map-type") == "atomic":
        found.append("atomic")
    return found


def compact(swagger: Document) -> Document:
    """Every type reachable from the kinds of `RESOURCES`: {type: {field: "word mark mark"}}."""
    definitions = {short_name(name): body for name, body in swagger["definitions"].items()}
    by_kind = {
        (gvk["group"], gvk["version"], gvk["kind"]): name
        for name, body in definitions.items()
        for gvk in body.get("x-kubernetes-group-version-kind", ())
    }
    kinds = {f"{r.api_version}/{r.kind}": by_kind.get((r.group, r.version, r.kind)) for r in RESOURCES}
    types: Document = {}
    waiting = sorted({name for name in kinds.values() if name} | set(EXTRA_TYPES))
    while waiting:
        name = waiting.pop()
        body = definitions.get(name)
        if body is None or name in types:
            continue
        if "properties" not in body:
            types[name] = describe(body)
            continue
        required = set(body.get("required", ()))
        types[name] = {
            field + ("!" if field in required else ""): " ".join([describe(schema), *marks(schema)])
            for field, schema in sorted(body["properties"].items())
        }
        if body.get("x-kubernetes-map-type") == "atomic":
            types[name]["*"] = "atomic"
        waiting.extend(word.split()[0].lstrip("[]{}") for word in types[name].values())
    return {"kinds": {kind: name for kind, name in sorted(kinds.items()) if name}, "types": dict(sorted(types.items()))}


def render(document: Document) -> str:
    """One type per line, so that a difference between two Kubernetes versions can be read."""
    lines = []
    for section, entries in document.items():
        rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
        lines.append(f"{json.dumps(section)}: {{\n{rows}\n}}")
    return "{" + ",\n".join(lines) + "}\n"


if __name__ == "__main__":
    document = compact(json.load(sys.stdin))
    document["wire"] = read_wire(Path(sys.argv[1]), document["types"], short_name)
    sys.stdout.write(render(document))
