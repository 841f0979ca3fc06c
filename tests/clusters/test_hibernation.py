"""Hibernating a cluster and waking it: every pool to the least it keeps, and back to exactly what it was."""

import pytest

from building import PATH, cluster_body, on_site
from skyclust.clusters.node_pools import hibernated, woken
from skyclust.clusters.service.measuring import nodes_of
from skyclust.contract.specs import AutoScaling, ClusterSpec, NodePoolSpec
from skyclust.kit.problems import Problem
from skyclust.operations.router import router as operations_router
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind

FIXED = {"name": "fixed", "machine_type": "small", "node_count": 2}
BOUNDED = FIXED | {"name": "bounded", "node_count": 3, "auto_scaling": {"enabled": True, "min": 1, "max": 6}}
POOLS = {"node_pool": None, "node_pools": [FIXED, BOUNDED]}
HIBERNATE, WAKE = f"{PATH}/one:hibernate", f"{PATH}/one:wake"


def sizes(site):
    """What the cloud itself has."""
    found = [item for item in site.world.resources() if item.kind == "node_pool"]
    return {item.name: (item.fields["node_count"], item.fields["auto_scaling"]) for item in found}


async def shown(site):
    return (await site.ada.client.get(f"{PATH}/one")).json()


async def done(site, path):
    answer = await site.ada.client.post(path)
    assert answer.status_code == 202, answer.text
    return await site.succeeded(answer.json())


async def use(site):
    quotas = (await site.ada.client.get(f"/workspaces/{site.workspace}/quotas")).json()["quotas"]
    return {item["name"]: item["use"] for item in quotas}


def test_all_pools_go_to_zero_and_come_back_exactly_as_they_were(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create(**POOLS))
        before, there = await shown(site), sizes(site)
        assert (before["hibernated"], [pool["wakes_to"] for pool in before["node_pools"]]) == (False, [None, None])

        plan = (await ada.post(f"{HIBERNATE}?dry_run=true")).json()
        assert plan["pools"] == [{"name": "fixed", "now": 2, "then": 0}, {"name": "bounded", "now": 3, "then": 0}]
        assert {line["key"] for line in plan["changes"] if line["verb"] == "update"} == {
            "node-pool/fixed", "node-pool/bounded",
        }  # fmt: skip
        assert plan["usd_per_month"] == pytest.approx(-5 * 0.1 * 730)
        assert plan["usd_per_month_then"] == pytest.approx(before["cost"]["usd_per_month"] + plan["usd_per_month"])
        assert {item["code"] for item in plan["findings"]} == {"stops", "goes-on-costing"}
        assert sizes(site) == there

        assert (await site.vic.client.post(HIBERNATE)).status_code == 403
        begun = await ada.post(HIBERNATE, headers={"x-plan-digest": plan["digest"]})
        again = await ada.post(HIBERNATE)
        assert again.json()["id"] == begun.json()["id"], "while it is under way"
        await site.succeeded(begun.json())
        assert sizes(site) == {"fixed": (0, None), "bounded": (0, None)}
        asleep = await shown(site)
        assert (asleep["hibernated"], asleep["state"]) == (True, "ready")
        assert asleep["cost"]["usd_per_month"] == pytest.approx(plan["usd_per_month_then"])
        assert any(item["type"] == "Hibernated" for item in asleep["conditions"])
        assert [(pool["node_count"], pool["wakes_to"]["node_count"]) for pool in asleep["node_pools"]] == [
            (0, 2), (0, 3),
        ]  # fmt: skip
        assert await use(site) == {"clusters": 1, "nodes": 0, "usd_per_month": asleep["cost"]["usd_per_month"]}
        assert (await done(site, HIBERNATE)).steps == (), "once more is nothing to do"

        await site.sweep()
        assert (await ada.get("/drift")).json()["items"] == []
        assert {line["verb"] for line in (await ada.get(f"{PATH}/one/plan")).json()["changes"]} == {"keep"}

        await done(site, WAKE)
        assert sizes(site) == there
        after = await shown(site)
        assert (after["hibernated"], after["node_pools"]) == (False, before["node_pools"])
        assert (await done(site, WAKE)).steps == ()
        told = "SELECT count(*) FROM audit_entries WHERE action IN ('cluster.hibernate_requested', 'cluster.wake_requested')"
        assert await site.house.scalar(told) == 4

    on_site(postgres, scenario)


def test_while_it_sleeps_sizes_stay_and_everything_else_may_change(postgres):
    async def scenario(site):
        ada, pools = site.ada.client, f"{PATH}/one/node-pools"
        await site.succeeded(await site.create(version="1.32", **POOLS))
        await done(site, f"/clusters/{(await shown(site))['id']}:hibernate")
        for refused in (
            await ada.put(f"{pools}/fixed/scale", json={"node_count": 5}),
            await ada.patch(f"{pools}/bounded", json={"auto_scaling": False}),
            await ada.post(pools, json=FIXED | {"name": "third"}),
        ):
            assert (refused.status_code, problem_kind(refused)) == (409, "hibernated"), refused.text
            assert ":wake" in refused.json()["detail"]
        for method, path, body in (
            ("PATCH", f"{pools}/fixed", {"labels": {"team": "x"}}),
            ("PATCH", f"{PATH}/one", {"version": "1.33"}),
            ("DELETE", f"{pools}/bounded", None),
        ):
            change = await ada.request(method, path, json=body)
            assert change.status_code == 202, change.text
            await site.succeeded(change.json())
        assert sizes(site) == {"fixed": (0, None)}
        await done(site, WAKE)
        [pool] = (await shown(site))["node_pools"]
        assert (pool["node_count"], pool["labels"]) == (2, {"team": "x"})

    on_site(postgres, scenario)


