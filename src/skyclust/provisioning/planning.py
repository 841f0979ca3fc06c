"""The difference between the graph that is wanted and the one that exists, with cost, duration and order.

Called by the slices before anything is written, and again (same result) when the plan is applied.
Invariant: pure. The digest covers everything a person decided on: what changes, in which stack, at which generation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from skyclust.contract.resources import (
    Change,
    Finding,
    Graph,
    JsonObject,
    Node,
    Price,
    digest,
    resolve,
    topological_order,
)
from skyclust.provisioning.rows import MISSING, Desired, ResourceRow, State


class Verb(StrEnum):
    """What the plan does with one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"  # adopted: observed, never changed
    KEEP = "keep"
    IMPORT = "import"  # exists: taken over as it is, gets our mark
    DRAIN = "drain"  # inside a cluster: made to go from a node; nothing of the cloud is touched
    FORGET = "forget"  # adopted or given back: no longer observed, stays in the cloud


#: Stands in plans for what the cloud will only tell when it is there.
MADE_ANEW = "(known once it is made anew)"
#: Verbs that become a step of the operation.
ACTING = frozenset(Verb) - {Verb.KEEP}


@dataclass(frozen=True, slots=True)
class Kind:
    """What planning must know of a kind: whether it creates something, how long it takes, what differs."""

    creates: bool
    expected_seconds: Callable[[str, JsonObject], float]
    differences: Callable[[ResourceRow, JsonObject], tuple[Change, ...]]


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One line of the plan. `usd_per_month` is what the line adds (negative on deletion)."""

    key: str
    kind: str
    title: str
    verb: Verb
    depends_on: tuple[str, ...]
    expected_seconds: float
    external_id: str | None = None
    changes: tuple[Change, ...] = ()
    usd_per_month: float = 0.0
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A further graph on the way, towards which the operation goes when all before it is done: changes in place only.

    `nodes` are those that it changes, as they are wanted then.
    """

    changes: tuple[PlannedChange, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All lines in the order of work, with sums and findings. `ok` is False when a finding forbids applying it.

    `silent` are new nodes that make nothing (sweeps): they get their row, but are shown when they do something: on
    deletion. `later` are the stages after the first, which is `changes`; the sums are of all of them.
    """

    changes: tuple[PlannedChange, ...]
    usd_per_month: float
    expected_seconds: float
    findings: tuple[Finding, ...]
    digest: str
    silent: tuple[PlannedChange, ...] = ()
    later: tuple[Stage, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing forbids applying the plan."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def empty(self) -> bool:
        """True when applying would do nothing."""
        return not self.later and all(change.verb is Verb.KEEP for change in self.changes)


PriceOf = Callable[[Node], tuple[float, Price] | None]


def plan_towards(
    graph: Graph,
    rows: Sequence[ResourceRow],
    kind_of: Callable[[str], Kind],
    price_of: PriceOf,
    findings: Iterable[Finding] = (),
) -> Plan:
    """Plan from `rows` (what exists or is being made) to `graph` (what is wanted)."""
    living = {row.key: row for row in rows if row.state is not State.GONE}
    outputs = {row.key: row.outputs for row in living.values()}
    nodes = {node.key: node for node in graph}
    lines: dict[str, PlannedChange] = {}
    for key in topological_order({node.key: node.depends_on for node in graph}):
        lines[key] = _wanted(nodes[key], living.get(key), outputs, kind_of(nodes[key].kind), price_of)
        if lines[key].verb is Verb.REPLACE:
            outputs[key] = outputs_anew(outputs[key])
    silent = tuple(lines[key] for key, node in nodes.items() if _is_silent(lines[key], kind_of(node.kind)))
    wanted = [lines[key] for key in nodes if lines[key] not in silent]
    keys = set(nodes)
    dropped = [_dropped(row, kind_of(row.kind), price_of) for row in living.values() if row.key not in keys]
    findings = (*findings, *_renewal_warnings(wanted))
    also = tuple(sorted((row.key, row.generation) for row in living.values()))
    plan = _plan([*wanted, *dropped], findings, also)
    return replace(plan, expected_seconds=critical_path_seconds([*wanted, *dropped, *silent]), silent=silent)


def in_stages(plan: Plan, graphs: Sequence[Graph], kind_of: Callable[[str], Kind], price_of: PriceOf) -> Plan:
    """`plan`, which leads to the first of the graphs, continued to each of the others.

    What comes later is told from the graphs alone, since nobody has seen it yet. Raises ValueError where a later graph
    does anything but change what the one before it has.
    """
    stages = tuple(_stage(before, after, kind_of, price_of) for before, after in pairwise(graphs))
    stages = tuple(stage for stage in stages if stage.nodes)
    if not stages:
        return plan
    lines = [line for stage in stages for line in stage.changes]
    seconds = sum(critical_path_seconds(stage.changes) for stage in stages)
    covered = [[line.key, [[change.field, change.after] for change in line.changes]] for line in lines]
    return replace(
        plan,
        later=stages,
        usd_per_month=round(plan.usd_per_month + sum(line.usd_per_month for line in lines), 2),
        expected_seconds=plan.expected_seconds + seconds,
        digest=digest([plan.digest, covered]),
    )


def _stage(before: Graph, after: Graph, kind_of: Callable[[str], Kind], price_of: PriceOf) -> Stage:
    known = {node.key: node for node in before}
    if known.keys() != {node.key for node in after} or any(known[node.key].kind != node.kind for node in after):
        raise ValueError("A later stage changes what there is: it neither makes nor deletes anything.")
    nodes = tuple(node for node in after if node.adopt_id is None and node.spec != known[node.key].spec)
    return Stage(tuple(_changed_later(known[node.key], node, kind_of(node.kind), price_of) for node in nodes), nodes)


def _changed_later(before: Node, after: Node, kind: Kind, price_of: PriceOf) -> PlannedChange:
    names = sorted(name for name in before.spec.keys() | after.spec.keys()
                   if before.spec.get(name) != after.spec.get(name))  # fmt: skip
    changes = tuple(Change(name, before.spec.get(name), after.spec.get(name)) for name in names)
    old, new = price_of(before), price_of(after)
    usd = (new[0] if new else 0.0) - (old[0] if old else 0.0)
    return PlannedChange(
        after.key, after.kind, after.title, Verb.UPDATE, after.depends_on, kind.expected_seconds("update", after.spec),
        None, changes, usd, new[1] if new else None,
    )  # fmt: skip


def _is_silent(line: PlannedChange, kind: Kind) -> bool:
    return line.verb is Verb.CREATE and not kind.creates


def plan_deletion(
    rows: Sequence[ResourceRow],
    kind_of: Callable[[str], Kind],
    price_of: PriceOf,
    findings: Iterable[Finding] = (),
    also: object = None,
) -> Plan:
    """Plan to remove every row. `also` is whatever else the digest must cover (the inventory of the network)."""
    living = [row for row in rows if row.state is not State.GONE]
    return _plan([_dropped(row, kind_of(row.kind), price_of) for row in living], findings, also)


def plan_release(rows: Sequence[ResourceRow], findings: Iterable[Finding] = ()) -> Plan:
    """Plan to forget every row; what is in the cloud stays, without our mark."""
    living = [row for row in rows if row.state is not State.GONE]
    return _plan([_forgotten(row) for row in living], findings, "release")


def plan_import(
    graph: Graph, ids: Mapping[str, str], rows: Sequence[ResourceRow] = (), findings: Iterable[Finding] = ()
) -> Plan:
    """Plan to take over what exists as `ids` (by key). What the graph adopts is observed, as ever.

    `rows` are those of the stack when it was only observed so far; what the graph no longer holds is forgotten.
    """
    keys = {node.key for node in graph}
    dropped = [_forgotten(row) for row in rows if row.state is not State.GONE and row.key not in keys]
    return _plan([*(_imported(node, ids) for node in graph), *dropped], findings, "import")


def _imported(node: Node, ids: Mapping[str, str]) -> PlannedChange:
    """A node that is neither adopted nor known is a step that makes nothing (a sweep); it comes along."""
    verb = Verb.READ if node.adopt_id is not None else Verb.IMPORT
    return PlannedChange(
        node.key, node.kind, node.title, verb, node.depends_on, 0.0, node.adopt_id or ids.get(node.key)
    )


def critical_path_seconds(changes: Iterable[PlannedChange]) -> float:
    """Length of the longest chain: dependencies first for what is made, dependents first for what is deleted."""
    lines = {change.key: change for change in changes}
    ends: dict[str, float] = {}

    def end(key: str) -> float:
        if key not in ends:
            line = lines[key]
            if line.verb is Verb.DELETE:
                deleted = [other for other in lines.values() if other.verb is Verb.DELETE]
                before = [other.key for other in deleted if key in other.depends_on]
            else:
                before = [need for need in line.depends_on if need in lines and lines[need].verb is not Verb.DELETE]
            ends[key] = line.expected_seconds + max((end(need) for need in before), default=0.0)
        return ends[key]

    return max((end(key) for key in lines), default=0.0)


def _wanted(
    node: Node, row: ResourceRow | None, outputs: Mapping[str, JsonObject], kind: Kind, price_of: PriceOf
) -> PlannedChange:
    if row is None or row.external_id is None or row.state is State.PLANNED:
        return _new(node, kind, price_of)
    changes: tuple[Change, ...] = ()
    if node.adopt_id is None:
        spec = resolve_known(node.spec, outputs)
        changes = kind.differences(row, spec) if spec is not None else ()
        if spec is None or (not changes and node.spec != row.spec and kind.creates):
            changes = changes or (Change("spec", row.spec, node.spec),)
    settled = row.state is State.READY and row.observed_generation == row.generation
    unfinished = not settled or row.desired is Desired.ABSENT
    verb = Verb.UPDATE if changes or unfinished else Verb.KEEP
    if node.adopt_id is not None and unfinished:
        verb = Verb.READ
    if node.adopt_id is None and (
        row.recreate or any(change.replace and not _is_unknown(change) for change in changes)
    ):
        verb = Verb.REPLACE
    removal = 0.0 if row.reason == MISSING else kind.expected_seconds("delete", node.spec)
    seconds = {Verb.KEEP: 0.0, Verb.READ: 0.0, Verb.UPDATE: kind.expected_seconds("update", node.spec)}.get(
        verb, removal + kind.expected_seconds("create", node.spec)
    )
    usd, price = _delta(node, row, price_of) if verb is not Verb.KEEP else (0.0, None)
    return PlannedChange(
        node.key, node.kind, node.title, verb, node.depends_on, seconds, row.external_id, changes, usd, price
    )


def _delta(node: Node, row: ResourceRow, price_of: PriceOf) -> tuple[float, Price | None]:
    after = price_of(node)
    before = price_of(Node(row.key, row.kind, row.title, row.spec)) if row.reason != MISSING else None
    return (after[0] if after else 0.0) - (before[0] if before else 0.0), after[1] if after else None


def outputs_anew(outputs: JsonObject) -> JsonObject:
    """What others can know of a resource that is to be made anew: that it will be something else."""
    return {name: [MADE_ANEW] if isinstance(value, list) else MADE_ANEW for name, value in outputs.items()}


def follows_renewal(line: PlannedChange) -> bool:
    """True for a line that is there because something it refers to is made anew."""
    return any(_is_unknown(change) for change in line.changes)


def _is_unknown(change: Change) -> bool:
    return MADE_ANEW in json.dumps(change.after, default=str)


def _renewal_warnings(lines: Iterable[PlannedChange]) -> list[Finding]:
    """What may have to be made anew itself: nobody knows before the cloud has given what it refers to its new id."""
    return [
        Finding(
            "warning", "",
            f"{line.title} refers to something that is made anew. If the cloud gives that another id, it is made anew "
            f"as well: {change.field} cannot be changed in place.", "may-be-replaced",
        )
        for line in lines
        for change in line.changes
        if change.replace and _is_unknown(change) and line.verb is not Verb.REPLACE
    ]  # fmt: skip


def resolve_known(spec: JsonObject, outputs: Mapping[str, JsonObject]) -> JsonObject | None:
    """The spec with references replaced, or None when something it refers to is not known yet."""
    try:
        resolved: JsonObject = resolve(spec, outputs)
    except KeyError:
        return None
    return resolved


def _new(node: Node, kind: Kind, price_of: PriceOf) -> PlannedChange:
    if node.adopt_id is not None:
        return PlannedChange(node.key, node.kind, node.title, Verb.READ, node.depends_on, 0.0, node.adopt_id)
    price = price_of(node)
    seconds = kind.expected_seconds("create", node.spec) if kind.creates else 0.0
    verb = Verb.CREATE
    usd, source = price or (0.0, None)
    return PlannedChange(node.key, node.kind, node.title, verb, node.depends_on, seconds, None, (), usd, source)


def _dropped(row: ResourceRow, kind: Kind, price_of: PriceOf) -> PlannedChange:
    if row.adopted or row.unmarked:  # what never carried our mark is not ours to delete
        return _forgotten(row)
    exists = row.external_id is not None
    price = price_of(Node(row.key, row.kind, row.title, row.spec)) if exists else None
    seconds = kind.expected_seconds("delete", row.spec) if exists else 0.0
    usd, source = (-price[0], price[1]) if price else (0.0, None)
    return PlannedChange(
        row.key, row.kind, row.title, Verb.DELETE, row.depends_on, seconds, row.external_id, (), usd, source
    )


def _forgotten(row: ResourceRow) -> PlannedChange:
    return PlannedChange(row.key, row.kind, row.title, Verb.FORGET, row.depends_on, 0.0, row.external_id)


def _plan(lines: Sequence[PlannedChange], findings: Iterable[Finding], also: object) -> Plan:
    found = tuple(findings)
    covered = [
        [line.key, line.kind, line.verb, line.external_id, [[c.field, c.before, c.after] for c in line.changes]]
        for line in lines
    ]
    total = round(sum(line.usd_per_month for line in lines), 2)
    return Plan(tuple(lines), total, critical_path_seconds(lines), found, digest([covered, also]))


def restricted(plan: Plan, keys: Collection[str], also: object = None) -> Plan:
    """The plan with these keys only, and what follows from making them anew; everything else is kept as it is."""
    lines = [line if line.key in keys or follows_renewal(line) else _kept(line) for line in plan.changes]
    return _plan(lines, plan.findings, also)


def _kept(line: PlannedChange) -> PlannedChange:
    return replace(line, verb=Verb.KEEP, expected_seconds=0.0, changes=(), usd_per_month=0.0, price=None)


def desired_of(verb: Verb) -> Desired:
    """The desired state a line gives its row."""
    return Desired.ABSENT if verb in (Verb.DELETE, Verb.FORGET, Verb.DRAIN) else Desired.PRESENT
