"""What to do about drift: back to the spec, all of a stack or some of it. Called by the slices that keep specs.

Invariant: pure, and nothing is touched but what was asked for and what follows from making that anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skyclust.contract.resources import Graph, JsonObject
from skyclust.provisioning.drifting import drift_of
from skyclust.provisioning.planning import Kind, Plan, PriceOf, outputs_anew, plan_towards, restricted
from skyclust.provisioning.rows import MISSING, ResourceRow, State


@dataclass(frozen=True, slots=True)
class Found:
    """Something with a row's mark that nobody owns, to be given back to that row."""

    external_id: str
    fields: JsonObject


@dataclass(frozen=True, slots=True)
class Mend:
    """What a repair is about.

    keys    resources to bring to their specs; None = all that drifted
    found   what is given back, by key
    verb    "repair" or "adopt": the operation's kind after the dot
    event   the audit log's word for it, with `data`
    """

    keys: frozenset[str] | None = None
    found: Mapping[str, Found] = field(default_factory=dict)
    verb: str = "repair"
    event: str = "repair_requested"
    data: JsonObject = field(default_factory=dict)


def drifted_keys(rows: Sequence[ResourceRow]) -> frozenset[str]:
    """Keys of what a sweep found not to be as wanted, and that is ours to repair."""
    return frozenset(row.key for row in rows if drift_of(row) is not None and not row.adopted)


def plan_mend(
    graph: Graph, rows: Sequence[ResourceRow], mend: Mend, kind_of: Callable[[str], Kind], price_of: PriceOf
) -> Plan:
    """The plan of a repair. Other drift stays drift."""
    living = [row for row in rows if row.state is not State.GONE]
    keys = drifted_keys(living) if mend.keys is None else mend.keys
    seen = [_as_planned(row, keys, mend) for row in living]
    generations = tuple(sorted((row.key, row.generation) for row in living))
    return restricted(plan_towards(graph, seen, kind_of, price_of), keys, (mend.verb, generations))


def _as_planned(row: ResourceRow, keys: frozenset[str], mend: Mend) -> ResourceRow:
    found = mend.found.get(row.key)
    if found is not None:
        back = replace(taken_back(row, found), state=State.READY, observed_generation=0, fields=found.fields)
        return replace(back, outputs=outputs_anew(row.outputs))
    return row if row.key in keys else replace(row, recreate=False)


def has_place(row: ResourceRow) -> bool:
    """True for a row that has nothing in the cloud, and could take something with its mark back."""
    return row.state is not State.GONE and (row.external_id is None or row.reason == MISSING)


def taken_back(row: ResourceRow, found: Found) -> ResourceRow:
    """The row with what was found: looked at next, and brought to the spec where it differs."""
    return replace(
        row,
        external_id=found.external_id,
        state=State.SETTLING,
        outputs={},
        fields={},
        drift=None,
        reason="",
        message="",
        recreate=False,
        intent=None,
        attempts=0,
        created_at=None,
        action_started_at=None,
    )
