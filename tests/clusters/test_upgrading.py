"""The way to another version: one minor version after the other, the control plane first, then every pool."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from building import PATH, on_site
from skyclust.clusters.upgrading import findings, hops, reached, skew, support, upgrade_path, waypoints
from skyclust.contract.provider import KubernetesVersion
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.kit.problems import Problem
from skyclust.providers.aws.cloud import Aws
from skyclust.provisioning.rows import ResourceRow, State

OFFERED = tuple(KubernetesVersion(f"1.{minor}") for minor in (35, 34, 33))
TODAY = date(2026, 8, 1)
POOLS = (NodePoolSpec("web", "t3.medium", 2), NodePoolSpec("batch", "t3.medium", 1))
SPEC = ClusterSpec(
    name="shop", region="us-west-2", version="1.32", network=NetworkSpec("shop", "us-west-2", "10.0.0.0/16"),
    node_pools=POOLS,
)  # fmt: skip


@pytest.fixture
def aws():
    return Aws(endpoint=None, today=lambda: TODAY)


def pool(name, version, state=State.READY):
    fields = {"version": version} if version else {}
    return ResourceRow(uuid4(), uuid4(), f"node-pool/{name}", "k", name, {}, (), state=state, fields=fields)


def codes(found):
    return [(item.severity, item.code) for item in found]


@pytest.mark.parametrize(
    ("now", "wanted", "path"),
    [
        ("1.32", "1.35", ("1.33", "1.34", "1.35")),
        ("1.32", "1.33", ("1.33",)),
        ("1.32", "1.34.2", ("1.33", "1.34.2")),
        ("1.33", "1.33.4", ("1.33.4",)),
        ("1.33", "1.33", ()),
    ],
)
def test_the_path_goes_through_every_minor_version(now, wanted, path):
    assert upgrade_path(now, wanted, OFFERED) == path


@pytest.mark.parametrize(
    ("now", "wanted", "told"),
    [
        ("1.32", "1.36", r"does not offer 1\.36\. The nearest that can be reached is 1\.35"),
        ("1.30", "1.34", r"does not offer 1\.31\. There is none to go to from 1\.30 yet"),
        ("1.35", "1.36", r"does not offer 1\.36\. The nearest that can be reached is 1\.35"),
        ("1.34", "1.33", "never goes back"),
        ("1.34", "2.35", "never goes back"),
    ],
)
def test_where_one_cannot_go_is_refused_with_how_far_one_can(now, wanted, told):
    with pytest.raises(Problem, match=told) as refused:
        upgrade_path(now, wanted, OFFERED)
    assert (refused.value.status, refused.value.errors[0].pointer) == (422, "/version")


def test_a_hop_changes_the_control_plane_and_then_every_pool(aws):
    way = hops(aws, SPEC, ("1.33", "1.34"))
    assert [(hop.before, hop.version) for hop in way] == [("1.32", "1.33"), ("1.33", "1.34")]
    for hop in way:
        seconds = {line.key: line.expected_seconds for line in hop.lines}
        assert list(seconds) == ["cluster", "node-pool/web", "node-pool/batch"]
        assert hop.expected_seconds == seconds["cluster"] + max(seconds["node-pool/web"], seconds["node-pool/batch"])
        assert all(seconds.values())
        assert hop.version in hop.lines[0].title


def test_what_a_cluster_only_observes_is_no_part_of_a_hop(aws):
    """A network that is not ours never changes with the version."""
    inside = replace(SPEC, network=None, vpc_id="vpc-1", subnet_ids=("subnet-1", "subnet-2"))
    keys = {line.key for line in hops(aws, inside, ("1.33",))[0].lines}
    assert keys == {"cluster", "node-pool/web", "node-pool/batch"}


def test_a_pool_too_far_behind_is_named_and_forbids_the_hop():
    rows = [pool("old", "1.29.9-gke.1"), pool("late", "1.31"), pool("even", "1.32"), pool("new", "")]
    rows += [pool("gone", "1.20", State.GONE), pool("odd", "latest")]
    found = {item.message.split("'")[1]: item for item in skew("1.32", "1.33", rows)}
    assert {name: item.severity for name, item in found.items()} == {"old": "error", "late": "warning"}
    assert "4 minor versions behind" in found["old"].message
    assert "https://kubernetes.io/releases/version-skew-policy" in found["old"].message
    assert "follows to 1.33" in found["late"].message


def test_kubelets_before_1_25_may_be_two_behind_only():
    assert codes(skew("1.26", "1.27", [pool("a", "1.24")])) == [("error", "version-skew")]
    assert codes(skew("1.27", "1.28", [pool("a", "1.25")])) == [("warning", "version-skew")]


def test_extended_support_is_told_with_its_surcharge_and_source(aws):
    told = list(support(aws, SPEC, "1.33", TODAY))
    assert codes(told) == [("warning", "extended-support")]
    for part in ("2026-07-29", "$0.60 an hour instead of $0.10", "EKS extended support", "Go on to 1.35"):
        assert part in told[0].message
    assert codes(support(aws, SPEC, "1.34", date(2026, 11, 1))) == [("warning", "support-ends-soon")]
    assert list(support(aws, SPEC, "1.34", TODAY)) == []
    assert list(support(aws, SPEC, "1.99", TODAY)) == []


def test_a_path_of_one_hop_within_support_has_nothing_to_tell(aws):
    assert findings(aws, replace(SPEC, version="1.34"), [pool("web", "1.34")], ("1.35",), TODAY) == ()
    assert findings(aws, SPEC, [], (), TODAY) == ()
    assert codes(findings(aws, SPEC, [], ("1.33",), TODAY)) == [("warning", "extended-support")]
    assert findings(aws, SPEC, [], ("1.33", "1.34", "1.35"), TODAY) == (), "where it ends counts, not what it passes"


def test_the_way_begins_where_the_control_plane_is_when_that_is_behind():
    plane = ResourceRow(uuid4(), uuid4(), "cluster", "k", "plane", {}, (), fields={"version": "1.33.4-gke.100"})
    asked = replace(SPEC, version="1.35")
    assert reached(asked, [plane]) == "1.33"
    assert reached(replace(SPEC, version="1.32"), [plane]) == "1.32", "a cloud that went ahead is no reason to go back"
    assert reached(asked, []) == reached(asked, [replace(plane, state=State.GONE)]) == "1.35"
    assert reached(asked, [replace(plane, fields={})]) == "1.35"


def test_what_an_interrupted_upgrade_left_is_continued_hop_by_hop_by_whatever_comes_next(aws):
    plane = ResourceRow(uuid4(), uuid4(), "cluster", "k", "plane", {}, (), fields={"version": "1.32"})
    versions = [spec.version for spec in waypoints(aws, replace(SPEC, version="1.35"), [plane])]
    assert versions == ["1.33", "1.34", "1.35"]
    assert waypoints(aws, SPEC, [plane]) == (SPEC,)


def test_one_operation_goes_all_the_way_hop_by_hop(postgres):
    async def scenario(site):
        ada, here = site.ada.client, f"{PATH}/one"
        await site.succeeded(await site.create(version="1.32"))
        plan = (await ada.patch(f"{here}?dry_run=true", json={"version": "1.34"})).json()
        assert [(hop["version_before"], hop["version"]) for hop in plan["hops"]] == [("1.32", "1.33"), ("1.33", "1.34")]
        assert [step["key"] for hop in plan["hops"] for step in hop["steps"]] == ["cluster", "cluster"]
        assert sum(hop["expected_seconds"] for hop in plan["hops"]) == plan["expected_seconds"]
        assert plan["ok"]

        begun = (await ada.patch(here, json={"version": "1.34", "plan_digest": plan["digest"]})).json()
        assert [(step["stage"], step["key"], step["state"]) for step in begun["steps"]] == [
            (1, "cluster", "pending"), (2, "cluster", "pending"),
        ]  # fmt: skip
        (later,) = begun["plan"]["later"]
        assert [(line["key"], line["changes"][0]["after"]) for line in later["changes"]] == [("cluster", "1.34")]
        done = await site.succeeded(begun)
        assert [step.state for step in done.steps] == ["succeeded", "succeeded"]
        assert done.steps[0].ended_at <= done.steps[1].started_at
        (changed,) = [item for item in site.world.resources() if item.kind == "cluster"]
        assert changed.fields["version"] == (await ada.get(here)).json()["version"] == "1.34"
        assert [line.text for line in done.timeline if "Stage 2 begins" in line.text]
        same = (await ada.patch(f"{here}?dry_run=true", json={"version": "1.34"})).json()
        assert same["hops"] == []
        beyond = await ada.patch(f"{here}?dry_run=true", json={"version": "1.35"})
        assert "1.34" in beyond.json()["errors"][0]["detail"]

    on_site(postgres, scenario)


def test_an_operation_that_would_leave_a_pool_too_far_behind_is_refused(postgres):
    async def scenario(site):
        ada, here = site.ada.client, f"{PATH}/one"
        await site.succeeded(await site.create(version="1.32"))
        await site.house.execute(
            "UPDATE resources SET fields = fields || '{\"version\": \"1.29\"}' WHERE key = 'node-pool/default'"
        )
        plan = (await ada.patch(f"{here}?dry_run=true", json={"version": "1.33"})).json()
        assert (plan["ok"], plan["findings"][0]["code"]) == (False, "version-skew")
        refused = await ada.patch(here, json={"version": "1.33"})
        assert refused.status_code == 422
        assert "'default' runs 1.29" in refused.json()["errors"][0]["detail"]
        assert (await ada.get(here)).json()["version"] == "1.32"

    on_site(postgres, scenario)
