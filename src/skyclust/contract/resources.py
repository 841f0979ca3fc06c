"""The resource graph: what a blueprint returns, what drivers act on, what the engine stores. Pure values.

Specs are JSON objects. A reference to another node's output is the object `{"$ref": ["vpc", "id"]}` (see `ref`), so
that a spec survives the database unchanged; `resolve` replaces references once the nodes they name are ready.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

Json = Any
JsonObject = dict[str, Any]

_REF = "$ref"


def ref(node: str, output: str = "id") -> JsonObject:
    """A reference, for use anywhere inside a spec, to `output` of the node `node` of the same graph."""
    return {_REF: [node, output]}


def references(value: Json) -> Iterator[tuple[str, str]]:
    """Every (node, output) that `value` refers to, depth first, duplicates included."""
    if isinstance(value, Mapping):
        target = value.get(_REF)
        if target is not None and len(value) == 1:
            yield (target[0], target[1])
            return
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)


def resolve(value: Json, outputs: Mapping[str, Mapping[str, Json]]) -> Json:
    """Replace every reference in `value` by what `outputs[node][output]` holds. KeyError names what is missing."""
    if isinstance(value, Mapping):
        target = value.get(_REF)
        if target is not None and len(value) == 1:
            node, name = target
            if name not in outputs.get(node, {}):
                raise KeyError(f"{node}.{name}")
            return outputs[node][name]
        return {key: resolve(item, outputs) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, outputs) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Node:
    """One resource that should exist.

    key         unique in its graph and stable over its life ("subnet/public-us-west-2a")
    kind        names the driver ("aws.ec2.subnet")
    title       what a person reads ("public subnet in us-west-2a")
    spec        JSON; may hold references
    after       keys this node must wait for although its spec does not refer to them
    adopt_id    cloud id of something that exists already and is not ours: observed, never changed, never deleted
    """

    key: str
    kind: str
    title: str
    spec: JsonObject
    after: tuple[str, ...] = ()
    adopt_id: str | None = None

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Keys that must be ready before this node is created, and that outlive it on deletion; sorted."""
        return tuple(sorted({node for node, _ in references(self.spec)} | set(self.after)))


class GraphError(ValueError):
    """A blueprint made a graph with a duplicate key, a missing dependency or a cycle."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of the blueprint. Construction checks keys, references and acyclicity."""

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        keys = [node.key for node in self.nodes]
        duplicates = {key for key in keys if keys.count(key) > 1}
        if duplicates:
            raise GraphError(f"Two nodes have one key: {sorted(duplicates)}.")
        for node in self.nodes:
            missing = set(node.depends_on) - set(keys)
            if missing:
                raise GraphError(f"{node.key} depends on {sorted(missing)}, which the graph does not hold.")
        topological_order({node.key: node.depends_on for node in self.nodes})

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, key: str) -> Node:
        for node in self.nodes:
            if node.key == key:
                return node
        raise KeyError(key)


def topological_order(depends_on: Mapping[str, Iterable[str]]) -> list[str]:
    """Keys so that each comes after what it depends on; ties keep the mapping's order. GraphError on a cycle."""
    waiting = {key: {d for d in needs if d in depends_on} for key, needs in depends_on.items()}
    order: list[str] = []
    while waiting:
        free = [key for key, needs in waiting.items() if not needs]
        if not free:
            raise GraphError(f"These nodes depend on each other in a circle: {sorted(waiting)}.")
        order.extend(free)
        for key in free:
            del waiting[key]
        for needs in waiting.values():
            needs.difference_update(free)
    return order


#: Namespace of the idempotency tokens below. Never change it: tokens in flight would change with it.
_TOKENS = UUID("5f0c6e0e-8d0b-5b6e-9a53-6d1c7a1f3b11")

TAG_RESOURCE = "skyclust:resource"
TAG_STACK = "skyclust:stack"
TAG_NAME = "skyclust:name"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who owns a cloud resource. Put into the create call itself, found again by `find`.

    resource_id identifies the row and the incarnation: a replacement gets a new generation, hence a new token.
    """

    resource_id: UUID
    stack_id: UUID
    generation: int
    stack_name: str

    @property
    def token(self) -> str:
        """Client token / requestId: uuid5(resource, generation), 36 characters."""
        return str(uuid5(_TOKENS, f"{self.resource_id}/{self.generation}"))

    def tags(self) -> dict[str, str]:
        """Tags for clouds that allow ':' in keys (AWS, Azure)."""
        return {TAG_RESOURCE: str(self.resource_id), TAG_STACK: str(self.stack_id), TAG_NAME: self.stack_name}

    def labels(self) -> dict[str, str]:
        """Labels for clouds that allow only [a-z0-9_-] (GCP)."""
        return {"skyclust-resource": str(self.resource_id), "skyclust-stack": str(self.stack_id)}

    def description(self) -> str:
        """For kinds that take neither: one line that `owns_description` recognises."""
        return f"skyclust:resource={self.resource_id} skyclust:stack={self.stack_id}"

    def owns_tags(self, tags: Mapping[str, str]) -> bool:
        """True when `tags` (or labels) are ours for this very resource."""
        seen = tags.get(TAG_RESOURCE) or tags.get("skyclust-resource")
        return seen == str(self.resource_id)

    def owns_description(self, text: str | None) -> bool:
        """True when a description written by `description` names this very resource."""
        return f"skyclust:resource={self.resource_id}" in (text or "")


class Phase(StrEnum):
    """What the cloud says of a resource that exists."""

    SETTLING = "settling"  # exists, not usable yet, or changing
    READY = "ready"
    FAILED = "failed"  # the cloud gave up on it; only deletion helps
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Observed:
    """What the cloud shows of one resource.

    external_id  what `observe` and `delete` need to find it again
    outputs      what other nodes may refer to; always holds "id"
    fields       the observable part of the spec, in the spec's own words, for the diff (drift, updates)
    message      the cloud's own explanation of a failed or settling phase
    """

    external_id: str
    phase: Phase
    outputs: JsonObject = field(default_factory=dict)
    fields: JsonObject = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `replace` is True when the cloud cannot change it in place."""

    field: str
    before: Json
    after: Json
    replace: bool = False


class Origin(StrEnum):
    """Whose something found inside a network is."""

    OURS = "ours"  # carries our mark and has a row
    KUBERNETES = "kubernetes"  # left behind by a cluster of ours: may be swept
    CLOUD = "cloud"  # made by the cloud with its parent, and goes with it (main route table, default group)
    FOREIGN = "foreign"  # somebody else's: blocks deletion, never touched


@dataclass(frozen=True, slots=True)
class InventoryItem:
    """One thing found inside a network. `why` says how its origin was recognised."""

    kind: str
    external_id: str
    name: str
    origin: Origin
    why: str
    resource_id: str | None = None  # our mark, where it carries one


@dataclass(frozen=True, slots=True)
class Price:
    """A figure with its provenance: shown wherever the figure is."""

    usd_per_hour: float
    source: str
    as_of: str  # ISO date of the source


HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a pre-flight check. `error` findings forbid the apply, `warning` ones are shown."""

    severity: str  # "error" | "warning"
    field: str  # JSON pointer into the request, "" when none fits
    message: str
    code: str = ""


def digest(value: Json) -> str:
    """Stable short hash of a JSON value: the same value gives the same digest on every machine."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
