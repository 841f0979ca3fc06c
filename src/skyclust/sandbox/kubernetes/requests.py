"""What a request asks for: the object or collection its path names, and the options of its query. Pure.

Called by the front for every request.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from skyclust.sandbox.kubernetes import protobuf
from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.resources import Resource
from skyclust.sandbox.kubernetes.statuses import bad_request, no_such_path

Document = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """`namespace` is empty for cluster-scoped resources and for lists over all namespaces; `name` for collections."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(frozen=True)
class Options:
    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = "Warn"
    force: bool = False
    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    version_match: str = ""
    watch: bool = False
    timeout_seconds: int = 0
    bookmarks: bool = False
    send_initial_events: bool = False


def parse_target(cluster: Cluster, path: str) -> Target:
    """`/api/v1/...` or `/apis/GROUP/VERSION/...`; raises the 404 of the real server."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        raise no_such_path()
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and cluster.resource_at(group, version, rest[2]):
        namespace, rest = rest[1], rest[2:]
    resource = cluster.resource_at(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        raise no_such_path()
    target = Target(resource, namespace, *rest[1:])
    if target.subresource and target.subresource not in resource.subresources:
        raise no_such_path()
    if resource.namespaced and target.name and not namespace:
        raise no_such_path()
    return target


def parse_options(query: Mapping[str, str]) -> Options:
    return Options(
        dry_run=_dry_run(query.get("dryRun", "")),
        field_manager=query.get("fieldManager", ""),
        field_validation=query.get("fieldValidation") or "Warn",
        force=_flag(query, "force"),
        label_selector=query.get("labelSelector", ""),
        field_selector=query.get("fieldSelector", ""),
        limit=_number(query, "limit"),
        continue_token=query.get("continue", ""),
        resource_version=query.get("resourceVersion", ""),
        version_match=query.get("resourceVersionMatch", ""),
        watch=_flag(query, "watch"),
        timeout_seconds=_number(query, "timeoutSeconds"),
        bookmarks=_flag(query, "allowWatchBookmarks"),
        send_initial_events=_flag(query, "sendInitialEvents"),
    )


def _dry_run(value: str) -> bool:
    if value not in {"", "All"}:
        raise bad_request(f'dryRun: Unsupported value: "{value}": supported values: "All"')
    return value == "All"


def _flag(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in {"1", "true"}


def _number(query: Mapping[str, str], name: str) -> int:
    try:
        return int(query.get(name) or 0)
    except ValueError as wrong:
        raise bad_request(f"{name} must be a number, not {query[name]!r}") from wrong


@dataclass(frozen=True)
class Call:
    """One request, read. `user` is who the token belongs to."""

    method: str
    content_type: str
    target: Target
    options: Options
    raw: bytes
    user: str

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0].strip()

    def body(self) -> Any:
        if not self.raw:
            return {}
        try:
            if self.media_type == protobuf.MEDIA_TYPE:
                return protobuf.decode(self.raw)
            return yaml.safe_load(self.raw) if "yaml" in self.media_type else json.loads(self.raw)
        except (ValueError, KeyError, IndexError, yaml.YAMLError) as wrong:
            raise bad_request(f"the object provided is unrecognized: {wrong}") from wrong
