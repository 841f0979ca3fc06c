"""The plan: what differs, in which order, how long, at what cost, under which digest."""

from dataclasses import replace

import pytest

from engine_values import row
from skyclust.contract.resources import Finding, Graph, Node, ref
from skyclust.contract.specs import AutoScaling
from skyclust.provisioning.planning import Verb, critical_path_seconds, in_stages, plan_deletion
from skyclust.provisioning.rows import Desired, State
from standing_stack import GRAPH, KINDS, POOL, PRICES, PROVIDER, SPEC, standing, towards, with_pool


def verbs(plan):
    return {line.key: line.verb for line in plan.changes if line.verb is not Verb.KEEP}


def test_an_empty_stack_gets_everything_created():
    plan = towards(GRAPH, [])
    assert set(verbs(plan)) == {node.key for node in GRAPH} - {"leftovers"}
    assert [line.key for line in plan.silent] == ["leftovers"], "what makes nothing is shown when it goes"
    assert set(verbs(plan).values()) == {Verb.CREATE}
    assert plan.usd_per_month == pytest.approx((0.10 + 0.05 + 2 * 0.10) * 730)


def test_the_expected_duration_is_the_critical_path():
    # network 12 -> subnet 2 -> gateway 106 -> cluster 617 -> pool 119
    assert towards(GRAPH, []).expected_seconds == 12 + 2 + 106 + 617 + 119
    # pool 252, cluster 204, (leftovers 5 beside) gateway 60, subnet 1, network 2
    assert plan_deletion(standing(), KINDS, PRICES).expected_seconds == 252 + 204 + 60 + 1 + 2
    assert critical_path_seconds([]) == 0


def test_a_second_plan_is_empty():
    plan = towards(GRAPH, standing())
    assert plan.empty
    assert plan.usd_per_month == 0
    assert plan.expected_seconds == 0


def test_a_changed_field_is_updated_in_place_with_its_price():
    plan = towards(with_pool(node_count=5), standing())
    assert verbs(plan) == {"node-pool/default": Verb.UPDATE}
    assert plan.usd_per_month == pytest.approx(3 * 0.10 * 730)
    change = next(line for line in plan.changes if line.verb is Verb.UPDATE).changes[0]
    assert (change.field, change.before, change.after) == ("node_count", 2, 5)


def test_what_the_cloud_cannot_change_is_replaced():
    plan = towards(with_pool(machine_type="large"), standing())
    assert verbs(plan) == {"node-pool/default": Verb.REPLACE}
    assert plan.expected_seconds == 252 + 119


def test_the_size_that_an_autoscaler_owns_is_no_difference():
    scaled = with_pool(auto_scaling=AutoScaling(1, 9))
    rows = [
        replace(item, spec=scaled[item.key].spec, fields={**item.fields, "node_count": 7, "auto_scaling": {"min": 1, "max": 9}})
        if item.key == "node-pool/default" else item
        for item in standing()
    ]  # fmt: skip
    assert towards(scaled, rows).empty


def test_what_is_no_longer_wanted_is_deleted_and_what_is_new_created():
    other = PROVIDER.cluster_blueprint(replace(SPEC, node_pools=(replace(POOL, name="other"),)))
    assert verbs(towards(other, standing())) == {"node-pool/default": Verb.DELETE, "node-pool/other": Verb.CREATE}


def test_adopted_resources_are_read_and_at_the_end_forgotten():
    graph = Graph((Node("network", "sim.network", "theirs", {"name": ""}, adopt_id="net-9"),))
    assert verbs(towards(graph, [])) == {"network": Verb.READ}
    known = [row(adopted=True, state=State.READY, external_id="net-9", observed_generation=1, spec={"name": ""})]
    assert towards(graph, known).empty
    assert verbs(plan_deletion(known, KINDS, PRICES)) == {"network": Verb.FORGET}


def test_a_row_that_never_settled_is_taken_up_again_although_nothing_differs():
    rows = [replace(item, state=State.SETTLING) if item.key == "cluster" else item for item in standing()]
    assert verbs(towards(GRAPH, rows)) == {"cluster": Verb.UPDATE}


