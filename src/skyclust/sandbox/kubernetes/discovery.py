"""What the API server says of itself: groups, versions and resources, in the old form and the aggregated one. Pure.

Called by the front for `/api`, `/apis`, their versions, and `/version`.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from skyclust.sandbox.kubernetes.resources import SUBRESOURCE_KINDS, Resource

Document = dict[str, Any]

AGGREGATED = re.compile(r"application/json;\s*g=apidiscovery\.k8s\.io;\s*v=(v2|v2beta1);\s*as=APIGroupDiscoveryList")


def aggregated_version(accept: str) -> str:
    """The version of the aggregated form the client prefers, or nothing."""
    found = AGGREGATED.search(accept)
    return found[1] if found else ""


def server_version(version: str) -> Document:
    major, minor, *_ = [*version.lstrip("v").split("-")[0].split("."), "0"]
    return {
        "major": major,
        "minor": minor,
        "gitVersion": full_version(version),
        "gitCommit": "0000000000000000000000000000000000000000",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go0",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def server_metrics(version: str) -> str:
    """What there is to measure here. No deprecated API version is served, so none is ever told as requested."""
    said = server_version(version)
    build = ",".join(f'{name}="{said[key]}"' for name, key in (
        ("git_version", "gitVersion"), ("major", "major"), ("minor", "minor"), ("platform", "platform"),
    ))  # fmt: skip
    return (
        "# HELP kubernetes_build_info A metric with a constant '1' value labeled by version and platform.\n"
        "# TYPE kubernetes_build_info gauge\n"
        f"kubernetes_build_info{{{build}}} 1\n"
    )


def full_version(version: str) -> str:
    """`1.34` and `1.34.2-gke.5` as Kubernetes writes them: v1.34.0, v1.34.2-gke.5."""
    bare = version.lstrip("v") or "1.34"
    return f"v{bare}.0" if bare.count(".") == 1 and "-" not in bare else f"v{bare}"


def core_versions(server_address: str) -> Document:
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list(resources: Iterable[Resource]) -> Document:
    groups = [_group(name, versions) for name, versions in _versions(resources).items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(resources: Iterable[Resource], name: str) -> Document | None:
    versions = _versions(resources).get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)} if versions else None


def _versions(resources: Iterable[Resource]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for resource in resources:
        versions = found.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)
    return found


def _group(name: str, versions: list[str]) -> Document:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def resource_list(resources: Iterable[Resource], group_name: str, version: str) -> Document | None:
    served = [r for r in resources if (r.group, r.version) == (group_name, version)]
    if not served:
        return None
    rows: list[Document] = []
    for resource in served:
        rows.append(_row(resource))
        rows.extend(_subrow(resource, name) for name in resource.subresources)
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": served[0].api_version,
        "resources": sorted(rows, key=lambda row: str(row["name"])),
    }


def _row(resource: Resource) -> Document:
    row: Document = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        row["shortNames"] = list(resource.short_names)
    if resource.categories:
        row["categories"] = list(resource.categories)
    return row


def _subrow(resource: Resource, name: str) -> Document:
    group_name, version, kind, verbs = SUBRESOURCE_KINDS[name]
    row: Document = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced}
    if kind and (group_name, version) != (resource.group, resource.version):
        row |= {"group": group_name, "version": version}
    return row | {"kind": kind or resource.kind, "verbs": list(verbs)}


def aggregated(resources: Iterable[Resource], form: str) -> Document:
    """An APIGroupDiscoveryList of the resources given."""
    ordered = sorted(resources, key=lambda r: (r.group, r.version))
    items = []
    for name, of_group in groupby(ordered, key=lambda r: r.group):
        versions = [
            {"version": version, "resources": [_entry(r) for r in of_version], "freshness": "Current"}
            for version, of_version in groupby(of_group, key=lambda r: r.version)
        ]
        items.append({"metadata": {"name": name} if name else {}, "versions": versions})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{form}",
        "metadata": {},
        "items": items,
    }


def _entry(resource: Resource) -> Document:
    entry: Document = {
        "resource": resource.plural,
        "responseKind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if resource.subresources:
        entry["subresources"] = [_subentry(resource, name) for name in resource.subresources]
    return entry


def _subentry(resource: Resource, name: str) -> Document:
    group_name, version, kind, verbs = SUBRESOURCE_KINDS[name]
    spoken = (group_name, version, kind) if kind else (resource.group, resource.version, resource.kind)
    response = dict(zip(("group", "version", "kind"), spoken, strict=True))
    return {"subresource": name, "responseKind": response, "verbs": list(verbs)}
