"""A network as a graph of what one would draw: subnets, ways out, firewalls, clusters and their node pools.

Called by service/charting.py. Invariant: pure, from rows only; an id stays when a resource is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from skyclust.networks.states import part_state
from skyclust.provisioning.rows import ResourceRow, State

MOST_NODES, MOST_EDGES = 2_000, 10_000
#: Kinds by the first part of a key; see "Graphs" in docs/provider-contract.md.
KINDS = {
    "network": "network", "subnet": "subnet", "security-group": "firewall", "control-plane-group": "firewall",
    "router": "gateway", "peering": "peering", "gateway": "gateway", "cluster": "cluster", "node-pool": "node_pool",
}  # fmt: skip
OF_CLUSTERS = frozenset({"cluster", "node_pool"})


@dataclass(frozen=True, slots=True)
class TopologyNode:
    """One thing. `cluster_id` is set for clusters and their pools."""

    id: str
    kind: str
    name: str
    state: str
    external_id: str | None
    cidr_block: str | None
    zones: tuple[str, ...]
    cluster_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TopologyEdge:
    """`source` lies inside `target`, or uses it."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class Topology:
    """`truncated`: there is more than is shown."""

    nodes: tuple[TopologyNode, ...]
    edges: tuple[TopologyEdge, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class DrawnStack:
    """The rows of one stack: the network's own, or that of a cluster inside it, which sees the network from outside."""

    rows: Sequence[ResourceRow]
    name: str
    cluster_id: UUID | None = None
    cluster_name: str = ""


def kind_of(key: str) -> str | None:
    """What is drawn for the resource under a key; None = nothing, but what hangs on it hangs on what is behind it."""
    head = key.partition("/")[0]
    return "gateway" if head.endswith("-gateway") else KINDS.get(head)


def topology(
    own: DrawnStack, guests: Iterable[DrawnStack], *, with_clusters: bool, truncated: bool = False
) -> Topology:
    """The whole drawing. Without `with_clusters` there are none in it."""
    drawn = _Drawing({}, {}, {})
    for stack in (own, *(guests if with_clusters else ())):
        drawn.add(stack, with_clusters=with_clusters)
    nodes = tuple(drawn.nodes.values())[:MOST_NODES]
    shown = {node.id for node in nodes}
    edges = tuple(edge for edge in drawn.edges if edge.source in shown and edge.target in shown)
    more = truncated or len(drawn.nodes) > MOST_NODES or len(edges) > MOST_EDGES
    return Topology(tuple(_placed(nodes, edges)), edges[:MOST_EDGES], more)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is drawn so far; `known` are ids by what the cloud calls a thing. Edges are a dict to have each once."""

    nodes: dict[str, TopologyNode]
    edges: dict[TopologyEdge, None]
    known: dict[str, str]

    def add(self, stack: DrawnStack, *, with_clusters: bool) -> None:
        """The stack's things, and how they hang together; what is drawn already is taken for the same."""
        rows = {row.key: row for row in stack.rows if row.state is not State.GONE}
        ids: dict[str, str] = {}
        for row in rows.values():
            kind = kind_of(row.key)
            if kind is None or (kind in OF_CLUSTERS and not with_clusters):
                continue
            ids[row.key] = self._enter(stack, row, kind)
        for key, source in ids.items():
            for needed in _behind(rows[key].depends_on, rows, ids):
                if ids[needed] != source:
                    self.edges[TopologyEdge(source, ids[needed], _relation(key, needed))] = None

    def _enter(self, stack: DrawnStack, row: ResourceRow, kind: str) -> str:
        names = {name for name in (row.external_id, row.outputs.get("id")) if isinstance(name, str)}
        same = next((self.known[name] for name in sorted(names) if name in self.known), None)
        if same is not None:
            return same
        if row.key == "network" and row.key in self.nodes:
            return row.key
        whose = stack.cluster_id if kind in OF_CLUSTERS else None
        guest = stack.cluster_id is not None and row.key != "network"
        node_id = f"{stack.cluster_id}/{row.key}" if guest else row.key
        name = _name_of(stack, row, kind)
        self.nodes[node_id] = TopologyNode(
            node_id,
            kind,
            name,
            part_state([row]),
            row.external_id,
            _text(row.spec.get("cidr_block")),
            _zones(row),
            whose,
        )
        self.known.update(dict.fromkeys(names, node_id))
        return node_id


def _behind(needs: Iterable[str], rows: Mapping[str, ResourceRow], ids: Mapping[str, str]) -> Iterator[str]:
    """Keys that are drawn, through those that are not."""
    seen: set[str] = set()
    waiting = list(needs)
    while waiting:
        key = waiting.pop()
        if key in seen or key not in rows:
            continue
        seen.add(key)
        if key in ids:
            yield key
        else:
            waiting += rows[key].depends_on


def _relation(source: str, target: str) -> str:
    inside = target == "network" or (target == "cluster" and kind_of(source) == "node_pool")
    return "inside" if inside else "uses"


def _name_of(stack: DrawnStack, row: ResourceRow, kind: str) -> str:
    if kind == "network":
        return stack.name
    if kind == "cluster":
        return stack.cluster_name
    return row.key.partition("/")[2] or row.title


def _zones(row: ResourceRow) -> tuple[str, ...]:
    one = _text(row.spec.get("zone")) or _text(row.spec.get("availability_zone"))
    if one is not None:
        return (one,)
    several = row.spec.get("zones")
    return tuple(sorted(str(zone) for zone in several if isinstance(zone, str))) if isinstance(several, list) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _placed(nodes: Sequence[TopologyNode], edges: Sequence[TopologyEdge]) -> Iterator[TopologyNode]:
    """What names no zone itself is in those of the subnets that it uses."""
    zones = {node.id: node.zones for node in nodes if node.kind == "subnet"}
    used: dict[str, set[str]] = {}
    for edge in edges:
        used.setdefault(edge.source, set()).update(zones.get(edge.target, ()))
    for node in nodes:
        inferred = tuple(sorted(used.get(node.id, ())))
        yield replace(node, zones=inferred) if not node.zones and inferred else node
