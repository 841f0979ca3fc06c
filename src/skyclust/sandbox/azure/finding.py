"""Which resource an act of the outside world means: by id, or by a name only one resource has."""

from typing import Any

from skyclust.sandbox.azure.cloud import GROUPS, Cloud
from skyclust.sandbox.azure.errors import Json


def need(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise ValueError(f"Give {name!r}, a string.")
    return str(body[name])


def find(cloud: Cloud, wanted: str) -> tuple[str, Json]:
    """(collection, document) by id, or by a name that only one resource has."""
    collections = [GROUPS, *cloud.kinds]
    for collection in collections:
        document = cloud.get(collection, wanted.lower())
        if document is not None:
            return collection, document
    hits = [(kind, row) for kind in collections for _, row in cloud.all(kind) if row["name"].lower() == wanted.lower()]
    if len(hits) > 1:
        raise ValueError(f"{wanted!r} is the name of {sorted(row['id'] for _, row in hits)}; give the id of one.")
    if not hits:
        raise KeyError(wanted)
    return hits[0]
