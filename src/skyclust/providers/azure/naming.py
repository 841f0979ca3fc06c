"""Names and resource ids of Azure. Pure.

Invariant: the same request gives the same names on every machine; together with the ownership mark they are how a
resource is found again after a crash. Resource ids are compared without regard to case: Azure answers
"resourcegroups" as well as "resourceGroups".
"""

from __future__ import annotations

import base64
import hashlib
import re
from uuid import UUID

from skyclust.contract.resources import Mark

#: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NETWORK_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")
MAX_NAME = 64
#: Room for the mark that follows a subnet's name; names of subnets have at most 80 characters.
MAX_SUBNET_NAME = 50
CLUSTER_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_MAX_POOL = 12
_MAX_GROUP = 80
_PREFIX, _NODES = "skyclust", "-nodes"
_MARKED_SUBNET = re.compile(r"(.+)-sk([a-z2-7]{26})")


def short_hash(text: str, length: int) -> str:
    """The first `length` hex digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def derived(base: str, *parts: str, limit: int = MAX_NAME) -> str:
    """`base-part-part`, shortened with a hash of the whole when it would be too long."""
    whole = "-".join([base, *parts])
    if len(whole) <= limit:
        return whole
    return f"{whole[: limit - 7].rstrip('-._')}-{short_hash(whole, 6)}"


def group_name(what: str, region: str, name: str) -> str:
    """The resource group of a stack: `what` is "cluster" or "network"."""
    return derived(_PREFIX, what, region, name, limit=_MAX_GROUP - len(_NODES))


def node_group_name(group: str) -> str:
    """The resource group in which AKS puts nodes, disks and load balancers; AKS takes 80 characters."""
    return f"{group}{_NODES}"


def is_node_group(group: str) -> bool:
    """Whether a group is one of those."""
    return group.lower().startswith(f"{_PREFIX}-cluster-") and group.lower().endswith(_NODES)


def pool_name(name: str) -> str:
    """What AKS calls a pool: at most 12 lowercase letters and digits. Other names are shortened with a hash."""
    if POOL_NAME.fullmatch(name):
        return name
    letters = re.sub(r"[^a-z0-9]", "", name.lower()).lstrip("0123456789") or "pool"
    return f"{letters[: _MAX_POOL - 5]}{short_hash(name, 5)}"


# ---- subnets: they take neither tags nor a description, so that the name itself carries the mark ----
def subnet_name(name: str, mark: Mark) -> str:
    """The name with the whole of the resource's id behind it."""
    return f"{name}-sk{base64.b32encode(mark.resource_id.bytes).decode().rstrip('=').lower()}"


def subnet_owner(name: str) -> UUID | None:
    """The resource id in a subnet's name; None when it carries none."""
    found = _MARKED_SUBNET.fullmatch(name.lower())
    return UUID(bytes=base64.b32decode(f"{found[2].upper()}======")) if found else None


# ---- resource ids ----
def resource_id(subscription: str, group: str, kind: str, *names: str) -> str:
    """The id of a resource: `kind` is "Microsoft.Network/virtualNetworks/subnets", `names` one per word behind "/"."""
    namespace, *words = kind.split("/")
    tail = "/".join(f"{word}/{name}" for word, name in zip(words, names, strict=True))
    return f"{group_id(subscription, group)}/providers/{namespace}/{tail}"


def group_id(subscription: str, group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def kind_of(identifier: str) -> str:
    """Of an id: "Microsoft.Network/virtualNetworks/subnets", of a group's "Microsoft.Resources/subscriptions/..."."""
    head, found, tail = identifier.partition("/providers/")
    if not found:
        words = head.strip("/").split("/")
        return "Microsoft.Resources/" + "/".join(words[::2])
    namespace, *words = tail.strip("/").split("/")
    return "/".join([namespace, *words[::2]])


def is_kind(identifier: str, kind: str) -> bool:
    """Whether an id is of this kind."""
    return kind_of(identifier).lower() == kind.lower()


def last_segment(identifier: str) -> str:
    """The bare name at the end of an id."""
    return identifier.rstrip("/").rsplit("/", 1)[-1]


def parent_of(identifier: str) -> str:
    """The id without its last kind and name."""
    return identifier.rstrip("/").rsplit("/", 2)[0]


def segment_after(identifier: str, word: str) -> str:
    """What follows `word` in an id, whatever its case; "" when it does not occur."""
    parts = identifier.split("/")
    lowered = [part.lower() for part in parts]
    return parts[lowered.index(word.lower()) + 1] if word.lower() in lowered[:-1] else ""


def group_of(identifier: str) -> str:
    """The name of the resource group an id lies in."""
    return segment_after(identifier, "resourceGroups")


def subscription_of(identifier: str) -> str:
    """The subscription an id lies in."""
    return segment_after(identifier, "subscriptions")


def same(first: str, second: str) -> bool:
    """Whether two ids or names mean one thing."""
    return first.lower() == second.lower()
