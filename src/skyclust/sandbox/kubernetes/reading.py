"""Get and list: selectors, pages, resource versions. Called by the front for reads and by watches for their start."""

import base64
import binascii
import json
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.requests import Options, Target
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.selectors import Match, parse_fields, parse_labels
from skyclust.sandbox.kubernetes.statuses import ApiError, not_found

Document = dict[str, Any]


def get(cluster: Cluster, target: Target) -> Document:
    found = cluster.objects.get(target.resource.collection, target.namespace, target.name)
    if found is None:
        raise not_found(target.resource, target.name)
    return found


def selection(resource: Resource, options: Options, name: str = "") -> Match:
    """Whether an object is among those a list or watch asks for."""
    labels = parse_labels(options.label_selector)
    matches_fields = parse_fields(options.field_selector, resource)

    def match(document: Document) -> bool:
        metadata = document["metadata"]
        return name in {"", metadata["name"]} and labels(metadata.get("labels") or {}) and matches_fields(document)

    return match


def select(cluster: Cluster, target: Target, options: Options) -> list[Document]:
    match = selection(target.resource, options, target.name)
    listed = cluster.objects.all(target.resource.collection, target.namespace or None)
    return [document for document in listed if match(document)]


def list_page(cluster: Cluster, target: Target, options: Options) -> Document:
    """A `...List` document. A page goes on behind the last key of the one before, in today's state."""
    found = select(cluster, target, options)
    after = _read_token(options.continue_token)
    remaining = [document for document in found if after is None or _place(document) > after]
    page = remaining[: options.limit] if options.limit else remaining
    metadata: Document = {"resourceVersion": str(cluster.objects.version)}
    if len(page) < len(remaining):
        metadata["continue"] = _write_token(_place(page[-1]))
        if not (options.label_selector or options.field_selector):
            metadata["remainingItemCount"] = len(remaining) - len(page)
    resource = target.resource
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": page}


def _place(document: Document) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _write_token(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(token: str) -> tuple[str, str] | None:
    if not token:
        return None
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error) as wrong:
        raise ApiError(400, "BadRequest", f"continue key is not valid: {wrong}") from wrong
    return str(namespace), str(name)