def test_a_row_left_over_from_a_cancelled_deletion_is_wanted_again():
    rows = [replace(item, desired=Desired.ABSENT) if item.key == "role" else item for item in standing()]
    assert verbs(towards(GRAPH, rows)) == {"role": Verb.UPDATE}


def test_what_vanished_is_replaced():
    rows = [replace(item, state=State.FAILED, recreate=True) if item.key == "role" else item for item in standing()]
    assert verbs(towards(GRAPH, rows)) == {"role": Verb.REPLACE}


def test_what_was_planned_but_never_made_costs_nothing_to_delete():
    plan = plan_deletion([row("cluster", kind="sim.cluster")], KINDS, PRICES)
    assert verbs(plan) == {"cluster": Verb.DELETE}
    assert (plan.usd_per_month, plan.expected_seconds) == (0, 0)


def test_a_spec_whose_references_are_not_known_yet_counts_as_changed():
    graph = Graph((Node("a", "sim.network", "a", {"name": "a"}), Node("b", "sim.subnet", "b", {"network": ref("a")})))
    rows = [
        row(
            "b", kind="sim.subnet", spec={"network": "old"}, state=State.READY, external_id="b-1", observed_generation=1
        )
    ]
    assert verbs(towards(graph, rows)) == {"a": Verb.CREATE, "b": Verb.UPDATE}


class TestDigest:
    def test_the_same_plan_has_the_same_digest(self):
        assert towards(GRAPH, standing()).digest == towards(GRAPH, standing()).digest

    def test_another_change_another_generation_or_another_inventory_changes_it(self):
        rows = standing()
        newer = [replace(rows[0], generation=2, observed_generation=2), *rows[1:]]
        digests = {
            towards(GRAPH, rows).digest,
            towards(GRAPH, newer).digest,
            towards(with_pool(node_count=3), rows).digest,
            towards(with_pool(node_count=4), rows).digest,
            plan_deletion(rows, KINDS, PRICES).digest,
            plan_deletion(rows, KINDS, PRICES, also=["eni-1"]).digest,
        }
        assert len(digests) == 6

    def test_an_error_among_the_findings_forbids_the_plan(self):
        assert towards(GRAPH, [], findings=[Finding("warning", "/name", "odd")]).ok
        assert not towards(GRAPH, [], findings=[Finding("error", "/name", "bad")]).ok


def versions(*names):
    return [PROVIDER.cluster_blueprint(replace(SPEC, version=name)) for name in names]


def test_a_plan_in_stages_shows_every_stage_with_the_sums_of_all():
    first = towards(versions("1.34")[0], standing())
    plan = in_stages(first, versions("1.34", "1.35", "1.36"), KINDS, PRICES)
    assert plan.changes == first.changes
    told = [[(line.key, change.field, change.after) for line in stage.changes for change in line.changes]
            for stage in plan.later]  # fmt: skip
    assert told == [[("cluster", "version", "1.35")], [("cluster", "version", "1.36")]]
    assert plan.expected_seconds == 3 * first.expected_seconds > 0
    shorter = in_stages(first, versions("1.34", "1.35"), KINDS, PRICES)
    assert len({first.digest, shorter.digest, plan.digest}) == 3
    assert in_stages(first, versions("1.34"), KINDS, PRICES) == first
    assert in_stages(first, versions("1.34", "1.34"), KINDS, PRICES) == first, "a stage that changes nothing is none"


def test_a_later_stage_costs_what_it_changes():
    bigger = with_pool(node_count=5)
    plan = in_stages(towards(GRAPH, standing()), [GRAPH, bigger], KINDS, PRICES)
    assert plan.usd_per_month == pytest.approx(3 * 0.10 * 730)
    assert not plan.empty


def test_a_later_stage_neither_makes_nor_deletes():
    with pytest.raises(ValueError, match="changes what there is"):
        in_stages(towards(GRAPH, []), [GRAPH, Graph(GRAPH.nodes[:-1])], KINDS, PRICES)
