"""Custom kinds: what a CustomResourceDefinition makes this server serve. Pure.

Only the stored version is served, and objects are taken as they come: their schema is not checked.
"""

from typing import Any

from skyclust.sandbox.kubernetes.resources import Resource

Document = dict[str, Any]

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"


def custom_resource(definition: Document) -> Resource:
    spec, names = definition["spec"], definition["spec"]["names"]
    stored = next((version for version in spec["versions"] if version.get("storage")), spec["versions"][0])
    return Resource(
        group=spec["group"],
        version=stored["name"],
        plural=names["plural"],
        kind=names["kind"],
        singular=names.get("singular") or names["kind"].lower(),
        namespaced=spec["scope"] == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=("status",) if "status" in (stored.get("subresources") or {}) else (),
        columns=tuple(
            (column["name"], column["type"], column["jsonPath"], column.get("priority", 0))
            for column in stored.get("additionalPrinterColumns") or ()
        ),
        custom=True,
    )
