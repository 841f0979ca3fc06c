"""The life of any compute.v1 resource: insert, get, list, aggregatedList, patch, update, delete.

A `Kind` says where a resource lives and which rules are its own; the modules of the kinds register one each.
Invariant: a change is visible as an operation; a resource whose operation still runs is "not ready" to others.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from skyclust.sandbox.gcp import catalog, compute_operations
from skyclust.sandbox.gcp.cloud import Call, Cloud, Handler, named, numeric_id, path_of, short_hash, stamp
from skyclust.sandbox.gcp.errors import (
    GoogleError,
    Json,
    compute_exists,
    compute_not_found,
    in_use,
    invalid_field,
    not_ready,
    quota_exceeded,
    required,
)
from skyclust.sandbox.gcp.listing import aggregated_answer, list_answer

NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
Scope = Literal["global", "regions", "zones"]
Prepare = Callable[[Cloud, Call, str, Json], Json]
Change = Callable[[Cloud, Call, str, Json, Json], Json]
Users = Callable[[Cloud, str, Json], str | None]


def _as_given(_cloud: Cloud, _call: Call, _path: str, document: Json) -> Json:
    return document


def _nobody(_cloud: Cloud, _path: str, _document: Json) -> str | None:
    return None


@dataclass(frozen=True)
class Kind:
    """`resource` is the discovery name (globalAddresses), `collection` the path's and the store's (addresses)."""

    resource: str
    collection: str
    noun: str
    scope: Scope
    verbs: tuple[str, ...] = ("insert", "get", "list", "delete")
    create_latency: str = "gcp.resource.create"
    delete_latency: str = "gcp.resource.delete"
    prepare: Prepare = _as_given  # checks an insert and completes the document
    change: Change | None = None  # checks a patch and gives the document as it will be
    users: Users = _nobody  # the path of something that still needs the resource
    quota: str = ""
    on_created: str = ""  # effect run when the insert is done
    on_deleted: str = ""


def scope_path(kind: Kind, call: Call) -> str:
    """`projects/p/regions/r`, refusing places that do not exist."""
    base = f"projects/{call.path['project']}"
    if kind.scope == "global":
        return f"{base}/global"
    place = call.path["region" if kind.scope == "regions" else "zone"]
    known = catalog.REGIONS if kind.scope == "regions" else catalog.ZONES
    if place not in known:
        raise invalid_field(kind.scope.removesuffix("s"), place, "Unknown " + kind.scope.removesuffix("s") + ".")
    return f"{base}/{kind.scope}/{place}"


def resource_path(kind: Kind, call: Call) -> str:
    name = next(value for key, value in call.path.items() if key not in ("project", "region", "zone"))
    return f"{scope_path(kind, call)}/{kind.collection}/{name}"


def check_name(name: object, field: str = "resource.name") -> str:
    if not name:
        raise required(field)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise invalid_field(field, name, f"Must be a match of regex '{NAME.pattern}'")
    return name


def check_labels(labels: Json, field: str = "resource.labels") -> None:
    for key, value in labels.items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) or not re.fullmatch(r"[a-z0-9_-]{0,63}", str(value)):
            raise invalid_field(
                field,
                f"{key}={value}",
                "Keys start with a lowercase letter; keys and values hold at most 63 "
                "lowercase letters, digits, '_' and '-'.",
            )
    if len(labels) > 64:
        raise invalid_field(field, len(labels), "At most 64 labels.")


def existing(cloud: Cloud, collection: str, path: str, *, ready: bool = False) -> Json:
    document = cloud.get(collection, path)
    if document is None:
        raise compute_not_found(path)
    if ready and cloud.is_pending(document.get("_operation", "")):
        raise not_ready(path)
    return document


def referenced(cloud: Cloud, field: str, reference: object, collection: str) -> str:
    """The path a reference in a body names; it must exist and be ready to be used."""
    if not isinstance(reference, str) or not reference:
        raise required(field)
    path = path_of(reference, cloud.project.id)
    if f"/{collection}/" not in path:
        raise invalid_field(field, reference, "The URL is malformed.")
    existing(cloud, collection, path, ready=True)
    return path


def limit_of(cloud: Cloud, metric: str, scope: str = "global") -> float:
    """A quota's limit in a region or `global`; one that nobody knows is without end."""
    override = cloud.get("quotas", f"{scope}/{metric}")
    limits = catalog.PROJECT_QUOTAS if scope == "global" else catalog.REGION_QUOTAS
    return float(override["limit"]) if override else limits.get(metric, float("inf"))


def check_quota(cloud: Cloud, metric: str, used: float, wanted: float, scope: str = "global") -> None:
    limit = limit_of(cloud, metric, scope)
    if used + wanted > limit:
        raise quota_exceeded(metric, limit, scope)


def new_document(cloud: Cloud, kind: Kind, path: str, body: Json) -> Json:
    document: Json = {
        **body,
        "kind": f"compute#{kind.noun}",
        "id": numeric_id(f"{path}@{cloud.now().timestamp()}"),
        "name": named(path),
        "creationTimestamp": stamp(cloud.now()),
        "selfLink": f"compute://{path}",
    }
    if kind.scope != "global":
        place = path.split("/")
        document[kind.scope.removesuffix("s")] = "compute://" + "/".join(place[:4])
    return document


def put_new(cloud: Cloud, kind: Kind, path: str, fields: Json) -> str:
    """Make a resource appear at once, as Google's own services and the outside world do; its path."""
    cloud.put(kind.collection, path, new_document(cloud, kind, path, fields))
    return path


