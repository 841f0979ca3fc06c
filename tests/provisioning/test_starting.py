"""What is written when an operation starts, is resumed or rolled back."""

from dataclasses import replace
from itertools import count
from uuid import UUID, uuid4

import pytest

from engine_values import STACK, creating, deleting, row
from skyclust.provisioning.planning import Verb, in_stages, plan_deletion
from skyclust.provisioning.rows import Desired, State
from skyclust.provisioning.starting import entered, lost, revived, rolled_back, start
from standing_stack import GRAPH, KINDS, PRICES, PROVIDER, SPEC, standing, towards, with_pool

OPERATION = UUID(int=9)
EARLIER = UUID(int=8)


def begin(plan, graph, rows):
    numbers = count(500)
    return start(plan, graph, rows, STACK.id, OPERATION, lambda: UUID(int=next(numbers)))


def test_a_new_stack_gets_a_planned_row_for_each_node():
    started = begin(towards(GRAPH, []), GRAPH, [])
    assert [written.key for written in started.rows] == [node.key for node in GRAPH]
    assert all(written.state is State.PLANNED and written.operation_id == OPERATION for written in started.rows)
    assert len({written.id for written in started.rows}) == len(GRAPH)
    assert set(started.undo.values()) == {None}, "a roll back removes all of it"
    assert started.moved - set(started.verbs) == {"leftovers"}, "it is moved, but is no step"


def test_a_change_touches_only_its_own_row_and_raises_its_generation():
    rows, graph = standing(), with_pool(node_count=5)
    started = begin(towards(graph, rows), graph, rows)
    assert [written.key for written in started.rows] == ["node-pool/default"]
    pool = started.rows[0]
    assert (pool.generation, pool.spec["node_count"], pool.state) == (2, 5, State.READY)
    assert started.verbs == {"node-pool/default": Verb.UPDATE}
    assert started.undo["node-pool/default"]["spec"]["node_count"] == 2


def test_a_replacement_begins_by_leaving():
    rows, graph = standing(), with_pool(machine_type="large")
    pool = begin(towards(graph, rows), graph, rows).rows[0]
    assert (pool.state, pool.generation) == (State.REPLACING, 1), "the generation rises when the old one is gone"
    assert pool.spec["machine_type"] == "large"


def test_a_deletion_wants_every_row_absent():
    rows = standing()
    started = begin(plan_deletion(rows, KINDS, PRICES), None, rows)
    assert {written.desired for written in started.rows} == {Desired.ABSENT}
    assert {written.id for written in started.rows} == {item.id for item in rows}


def test_a_planned_row_keeps_its_id_and_its_open_intent():
    rows = [row("role", kind="sim.role", state=State.BLOCKED, intent=creating(), attempts=5)]
    written = next(item for item in begin(towards(GRAPH, rows), GRAPH, rows).rows if item.key == "role")
    assert written.id == rows[0].id
    assert written.intent == creating(), "an earlier call may have been applied"
    assert (written.state, written.attempts) == (State.CREATING, 0)


class TestRevival:
    def test_a_stuck_row_becomes_what_it_was(self):
        stuck = {"state": State.BLOCKED, "attempts": 7, "reason": "InUse", "message": "m"}
        assert revived(row(**stuck)).state is State.PLANNED
        assert revived(row(**stuck, intent=creating())).state is State.CREATING
        assert revived(row(**stuck, external_id="x")).state is State.SETTLING
        assert revived(row(**stuck, external_id="x", desired=Desired.ABSENT)).state is State.DELETING
        assert revived(row(**stuck, external_id="x", recreate=True)).state is State.REPLACING
        assert revived(row(**stuck)).attempts == 0

    def test_a_row_that_is_not_stuck_is_left_alone(self):
        moving = row(state=State.SETTLING, external_id="x", attempts=3)
        assert revived(moving) == moving


def back_from(rows, undo):
    numbers = count(900)
    return rolled_back(rows, undo, OPERATION, lambda: UUID(int=next(numbers)))


def before(spec, *depends_on, moved=True):
    return {"spec": spec, "depends_on": list(depends_on), "moved": moved}


