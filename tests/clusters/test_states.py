"""What rows and the running operation say about a cluster, as a table; and that the words are those of the schema."""

from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest

from skyclust.clusters.schemas import ClusterState
from skyclust.clusters.states import cluster_conditions, cluster_state, plane_outputs, pool_row, pool_state
from skyclust.networks.schemas import NetworkState
from skyclust.networks.states import network_state, part_state
from skyclust.provisioning.rows import Desired, ResourceRow, State

READY = ResourceRow(
    id=UUID(int=1), stack_id=UUID(int=2), key="cluster", kind="k", title="control plane", spec={}, depends_on=(),
    state=State.READY, external_id="c-1", outputs={"id": "c-1", "endpoint": "https://c"}, observed_generation=1,
)  # fmt: skip
POOL = replace(READY, key="node-pool/default", title="node pool default", outputs={"id": "p-1"}, external_id="p-1")
GONE = replace(READY, state=State.GONE)
NEW = replace(READY, state=State.PLANNED, external_id=None, observed_generation=0)
GOING = replace(READY, desired=Desired.ABSENT)
BLOCKED = replace(POOL, state=State.BLOCKED, reason="QuotaExceeded", message="no more machines")
MISSING = replace(POOL, state=State.FAILED, reason="Missing", message="deleted by somebody")
UNWELL = replace(POOL, reason="Unhealthy", message="two nodes do not answer")

TABLE = [
    ([READY, POOL], None, "ready"),
    ([READY, UNWELL], None, "degraded"),
    ([NEW], "cluster.create", "provisioning"),
    ([READY, BLOCKED], "cluster.create", "provisioning"),
    ([READY, BLOCKED], None, "needs_attention"),
    ([READY, MISSING], None, "drifted"),
    ([READY, MISSING, BLOCKED], None, "needs_attention"),
    ([READY, NEW], None, "needs_attention"),
    ([READY, POOL], "node_pool.scale", "updating"),
    ([READY, POOL], "cluster.update", "updating"),
    ([READY, POOL], "node_pool.create.rollback", "updating"),
    ([GOING, POOL], "cluster.delete", "deleting"),
    ([READY, POOL], "cluster.create.rollback", "deleting"),
    ([GOING, POOL], None, "needs_attention"),
    ([GONE, READY, POOL], None, "ready"),
    ([GONE], None, "deleted"),
]


@pytest.mark.parametrize(("rows", "running", "state"), TABLE)
def test_the_state_follows_from_rows_and_the_running_operation(rows, running, state):
    assert cluster_state(rows, running) == state
    assert state in get_args(ClusterState)


def test_conditions_name_what_is_in_trouble():
    conditions = {item.type: item for item in cluster_conditions([READY, BLOCKED], "needs_attention")}
    assert conditions["Ready"].status == "False"
    assert conditions["Ready"].reason == "NeedsAttention"
    assert "no more machines" in conditions["Ready"].message
    assert conditions["ControlPlaneReady"].status == "True"
    assert conditions["NodePoolsReady"].reason == "QuotaExceeded"
    assert conditions["node-pool/default:blocked"].message == "no more machines"


def test_conditions_of_a_ready_cluster_are_all_true():
    assert {item.status for item in cluster_conditions([READY, POOL], "ready")} == {"True"}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (None, "provisioning"),
        (replace(POOL, state=State.PLANNED, observed_generation=0), "provisioning"),
        (replace(POOL, state=State.SETTLING, observed_generation=0), "provisioning"),
        (POOL, "ready"),
        (replace(POOL, generation=2), "updating"),
        (replace(POOL, state=State.UPDATING, generation=2), "updating"),
        (replace(POOL, state=State.DELETING, desired=Desired.ABSENT), "deleting"),
        (BLOCKED, "needs_attention"),
        (MISSING, "drifted"),
        (replace(POOL, state=State.GONE), "deleted"),
    ],
)
def test_a_pool_has_a_state_of_its_own(row, state):
    assert pool_state(row) == state


def test_the_living_row_of_a_pool_counts_not_an_earlier_one():
    old = replace(POOL, state=State.GONE)
    assert pool_row([old, POOL], "default") is POOL
    assert pool_row([old], "default") is old
    assert pool_row([old], "other") is None


def test_a_control_plane_is_reached_once_it_has_been_ready():
    assert plane_outputs([NEW]) is None
    assert plane_outputs([READY, POOL]) == READY.outputs
    assert plane_outputs([replace(READY, state=State.UPDATING)]) == READY.outputs
    assert plane_outputs([GOING]) is None
    assert plane_outputs([replace(READY, state=State.FAILED, reason="Missing")]) is None


NETWORK = replace(READY, key="network")


@pytest.mark.parametrize(
    ("rows", "running", "state"),
    [
        ([NETWORK], None, "ready"),
        ([NETWORK], "network.create", "provisioning"),
        ([NETWORK], "cluster.create", "provisioning"),
        ([NETWORK], "subnet.create", "updating"),
        ([NETWORK], "network.delete", "deleting"),
        ([NETWORK], "network.create.rollback", "deleting"),
        ([NETWORK, MISSING], None, "drifted"),
        ([NETWORK, BLOCKED], None, "needs_attention"),
        ([replace(NETWORK, desired=Desired.ABSENT)], None, "needs_attention"),
        ([replace(NETWORK, state=State.GONE)], None, "deleted"),
    ],
)
def test_a_network_has_a_state_of_its_own(rows, running, state):
    assert network_state(rows, running) == state
    assert state in get_args(NetworkState)


def test_a_part_of_a_network_is_as_far_as_all_its_rows():
    assert part_state([]) == "provisioning"
    assert part_state([POOL, POOL]) == "ready"
    assert part_state([POOL, replace(POOL, generation=2)]) == "updating"
    assert part_state([NEW]) == "provisioning"
    assert part_state([POOL, replace(POOL, desired=Desired.ABSENT)]) == "deleting"
    assert part_state([POOL, BLOCKED]) == "needs_attention"