def insert(cloud: Cloud, call: Call, kind: Kind) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = f"{scope_path(kind, call)}/{kind.collection}/{check_name(call.body.get('name'))}"
    if cloud.get(kind.collection, path) is not None:
        raise compute_exists(path)
    if "labels" in call.body:
        check_labels(call.body["labels"])
        call.body["labelFingerprint"] = short_hash(repr(sorted(call.body["labels"].items())), 12)
    document = kind.prepare(cloud, call, path, new_document(cloud, kind, path, call.body))
    if kind.quota:
        check_quota(cloud, kind.quota, len(cloud.all(kind.collection)), 1)
    seconds = cloud.take(kind.create_latency, path)
    effects = [{"do": kind.on_created, "path": path}] if kind.on_created else []
    undo = [{"do": "resource.remove", "kind": kind.collection, "path": path}]
    operation = compute_operations.begin(
        cloud, call, "insert", path, document["id"], seconds=seconds, effects=effects, undo=undo
    )
    document["_operation"] = operation["selfLink"].removeprefix("compute://")
    cloud.put(kind.collection, path, document)
    return operation


def change(cloud: Cloud, call: Call, kind: Kind, verb: str) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = resource_path(kind, call)
    old = existing(cloud, kind.collection, path, ready=True)
    assert kind.change is not None
    kept = {
        key: value
        for key, value in call.body.items()
        if key not in ("id", "kind", "selfLink", "creationTimestamp", "name")
    }
    return apply_change(cloud, call, kind, path, kind.change(cloud, call, path, old, kept), verb=verb)


def apply_change(cloud: Cloud, call: Call, kind: Kind, path: str, changed: Json, *, verb: str) -> Json:
    """Begin an operation that puts `changed` in place when it ends; the fields show at once only then."""
    effect = {"do": "resource.replace", "kind": kind.collection, "path": path, "document": changed}
    seconds = cloud.take("gcp.resource.update", path)
    operation = compute_operations.begin(
        cloud, call, verb, path, changed["id"], seconds=seconds, effects=[effect], undo=[]
    )
    current = existing(cloud, kind.collection, path)
    current["_operation"] = operation["selfLink"].removeprefix("compute://")
    cloud.put(kind.collection, path, current)
    return operation


def delete(cloud: Cloud, call: Call, kind: Kind) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = resource_path(kind, call)
    document = existing(cloud, kind.collection, path, ready=True)
    user = kind.users(cloud, path, document)
    if user:
        raise in_use(path, user)
    effects = [{"do": "resource.remove", "kind": kind.collection, "path": path}]
    if kind.on_deleted:
        effects.insert(0, {"do": kind.on_deleted, "path": path})
    seconds = cloud.take(kind.delete_latency, path)
    operation = compute_operations.begin(
        cloud, call, "delete", path, document["id"], seconds=seconds, effects=effects, undo=[]
    )
    document["_operation"] = operation["selfLink"].removeprefix("compute://")
    cloud.put(kind.collection, path, document)
    return operation


def get(cloud: Cloud, call: Call, kind: Kind) -> Json:
    return existing(cloud, kind.collection, resource_path(kind, call))


def list_(cloud: Cloud, call: Call, kind: Kind) -> Json:
    scope = scope_path(kind, call)
    return list_answer(cloud.all(kind.collection, f"{scope}/"), call, kind.noun, f"{scope}/{kind.collection}")


def aggregated(cloud: Cloud, call: Call, kind: Kind) -> Json:
    rows = cloud.all(kind.collection, f"projects/{call.path['project']}/")
    return aggregated_answer(rows, call, kind.noun, kind.collection)


def handlers_of(kind: Kind) -> dict[str, Handler]:
    """The handlers of one kind by discovery method id."""
    offered: dict[str, Handler] = {
        "insert": lambda cloud, call: insert(cloud, call, kind),
        "get": lambda cloud, call: get(cloud, call, kind),
        "list": lambda cloud, call: list_(cloud, call, kind),
        "aggregatedList": lambda cloud, call: aggregated(cloud, call, kind),
        "delete": lambda cloud, call: delete(cloud, call, kind),
        "patch": lambda cloud, call: change(cloud, call, kind, "patch"),
        "update": lambda cloud, call: change(cloud, call, kind, "update"),
        "setLabels": lambda cloud, call: _set_labels(cloud, call, kind),
    }
    return {f"compute.{kind.resource}.{verb}": offered[verb] for verb in kind.verbs}


def _set_labels(cloud: Cloud, call: Call, kind: Kind) -> Json:
    again = compute_operations.repeated(cloud, call)
    if again is not None:
        return again
    path = resource_path(kind, call)
    old = existing(cloud, kind.collection, path, ready=True)
    if call.body.get("labelFingerprint") != old.get("labelFingerprint") and old.get("labelFingerprint"):
        raise GoogleError(412, "conditionNotMet", "Labels fingerprint either invalid or resource labels have changed")
    labels = call.body.get("labels", {})
    check_labels(labels)
    changed = {**old, "labels": labels, "labelFingerprint": short_hash(repr(sorted(labels.items())), 12)}
    return apply_change(cloud, call, kind, path, changed, verb="setLabels")


def _replace(cloud: Cloud, effect: Json) -> None:
    if cloud.get(effect["kind"], effect["path"]) is not None:
        cloud.put(effect["kind"], effect["path"], effect["document"])


def _remove(cloud: Cloud, effect: Json) -> None:
    cloud.remove(effect["kind"], effect["path"])


EFFECTS = {"resource.replace": _replace, "resource.remove": _remove}
