"""What a look at a settled resource says, and which resources nobody owns: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from skyclust.contract.resources import Change, Graph, Node, Observed, Phase
from skyclust.contract.surveys import Ownership, Sighting
from skyclust.provisioning.drifting import (
    UNDECIDED,
    Drift,
    DriftKind,
    accepting,
    compare,
    drift_of,
    is_settled,
    told,
    unaccepted,
)
from skyclust.provisioning.orphans import Books, KnownStack, find_orphans
from skyclust.provisioning.planning import MADE_ANEW, Kind, Verb, follows_renewal, plan_towards
from skyclust.provisioning.repairing import Found, Mend, plan_mend, taken_back
from skyclust.provisioning.rows import Desired, Intent, ResourceRow, StackRef, State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STACK = StackRef(UUID(int=1), UUID(int=2), UUID(int=3), "sim", "here", "one")
SIZE = Change("size", 7, 2)
SHAPE = Change("shape", "b", "a", replace=True)


def row(key="pool", **values):
    known = {
        "state": State.READY, "external_id": f"{key}-1", "observed_generation": 1, "outputs": {"id": f"{key}-1"},
        "fields": {"size": 2}, "kind": "sim.thing", "spec": {"size": 2}, "depends_on": (),
    }  # fmt: skip
    return ResourceRow(id=uuid4(), stack_id=STACK.id, key=key, title=key, **(known | values))


def seen(phase=Phase.READY, **fields):
    return Observed("pool-1", phase, {"id": "pool-1"}, fields)


class TestVerdicts:
    def test_what_is_as_wanted_is_no_drift(self):
        assert compare(row(), seen(size=2), (), NOON) is None

    def test_what_is_gone_or_going_is_missing(self):
        assert compare(row(), None, (), NOON).kind is DriftKind.MISSING
        assert compare(row(), seen(Phase.DELETING), (), NOON).kind is DriftKind.MISSING

    def test_what_is_changing_is_not_judged(self):
        assert compare(row(), seen(Phase.SETTLING, size=9), (SIZE,), NOON) is UNDECIDED

    def test_what_was_never_ours_is_judged_by_its_presence_only(self):
        adopted = row(adopted=True)
        assert compare(adopted, seen(size=9), (SIZE,), NOON) is None
        assert compare(adopted, seen(Phase.FAILED), (), NOON) is None
        missing = compare(adopted, None, (), NOON)
        assert told(adopted, missing, None).recreate is False

    def test_it_is_known_since_it_was_first_seen(self):
        first = compare(row(), seen(size=7), (SIZE,), NOON)
        remembering = told(row(), first, seen(size=7))
        again = compare(remembering, seen(size=7), (SIZE,), NOON + timedelta(minutes=5))
        assert again.since == NOON
        assert again.same_as(first)
        gone = compare(remembering, None, (), NOON + timedelta(minutes=5))
        assert gone.since == NOON + timedelta(minutes=5)

    def test_a_row_tells_what_was_seen_and_forgets_it_again(self):
        wanted = row()
        drifted = told(wanted, compare(wanted, seen(size=7), (SIZE,), NOON), seen(size=7))
        assert (drifted.reason, drifted.fields, drifted.recreate) == ("Drifted", {"size": 7}, False)
        assert told(drifted, None, seen(size=2)) == wanted
        missing = told(wanted, compare(wanted, None, (), NOON), None)
        assert (missing.reason, missing.recreate) == ("Missing", True)
        assert drift_of(missing) == Drift.from_json(missing.drift)

    @pytest.mark.parametrize(
        "unsettled",
        [{"state": State.UPDATING}, {"generation": 2}, {"desired": Desired.ABSENT}, {"external_id": None}],
    )
    def test_only_what_is_settled_is_looked_at(self, unsettled):
        assert is_settled(row())
        assert not is_settled(row(**unsettled))


class TestAcceptance:
    def test_an_accepted_difference_is_none_while_both_sides_are_as_they_were(self):
        changed = told(row(), compare(row(), seen(size=7), (SIZE,), NOON), seen(size=7))
        accepted = accepting(changed)
        assert unaccepted([SIZE, SHAPE], accepted) == (SHAPE,)
        assert unaccepted([Change("size", 8, 2)], accepted) == (Change("size", 8, 2),)
        assert unaccepted([Change("size", 7, 3)], accepted) == (Change("size", 7, 3),)

    def test_values_that_json_writes_otherwise_compare_as_written(self):
        change = Change("zones", ("a", "b"), ("a",))
        changed = told(row(), compare(row(), seen(), (change,), NOON), seen())
        assert unaccepted([change], accepting(changed)) == ()


class TestRepairs:
    NODES = Graph((
        Node("role", "sim.thing", "role", {"size": 1}),
        Node("pool", "sim.thing", "pool", {"role": {"$ref": ["role", "id"]}, "size": 2}),
    ))  # fmt: skip

    @staticmethod
    def kind(_name):
        def differences(of, spec):
            fixed = {"role"}
            return tuple(
                Change(name, of.fields.get(name), value, replace=name in fixed)
                for name, value in spec.items()
                if of.fields.get(name) != value
            )

        return Kind(True, lambda _action, _spec: 1.0, differences)

    def rows(self, **role):
        role = row("role", spec={"size": 1}, fields={"size": 1}, **role)
        pool = row(spec=self.NODES["pool"].spec, depends_on=("role",), fields={"role": "role-1", "size": 2})
        return role, pool

    def plan(self, rows, mend=None):
        return plan_mend(self.NODES, rows, mend or Mend(), self.kind, lambda _node: None)

    def test_what_refers_to_something_made_anew_is_in_the_plan_with_a_warning_and_is_not_replaced_on_suspicion(self):
        role, pool = self.rows()
        plan = self.plan([told(role, compare(role, None, (), NOON), None), pool])
        lines = {line.key: line for line in plan.changes}
        assert (lines["role"].verb, lines["pool"].verb) == (Verb.REPLACE, Verb.UPDATE)
        assert follows_renewal(lines["pool"])
        assert [change.after for change in lines["pool"].changes] == [MADE_ANEW]
        assert [finding.code for finding in plan.findings] == ["may-be-replaced"]

    def test_a_plan_for_one_resource_leaves_the_others_drift_alone(self):
        role, pool = self.rows()
        role = told(role, compare(role, None, (), NOON), None)
        pool = told(pool, compare(pool, seen(size=7), (SIZE,), NOON), seen(role="role-1", size=7))
        only_pool = self.plan([role, pool], Mend(frozenset({"pool"})))
        assert {line.key: line.verb for line in only_pool.changes} == {"role": Verb.KEEP, "pool": Verb.UPDATE}
        both = self.plan([role, pool])
        assert {line.key: line.verb for line in both.changes} == {"role": Verb.REPLACE, "pool": Verb.UPDATE}
        assert only_pool.digest != both.digest

    def test_nothing_drifted_is_nothing_to_do(self):
        assert self.plan(self.rows()).empty

    def test_what_is_taken_back_is_looked_at_and_its_users_wait_for_it(self):
        role, pool = self.rows()
        role = told(role, compare(role, None, (), NOON), None)
        found = Found("role-9", {"size": 4})
        back = taken_back(role, found)
        assert (back.state, back.external_id, back.outputs, back.drift) == (State.SETTLING, "role-9", {}, None)
        plan = self.plan([role, pool], Mend(frozenset({"role"}), {"role": found}, "adopt"))
        lines = {line.key: line for line in plan.changes}
        assert [(change.field, change.before, change.after) for change in lines["role"].changes] == [("size", 4, 1)]
        assert lines["pool"].verb is Verb.UPDATE

    def test_a_plan_of_the_whole_is_the_same_without_drift(self):
        plan = plan_towards(self.NODES, self.rows(), self.kind, lambda _node: None)
        assert plan.empty


class TestOrphans:
    def judge(self, *sightings, rows=(), busy=False, region="here"):
        books = Books(rows, {STACK.id: KnownStack(STACK, busy)})
        return find_orphans(sightings, books, STACK.credential_id, region)

    def sighting(self, external_id="x-1", resource=None, stack=STACK.id):
        owner = Ownership(resource or uuid4(), stack, "tag")
        return Sighting("sim.thing", external_id, "x", owner, seen(size=3))

    def test_what_no_row_owns_is_one(self):
        [found] = self.judge(self.sighting()).orphans
        assert (found.stack, found.row, found.spec) == (STACK, None, {"size": 3})

    def test_what_a_living_row_owns_is_none_but_what_a_gone_one_left_is(self):
        owner = row()
        mine = self.sighting(owner.external_id, owner.id)
        assert self.judge(mine, rows=[owner]).orphans == ()
        [found] = self.judge(mine, rows=[replace(owner, state=State.GONE)]).orphans
        assert (found.row.id, found.spec) == (owner.id, owner.spec)

    def test_a_second_one_with_a_living_rows_mark_is_one(self):
        owner = row()
        [found] = self.judge(self.sighting("x-2", owner.id), rows=[owner]).orphans
        assert found.sighting.external_id == "x-2"

    def test_what_carries_no_mark_is_nobodys_business(self):
        assert self.judge(replace(self.sighting(), owner=None)).orphans == ()

    def test_what_somebody_may_still_take_over_is_not_judged(self):
        intent = Intent("create", 1, NOON)
        looking = row(external_id=None, state=State.FAILED, intent=intent)
        doubtful = self.judge(self.sighting(resource=looking.id), rows=[looking])
        assert (doubtful.orphans, doubtful.undecided) == ((), {("sim.thing", "x-1")})
        assert self.judge(self.sighting(), busy=True).undecided == {("sim.thing", "x-1")}
        certain = replace(looking, intent=None)
        assert len(self.judge(self.sighting(resource=looking.id), rows=[certain]).orphans) == 1

    def test_what_another_sweep_judges_is_left_to_it(self):
        judged = self.judge(self.sighting(), region="elsewhere")
        assert (judged.orphans, judged.undecided) == ((), frozenset())

    def test_the_mark_of_an_unknown_stack_proves_nothing(self):
        [found] = self.judge(self.sighting(stack=uuid4())).orphans
        assert found.stack is None

    def test_a_mark_without_room_for_the_stack_is_known_by_its_resource(self):
        gone = row(state=State.GONE)
        [found] = self.judge(self.sighting("x-2", gone.id, None), rows=[gone]).orphans
        assert found.stack == STACK
