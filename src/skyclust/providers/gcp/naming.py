"""Names and references of Google Cloud resources. Pure.

Invariant: the same request gives the same names on every machine; together with the ownership mark they are how a
resource is found again after a crash.
"""

from __future__ import annotations

import hashlib
import re

#: https://cloud.google.com/compute/docs/naming-resources (RFC 1035 label).
NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
MAX_NAME = 63
#: Names of clusters and pools: the comments of `name` in container.v1.
MAX_GKE_NAME = 40


def derived(base: str, *parts: str, limit: int = MAX_NAME) -> str:
    """`base-part-part`, shortened with a hash of the whole when it would be too long."""
    whole = "-".join([base, *parts])
    if len(whole) <= limit:
        return whole
    return f"{whole[: limit - 7].rstrip('-')}-{short_hash(whole, 6)}"


def short_hash(text: str, length: int) -> str:
    """The first `length` hex digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def account_id(cluster: str, region: str) -> str:
    """Id of the nodes' service account: 6 to 30 characters, unique to a cluster of a project."""
    return f"{cluster[:14].rstrip('-')}-nodes-{short_hash(f'{region}/{cluster}', 8)}"


def last_segment(reference: str) -> str:
    """The bare name at the end of a link."""
    return reference.rstrip("/").rsplit("/", 1)[-1]


def relative_path(reference: str) -> str:
    """`projects/p/...` of a self link, whatever its host and API version; a bare name stays as it is."""
    _, found, tail = reference.partition("projects/")
    return f"projects/{tail}" if found else reference


def network_path(reference: str, project: str) -> str:
    """The path of a network given as name, partial or full link."""
    path = relative_path(reference)
    return path if path.startswith("projects/") else f"projects/{project}/global/networks/{last_segment(path)}"


def subnetwork_path(reference: str, project: str, region: str) -> str:
    """Likewise for a subnetwork."""
    path = relative_path(reference)
    if path.startswith("projects/"):
        return path
    return f"projects/{project}/regions/{region}/subnetworks/{last_segment(path)}"


def segment_after(path: str, word: str) -> str:
    """What follows `word` in a path ("r" after "regions" in "projects/p/regions/r"), "" when it does not occur."""
    parts = path.split("/")
    return parts[parts.index(word) + 1] if word in parts[:-1] else ""