class TestRollBack:
    def test_what_the_operation_made_goes_and_what_it_changed_gets_its_old_spec(self):
        made = row("pool", number=1, state=State.READY, external_id="p", operation_id=EARLIER)
        changed = row("role", number=2, state=State.READY, external_id="r", spec={"n": 2}, operation_id=EARLIER)
        other = row("cluster", number=3, state=State.READY, external_id="c")
        back = {item.key: item for item in back_from([made, changed, other], {"pool": None, "role": before({"n": 1})})}
        assert set(back) == {"pool", "role"}
        assert back["pool"].desired is Desired.ABSENT
        assert (back["role"].spec, back["role"].generation) == ({"n": 1}, 2)
        assert {item.operation_id for item in back.values()} == {OPERATION}

    def test_what_a_cancelled_deletion_left_standing_is_wanted_again(self):
        standing_still = row("role", state=State.READY, external_id="r", desired=Desired.ABSENT)
        [back] = back_from([standing_still], {"role": before(standing_still.spec)})
        assert back.desired is Desired.PRESENT

    def test_what_was_never_made_is_given_up(self):
        [back] = back_from([row(state=State.FAILED)], {"network": None})
        assert (back.desired, back.state) == (Desired.ABSENT, State.PLANNED)

    def test_what_it_made_and_is_gone_stays_gone(self):
        assert back_from([row(state=State.GONE)], {"network": None}) == []

    def test_what_it_deleted_is_made_anew_in_a_row_of_its_own(self):
        first = row("pool", number=1, state=State.GONE, external_id="p1", spec={"n": 0})
        gone = row("pool", number=2, state=State.GONE, external_id="p2", spec={"n": 9}, fields={"n": 9})
        stands = row("network", number=3, state=State.READY, external_id="n", desired=Desired.ABSENT)
        undo = {"pool": before({"n": 1}, "network"), "network": before(stands.spec)}
        back = {item.key: item for item in back_from([first, gone, stands], undo)}
        pool = back["pool"]
        assert (pool.state, pool.desired, pool.external_id) == (State.PLANNED, Desired.PRESENT, None)
        assert (pool.spec, pool.depends_on, pool.fields) == ({"n": 1}, ("network",), {})
        assert pool.id not in (first.id, gone.id)
        assert back["network"].id == stands.id
        assert [item.id for item in lost([first, gone, stands], undo)] == [gone.id]

    def test_what_was_only_let_go_of_is_taken_up_again_where_it_stands(self):
        let_go = row(state=State.GONE, external_id="vpc-1", adopted=True)
        [back] = back_from([let_go], {"network": before(let_go.spec)})
        assert (back.state, back.external_id, back.adopted) == (State.SETTLING, "vpc-1", True)

    def test_what_is_being_deleted_is_looked_at_before_anything_is_made(self):
        leaving = row(state=State.DELETING, external_id="n", desired=Desired.ABSENT, intent=deleting())
        [back] = back_from([leaving], {"network": before(leaving.spec)})
        assert (back.state, back.desired, back.intent) == (State.SETTLING, Desired.PRESENT, leaving.intent)

    def test_a_replacement_that_has_only_begun_is_taken_back(self):
        leaving = row(state=State.REPLACING, external_id="n", spec={"n": 2})
        [back] = back_from([leaving], {"network": before({"n": 1})})
        assert (back.state, back.spec) == (State.SETTLING, {"n": 1})

    def test_what_did_not_change_and_is_ready_is_not_touched(self):
        assert back_from([row(state=State.READY, external_id="n")], {"network": before({"name": "network"})}) == []

    def test_a_blocked_deletion_can_be_taken_back(self):
        blocked = row(state=State.BLOCKED, external_id="n", desired=Desired.ABSENT, intent=deleting())
        [back] = back_from([blocked], {"network": before(blocked.spec)})
        assert back.desired is Desired.PRESENT
        assert back.state is not State.BLOCKED


def test_a_stage_is_entered_by_the_rows_it_changes_and_by_no_others():
    rows = [replace(item, drift={"kind": "changed"}) for item in standing()]
    after = PROVIDER.cluster_blueprint(replace(SPEC, version="1.34"))
    plan = in_stages(towards(with_pool(node_count=3), rows), [with_pool(node_count=3), after], KINDS, PRICES)
    begun = start(plan, with_pool(node_count=3), rows, STACK.id, UUID(int=7), uuid4)
    assert set(begun.verbs) == {"node-pool/default"}
    assert begun.undo["cluster"]["spec"]["version"] == "1.33", "a roll back knows of later stages, too"
    moved = {row.key: row for row in entered(rows, begun.stages[0], UUID(int=7))}
    assert set(moved) == {"cluster", "node-pool/default"}
    plane = moved["cluster"]
    assert (plane.spec["version"], plane.generation, plane.operation_id) == ("1.34", 2, UUID(int=7))
    assert (plane.observed_generation, plane.drift) == (1, None)


def test_an_operation_does_not_begin_with_a_stage_that_changes_nothing():
    plan = in_stages(towards(GRAPH, standing()), [GRAPH, with_pool(node_count=5)], KINDS, PRICES)
    with pytest.raises(ValueError, match="first stage"):
        start(plan, GRAPH, standing(), STACK.id, UUID(int=7), uuid4)