def test_waking_is_held_to_the_quotas_again(postgres):
    async def scenario(site):
        await site.succeeded(await site.create(**POOLS))
        await done(site, HIBERNATE)
        boss = await site.house.person(admin=True)
        limits = f"/workspaces/{site.workspace}/quotas"
        await boss.client.put(limits, json={"nodes": 7})
        plan = (await site.ada.client.post(f"{WAKE}?dry_run=true")).json()
        assert (plan["ok"], plan["quotas"][0]["wanted"]) == (False, 8)
        refused = await site.ada.client.post(WAKE)
        assert (refused.status_code, problem_kind(refused)) == (409, "workspace-quota-exceeded")
        assert sizes(site)["fixed"] == (0, None)
        await boss.client.put(limits, json={"nodes": 8})
        await done(site, WAKE)

    on_site(postgres, scenario)


def test_a_pool_that_has_to_keep_a_node_keeps_it_and_the_plan_says_so(postgres):
    async def scenario(site):
        site.world.least_nodes = {"fixed": 1}
        await site.succeeded(await site.create(**POOLS))
        plan = (await site.ada.client.post(f"{HIBERNATE}?dry_run=true")).json()
        assert [pool["then"] for pool in plan["pools"]] == [1, 0]
        assert any(item["code"] == "keeps-nodes" and "fixed" in item["message"] for item in plan["findings"])
        await done(site, HIBERNATE)
        assert sizes(site) == {"fixed": (1, None), "bounded": (0, None)}
        assert (await use(site))["nodes"] == 1

    on_site(postgres, scenario)


def test_one_that_got_stuck_half_way_is_resumed_or_woken_from_where_it_is(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        await site.succeeded(await site.create(**POOLS))
        there = sizes(site)
        site.faults.add("update.node_pool", Fault(Mode.DENIED))
        begun = (await site.ada.client.post(HIBERNATE)).json()
        assert (await site.ended(begun)).state == "needs_attention"
        assert sorted(count for count, _ in sizes(site).values()) in ([0, 2], [0, 3])
        resumed = await site.ada.client.post(f"/operations/{begun['id']}:resume")
        assert resumed.status_code == 202, resumed.text
        await site.succeeded(resumed.json())
        assert sizes(site) == {"fixed": (0, None), "bounded": (0, None)}
        site.faults.add("update.node_pool", Fault(Mode.DENIED))
        begun = (await site.ada.client.post(WAKE)).json()
        assert (await site.ended(begun)).state == "needs_attention"
        await done(site, WAKE)
        assert sizes(site) == there

    on_site(postgres, scenario)


def test_a_roll_back_of_the_hibernation_wakes_it(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        await site.succeeded(await site.create(**POOLS))
        there = sizes(site)
        view = await done(site, HIBERNATE)
        await done(site, f"/operations/{view.id}:rollback")
        assert sizes(site) == there
        assert (await shown(site))["hibernated"] is False

    on_site(postgres, scenario)


def test_a_cluster_without_pools_of_its_own_is_refused_with_the_reason(postgres):
    async def scenario(site):
        body = cluster_body(site.credential, mode="serverless")
        del body["node_pool"]
        created = await site.ada.client.post(PATH, json=body)
        assert created.status_code == 202, created.text
        await site.succeeded(created.json())
        refused = await site.ada.client.post(HIBERNATE)
        assert (refused.status_code, problem_kind(refused)) == (422, "cannot-hibernate")
        assert "serverless" in refused.json()["detail"]

    on_site(postgres, scenario)


class Cloud:
    title = "Cumulus"


class Sleeper(Cloud):
    def sleeping_sizes(self, _spec):
        return {"a": 1, "b": 0}


def test_sizes_and_bounds_survive_in_the_spec_and_a_cloud_without_hibernation_is_named():
    pools = (NodePoolSpec("a", "m", 3), NodePoolSpec("b", "m", 2, AutoScaling(1, 9)))
    spec = ClusterSpec("one", "here", "1.33", node_pools=pools)
    asleep = hibernated(spec, Sleeper())
    assert [(pool.node_count, pool.auto_scaling) for pool in asleep.pools_now] == [(1, None), (0, None)]
    assert (asleep.most_nodes, spec.most_nodes) == (1, 12)
    assert woken(ClusterSpec.from_json(asleep.to_json())) == spec
    assert nodes_of((), asleep.to_json(), spec.to_json()) == 1
    with pytest.raises(Problem, match="Cumulus"):
        hibernated(spec, Cloud())
