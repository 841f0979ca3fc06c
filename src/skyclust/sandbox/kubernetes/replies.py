"""Write what a verb returned as an HTTP reply: plain, as a Table, or as metadata only. Called by the front."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from skyclust.sandbox.kubernetes.changing import Outcome
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.requests import Target
from skyclust.sandbox.kubernetes.tables import render_table

Document = dict[str, Any]

METADATA_KINDS = {"PartialObjectMetadataList", "PartialObjectMetadata"}


def wanted_form(request: Request) -> str:
    """`Table`, a metadata kind, or nothing; the first of the accepted media types this server can write."""
    for media_type in request.headers.get("accept", "").split(","):
        name, *parameters = (part.strip() for part in media_type.split(";"))
        if name not in {"application/json", "*/*"}:
            continue
        form = dict(parameter.partition("=")[::2] for parameter in parameters).get("as", "")
        if form in {"", "Table"} | METADATA_KINDS:
            return form
    return ""


def wants_table(request: Request) -> bool:
    return wanted_form(request) == "Table"


def written(cluster: Cluster, target: Target, outcome: Outcome, request: Request) -> Response:
    document = outcome.document
    form = wanted_form(request) if document.get("kind") != "Status" else ""
    if form == "Table" and target.resource.storable:
        document = _table(cluster, target, document, request)
    elif form in METADATA_KINDS:
        document = _metadata_only(document)
    response = JSONResponse(document, status_code=outcome.code)
    for warning in outcome.warnings:
        response.headers.append("Warning", f"299 - {_quoted(warning)}")
    return response


def event_table(cluster: Cluster, target: Target, event: Document, request: Request, *, definitions: bool) -> Document:
    """A watch event whose object is a table of one row; columns are named in the first only."""
    shown = event["object"]
    if event["type"] == "ERROR":
        return event
    include = request.query_params.get("includeObject", "Metadata")
    rows = [] if event["type"] == "BOOKMARK" else [shown]
    table = render_table(target.resource, rows, cluster.now(), include, definitions=definitions)
    table["metadata"] = {"resourceVersion": shown["metadata"]["resourceVersion"]}
    return {"type": event["type"], "object": table}


def _table(cluster: Cluster, target: Target, document: Document, request: Request) -> Document:
    items = document.get("items", [document])
    include = request.query_params.get("includeObject", "Metadata")
    table = render_table(target.resource, items, cluster.now(), include)
    kept = ("resourceVersion", "continue", "remainingItemCount")
    table["metadata"] = {key: value for key, value in document["metadata"].items() if key in kept}
    return table


def _metadata_only(document: Document) -> Document:
    if "items" not in document:
        return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": document["metadata"]}
    items = [_metadata_only(item) for item in document["items"]]
    head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": document["metadata"]}
    return {**head, "items": items}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
