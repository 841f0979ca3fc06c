"""Orphans through the HTTP door: believed after two sweeps, shown with proof and cost, swept, given back, ignored."""

from uuid import uuid4

from building import REGION, on_site
from skyclust.providers.sim.world import Wanted

STACK = "SELECT id FROM stacks WHERE name = :name AND kind <> 'orphans'"


async def orphans(site, person=None, **query):
    response = await (person or site.ada).client.get("/orphans", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def plant(site, kind, name="left", *, stack="one", uses=(), resource=None, fields=None):
    """Something with the mark of a stack that no row owns."""
    stack_id = await site.house.scalar(STACK, name=stack) if stack else uuid4()
    tags = {"skyclust:resource": str(resource or uuid4()), "skyclust:stack": str(stack_id), "skyclust:name": "x"}
    wanted = Wanted(kind, REGION, name, fields or {}, frozenset(uses))
    return site.world.enter(wanted, tags)


async def standing(site):
    await site.succeeded(await site.create())


def thing(site, kind):
    return next(item for item in site.world.resources() if item.kind == kind)


def here(site):
    return {item.id for item in site.world.resources()}


def kind_of(response):
    return response.json()["type"].rpartition("/")[2]


def test_two_sweeps_in_a_row_make_an_orphan_and_it_is_swept_as_planned(postgres):
    async def scenario(site):
        await standing(site)
        left = await plant(site, "gateway", uses=[thing(site, "network").id])
        decoys = {
            site.plant("gateway", "theirs", thing(site, "network").id),
            site.plant("load_balancer", "theirs", thing(site, "network").id),
        }
        await site.sweep()
        assert (await orphans(site))["items"] == [], "once may be a resource on its way"
        await site.sweep()
        page = await orphans(site)
        [found] = page["items"]
        assert (found["external_id"], found["made_for"], found["proven"]) == (left.id, "one", True)
        assert str(left.tags["skyclust:resource"]) in found["proof"]
        assert found["usd_per_day"] > 0
        assert found["price"]["source"]
        assert page["total"] == {"count": 1, "usd_per_day": found["usd_per_day"]}
        path = f"/orphans/{found['id']}:sweep"
        plan = (await site.ada.client.post(path, params={"dry_run": True})).json()
        assert [(line["verb"], line["external_id"]) for line in plan["changes"]] == [("delete", left.id)]
        before = here(site)
        key = {"Idempotency-Key": "k"}
        answer = await site.ada.client.post(path, json={"plan_digest": plan["digest"]}, headers=key)
        assert answer.status_code == 202, answer.text
        assert (await orphans(site))["items"][0]["state"] == "sweeping"
        assert kind_of(await site.ada.client.post(path)) == "orphan-being-swept"
        view = await site.succeeded(answer.json())
        assert view.actions == ()
        assert here(site) == before - {left.id}
        assert decoys <= here(site)
        assert (await orphans(site))["items"] == []
        again = await site.ada.client.post(path, json={"plan_digest": plan["digest"]}, headers=key)
        assert again.json()["id"] == answer.json()["id"]
        await site.sweep(2)
        page = await orphans(site)
        assert (page["items"], page["total"]["count"]) == ([], 0)
        told = "SELECT count(*) FROM audit_entries WHERE action LIKE 'orphan%'"
        assert await site.house.scalar(told) == 1
        assert await site.house.scalar("SELECT count(*) FROM outbox WHERE name = 'orphan.found'") == 1
        [cluster] = (await site.ada.client.get("/clusters")).json()["items"]
        assert cluster["state"] == "ready"

    on_site(postgres, scenario)


def test_what_is_seen_once_and_gone_the_next_time_was_none(postgres):
    async def scenario(site):
        await standing(site)
        left = await plant(site, "role")
        await site.sweep()
        site.world.remove(left.id)
        await site.sweep()
        site.world.books[left.id] = left
        await site.sweep()
        assert (await orphans(site))["items"] == []
        await site.sweep()
        assert len((await orphans(site))["items"]) == 1

    on_site(postgres, scenario)


def test_what_a_deleted_cluster_left_behind_is_an_orphan_that_goes_in_order(postgres):
    async def scenario(site):
        await standing(site)
        network, subnet = thing(site, "network"), thing(site, "subnet")
        await site.succeeded((await site.ada.client.delete("/sim/kubernetes/clusters/one")).json())
        site.world.books[network.id], site.world.books[subnet.id] = network, subnet
        network.leaving = subnet.leaving = False
        await site.sweep(2)
        found = (await orphans(site))["items"]
        assert {item["external_id"] for item in found} == {network.id, subnet.id}
        ids = [item["id"] for item in found]
        plan = (await site.ada.client.post("/orphans:sweep?dry_run=true", json={"orphan_ids": ids})).json()
        lines = {line["external_id"]: line for line in plan["changes"]}
        assert lines[subnet.id]["depends_on"] == [lines[network.id]["key"]]
        answer = await site.ada.client.post("/orphans:sweep", json={"orphan_ids": ids})
        view = await site.succeeded(answer.json())
        assert all(step.attempts == 0 for step in view.steps), "the network was asked to go too early"
        assert not {network.id, subnet.id} & here(site)
        assert (await site.ada.client.get("/clusters")).json()["items"] == []

    on_site(postgres, scenario)


def test_what_nobody_here_knows_is_shown_and_never_touched(postgres):
    async def scenario(site):
        await standing(site)
        left = await plant(site, "role", stack=None)
        await site.sweep(2)
        [found] = (await orphans(site))["items"]
        assert (found["proven"], found["actions"]) == (False, ["ignore"])
        for action in ("sweep", "adopt"):
            assert kind_of(await site.ada.client.post(f"/orphans/{found['id']}:{action}")) == "orphan-unproven"
        assert left.id in here(site)

    on_site(postgres, scenario)


def test_a_second_one_of_a_living_resource_is_an_orphan_and_the_first_survives(postgres):
    async def scenario(site):
        await standing(site)
        own = thing(site, "gateway")
        second = await plant(
            site, "gateway", own.name, uses=own.uses, resource=own.tags["skyclust:resource"], fields=dict(own.fields)
        )
        await site.sweep(2)
        [found] = (await orphans(site))["items"]
        assert found["external_id"] == second.id
        refused = await site.ada.client.post(f"/orphans/{found['id']}:adopt")
        assert kind_of(refused) == "orphan-without-place"
        await site.succeeded((await site.ada.client.post(f"/orphans/{found['id']}:sweep")).json())
        assert own.id in here(site)
        assert second.id not in here(site)

    on_site(postgres, scenario)


def test_an_orphan_takes_the_place_of_what_is_missing(postgres):
    async def scenario(site):
        await standing(site)
        own = thing(site, "node_pool")
        twin = await plant(
            site, "node_pool", own.name, uses=own.uses, resource=own.tags["skyclust:resource"],
            fields=dict(own.fields) | {"node_count": 5},
        )  # fmt: skip
        site.world.remove(own.id)
        await site.sweep(2)
        [found] = (await orphans(site))["items"]
        path = f"/orphans/{found['id']}:adopt"
        plan = (await site.ada.client.post(path, params={"dry_run": True})).json()
        [line] = [line for line in plan["changes"] if line["verb"] != "keep"]
        assert (line["verb"], line["external_id"]) == ("update", twin.id)
        assert [(item["field"], item["before"], item["after"]) for item in line["changes"]] == [("node_count", 5, 2)]
        answer = await site.ada.client.post(path, json={"plan_digest": plan["digest"]})
        assert answer.status_code == 202, answer.text
        await site.succeeded(answer.json())
        assert [item.id for item in site.world.resources() if item.kind == "node_pool"] == [twin.id]
        assert twin.fields["node_count"] == 2
        await site.sweep(2)
        assert (await orphans(site))["items"] == []
        assert (await site.ada.client.get("/drift")).json()["items"] == []

    on_site(postgres, scenario)


def test_what_is_ignored_is_left_out_until_it_is_not(postgres):
    async def scenario(site):
        await standing(site)
        await plant(site, "gateway")
        await site.sweep(2)
        [found] = (await orphans(site))["items"]
        path = f"/orphans/{found['id']}"
        assert (await site.ada.client.post(f"{path}:ignore?dry_run=true")).json()["state"] == "found"
        assert (await site.ada.client.post(f"{path}:ignore")).json()["ignored_by"] == "ada@example.com"
        await site.sweep()
        page = await orphans(site)
        assert (page["items"], page["total"]["count"]) == ([], 0)
        assert [item["id"] for item in (await orphans(site, state="ignored"))["items"]] == [found["id"]]
        await site.ada.client.post(f"{path}:unignore")
        assert [item["state"] for item in (await orphans(site, state="found"))["items"]] == ["found"]
        told = "SELECT string_agg(action, ',' ORDER BY action) FROM audit_entries WHERE action LIKE 'orphan%'"
        assert await site.house.scalar(told) == "orphan.ignored,orphan.unignored"

    on_site(postgres, scenario)


def test_what_an_operation_may_still_take_over_is_no_orphan(postgres):
    async def scenario(site):
        await standing(site)
        await plant(site, "gateway")
        operation = (
            await site.ada.client.patch("/sim/kubernetes/clusters/one/node-pools/default", json={"node_count": 3})
        ).json()
        await site.sweep(3)
        assert (await orphans(site))["items"] == []
        await site.succeeded(operation)
        await site.sweep(2)
        assert len((await orphans(site))["items"]) == 1

    on_site(postgres, scenario)


def test_a_sweep_that_is_refused_by_the_cloud_is_resumed_after_the_cause_is_gone(postgres):
    async def scenario(site):
        await standing(site)
        left = await plant(site, "network", "old")
        user = site.plant("firewall", "theirs", left.id)
        await site.sweep(2)
        [found] = (await orphans(site))["items"]
        operation = (await site.ada.client.post(f"/orphans/{found['id']}:sweep")).json()
        view = await site.ended(operation)
        assert (view.state, view.actions) == ("needs_attention", ("resume",))
        assert user in view.message
        assert [item["state"] for item in (await orphans(site))["items"]] == ["found"]
        site.world.remove(user)
        await site.succeeded((await site.ada.client.post(f"/orphans/{found['id']}:sweep")).json())
        assert left.id not in here(site)

    on_site(postgres, scenario)
