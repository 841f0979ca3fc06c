"""What the rows of a stack and its running operation say about a network and what is in it. Called by every read.

Invariant: pure, and nobody writes a state down.
"""

from __future__ import annotations

from collections.abc import Sequence

from skyclust.provisioning.rows import STUCK, Desired, ResourceRow, State

NETWORK = "network"
SUBNET_PREFIX = "subnet/"
GROUP_PREFIX = "security-group/"
PEERING_PREFIX = "peering/"
_DRIFT = ("Missing", "Drifted")
#: Networks made with a cluster live in its stack and are moved by its operations.
_WHILE = {
    "network.create": "provisioning",
    "network.create.rollback": "deleting",
    "network.delete": "deleting",
    "cluster.create": "provisioning",
    "cluster.create.rollback": "deleting",
    "cluster.delete": "deleting",
}


def network_state(rows: Sequence[ResourceRow], running: str | None) -> str:
    """The network's state. `running` is the kind of the operation under way ("network.create"), if any."""
    present = [row for row in rows if row.state is not State.GONE]
    if running is not None:
        return _WHILE.get(running, "updating")
    if not present:
        return "deleted"
    if any(row.reason in _DRIFT for row in present) and not any(_stuck(row) for row in present):
        return "drifted"
    if any(row.state is not State.READY or row.desired is Desired.ABSENT for row in present):
        return "needs_attention"
    return "ready"


def _stuck(row: ResourceRow) -> bool:
    return row.state in STUCK and row.reason not in _DRIFT


def part_state(rows: Sequence[ResourceRow]) -> str:
    """The state of a subnet, group or peering, which may consist of several rows."""
    present = [row for row in rows if row.state is not State.GONE]
    if not present:
        return "provisioning" if not rows else "deleted"
    if any(row.state in STUCK for row in present):
        return "needs_attention"
    if any(row.desired is Desired.ABSENT for row in present):
        return "deleting"
    if any(row.reason in _DRIFT for row in present):
        return "drifted"
    if all(row.state is State.READY and row.observed_generation == row.generation for row in present):
        return "ready"
    return "updating" if any(row.observed_generation for row in present) else "provisioning"


def part_rows(rows: Sequence[ResourceRow], key: str) -> list[ResourceRow]:
    """Living rows of one part: the key itself and keys below it."""
    return [row for row in rows if row.state is not State.GONE and (row.key == key or row.key.startswith(key + "/"))]


def cloud_id(rows: Sequence[ResourceRow]) -> str | None:
    """The network's id in the cloud, as soon as there is one."""
    return next((row.external_id for row in rows if row.key == NETWORK and row.state is not State.GONE), None)


def subnet_rows(rows: Sequence[ResourceRow]) -> list[ResourceRow]:
    """Living rows of subnets."""
    return [row for row in rows if row.key.startswith(SUBNET_PREFIX) and row.state is not State.GONE]


def first_trouble(rows: Sequence[ResourceRow]) -> str:
    """What stands in the way, in a sentence; empty when nothing does."""
    for row in rows:
        if row.state in STUCK and row.message:
            return f"{row.title}: {row.message}"
    return ""
