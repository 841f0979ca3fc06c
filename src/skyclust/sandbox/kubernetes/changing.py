"""Create, update and patch objects for a client. Called by the front.

Invariant: nothing is stored before every check has passed, and nothing at all on a dry run.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from skyclust.sandbox.kubernetes import admitting, writing
from skyclust.sandbox.kubernetes.applying import Owner, apply_config, own_changes, with_owners
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.defaulting import fill
from skyclust.sandbox.kubernetes.field_paths import paths_of
from skyclust.sandbox.kubernetes.initial import fold_string_data
from skyclust.sandbox.kubernetes.patching import apply_json_patch, apply_merge_patch, apply_strategic_patch
from skyclust.sandbox.kubernetes.reading import get
from skyclust.sandbox.kubernetes.requests import Options, Target
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.schemas import shape_of_kind
from skyclust.sandbox.kubernetes.statuses import ApiError, already_exists, bad_request, conflict, unsupported_media_type

Document = dict[str, Any]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY)

KEEPS_STATUS_ON_CREATE = frozenset({"nodes"})


@dataclass
class Outcome:
    document: Document
    code: int = 200
    warnings: list[str] = field(default_factory=list)


def create(cluster: Cluster, target: Target, body: Any, options: Options) -> Outcome:
    decoded, warnings = admitting.decode_body(target.resource, body, options)
    document = admitting.place(cluster, target, decoded)
    resource = target.resource
    if "status" in resource.subresources and resource.collection not in KEEPS_STATUS_ON_CREATE:
        document.pop("status", None)
    prepared = writing.prepare_new(cluster, resource, document)
    name = prepared["metadata"].get("name", "")
    if name and cluster.objects.get(resource.collection, target.namespace, name):
        raise already_exists(resource, name)
    admitting.check(resource, prepared, None)
    shape = shape_of_kind(resource.api_version, resource.kind)
    prepared = own_changes(None, prepared, _writer(cluster, target, options), shape)
    if not options.dry_run:
        prepared = cluster.objects.put(resource.collection, prepared)
    return Outcome(prepared, 201, warnings)


def update(cluster: Cluster, target: Target, body: Any, options: Options) -> Outcome:
    before = get(cluster, target)
    decoded, warnings = admitting.decode_body(target.resource, body, options)
    if decoded.get("metadata", {}).get("name", target.name) != target.name:
        raise bad_request(
            f"the name of the object ({decoded['metadata']['name']}) does not match the name on the URL ({target.name})"
        )
    return Outcome(replace_object(cluster, target, before, decoded, options), 200, warnings)


def patch(cluster: Cluster, target: Target, media_type: str, raw: bytes, options: Options) -> Outcome:
    if media_type not in PATCHES or (media_type == STRATEGIC_PATCH and target.resource.custom):
        raise unsupported_media_type(PATCHES)
    if media_type == APPLY:
        return apply(cluster, target, read_patch(media_type, raw), options)
    before = get(cluster, target)
    changed = patched(before, media_type, read_patch(media_type, raw), target.resource)
    decoded, warnings = admitting.decode_body(target.resource, changed, options)
    return Outcome(replace_object(cluster, target, before, decoded, options), 200, warnings)


def apply(cluster: Cluster, target: Target, config: Any, options: Options) -> Outcome:
    """Server-side apply; makes the object when there is none."""
    if not options.field_manager:
        why = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
        raise ApiError(422, "Invalid", why)
    resource, writer = target.resource, _writer(cluster, target, options, "Apply")
    decoded, warnings = admitting.decode_body(resource, config, options)
    if (decoded.get("metadata") or {}).get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    shape = shape_of_kind(resource.api_version, resource.kind)
    before = cluster.objects.get(resource.collection, target.namespace, target.name)
    if before is None:
        named = {**decoded, "metadata": {**(decoded.get("metadata") or {}), "name": target.name}}
        made = create(cluster, replace(target, name=""), named, replace(options, dry_run=True)).document
        owned = replace(writer, paths=paths_of(decoded, shape))
        made = with_owners(made, [owned])
        return Outcome(made if options.dry_run else cluster.objects.put(resource.collection, made), 201, warnings)
    applied = apply_config(before, decoded, writer, shape, force=options.force)
    applied["metadata"] = {**applied["metadata"], "resourceVersion": decoded.get("metadata", {}).get("resourceVersion")}
    return Outcome(replace_object(cluster, target, before, applied, options, owned=True), 200, warnings)


def _writer(cluster: Cluster, target: Target, options: Options, operation: str = "Update") -> Owner:
    name = options.field_manager or "unknown"
    return Owner(name, operation, target.subresource, target.resource.api_version, cluster.timestamp(), frozenset())


def read_patch(media_type: str, raw: bytes) -> Any:
    try:
        return yaml.safe_load(raw) if media_type == APPLY else json.loads(raw)
    except (ValueError, yaml.YAMLError) as wrong:
        raise bad_request(f"error decoding patch: {wrong}") from wrong


def patched(before: Document, media_type: str, change: Any, resource: Resource) -> Document:
    if media_type == JSON_PATCH:
        return apply_json_patch(before, change)
    if not isinstance(change, dict):
        raise bad_request("error decoding patch: it must be an object")
    if media_type == STRATEGIC_PATCH:
        strategic: Document = apply_strategic_patch(before, change, shape_of_kind(resource.api_version, resource.kind))
        return strategic
    merged: Document = apply_merge_patch(before, change)
    return merged


def replace_object(
    cluster: Cluster,
    target: Target,
    before: Document,
    after: Document,
    options: Options,
    *,
    owned: bool = False,
) -> Document:
    """Put `after` in the place of `before`, keeping what this endpoint may not change.

    With `owned` the managed fields of `after` are right already.
    """
    resource = target.resource
    check_version(resource, target.name, before, after)
    merged = _endpoint_view(target, before, after)
    if resource.collection == "secrets":
        merged = fold_string_data(merged)
    merged["metadata"] = _kept_metadata(before["metadata"], merged.get("metadata") or {})
    shape = shape_of_kind(resource.api_version, resource.kind)
    filled: Document = fill(merged, shape)
    admitting.check(resource, filled, before)
    if not owned:
        filled = own_changes(before, filled, _writer(cluster, target, options), shape)
    return filled if options.dry_run else writing.change(cluster, resource, before, filled)


def check_version(resource: Resource, name: str, before: Document, after: Document) -> None:
    """409 when the client saw another version or another object of this name."""
    metadata = after.get("metadata") or {}
    if metadata.get("resourceVersion") not in {None, "", before["metadata"]["resourceVersion"]}:
        raise conflict(resource, name)
    uid = metadata.get("uid")
    if uid and uid != before["metadata"]["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {before['metadata']['uid']}"
        raise conflict(resource, name, why)


def _endpoint_view(target: Target, before: Document, after: Document) -> Document:
    """`/status` changes the status only; the object itself changes everything else."""
    if target.subresource == "status":
        return {**before, "status": after.get("status", {}), "metadata": after.get("metadata") or {}}
    if "status" not in target.resource.subresources:
        return dict(after)
    kept = {key: value for key, value in after.items() if key != "status"}
    return {**kept, "status": before["status"]} if "status" in before else kept


_SERVER_OWNED = frozenset(
    {"uid", "creationTimestamp", "namespace", "name", "generation", "deletionTimestamp", "resourceVersion",
     "deletionGracePeriodSeconds", "generateName", "selfLink"}
)  # fmt: skip


def _kept_metadata(before: Document, after: Document) -> Document:
    kept = {key: value for key, value in after.items() if key not in _SERVER_OWNED}
    return kept | {key: before[key] for key in _SERVER_OWNED if key in before}
