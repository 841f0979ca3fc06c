"""Quotas: what a workspace may have at most is held by the server, shown before, and measured from what is there."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from building import PATH, cluster_body, on_site
from by_hand import CLUSTERS, on_old_ground
from skyclust.operations.router import router as operations_router
from skyclust.workspaces.service.quotas import Limits, Use, standings
from tenancy import problem_kind

POOL = {"machine_type": "small", "node_count": 2}


async def limited(site, **limits):
    """A platform administrator gives the workspace limits."""
    boss = await site.house.person(admin=True)
    answer = await boss.client.put(f"/workspaces/{site.workspace}/quotas", json=limits)
    assert answer.status_code == 200, answer.text
    return boss


async def use_of(site, person=None):
    answer = await (person or site.ada).client.get(f"/workspaces/{site.workspace}/quotas")
    assert answer.status_code == 200, answer.text
    return {item["name"]: item for item in answer.json()["quotas"]}


def used(quotas):
    return {name: item["use"] for name, item in quotas.items()}


def test_only_what_adds_beyond_a_limit_is_refused():
    limits = Limits(clusters=2, usd_per_month=100.0)
    [clusters, usd] = standings(limits, Use(3, 9, 90.0), Use(-1, 5, 10.0))
    assert (clusters.refused, usd.refused) == (False, False), "shrinking from above the limit, and just full"
    assert (clusters.remaining, usd.remaining) == (0.0, 0.0)
    assert [item.refused for item in standings(limits, Use(2, 0, 95.0), Use(1, 0, 5.02))] == [True, True]
    assert standings(Limits(), Use(9, 9, 9.0), Use(9, 9, 9.0)) == []


def test_a_cluster_beyond_each_quota_is_refused_by_name_and_nothing_is_begun(postgres):
    async def scenario(site):
        await limited(site, clusters=1, nodes=2, usd_per_month=1_000)
        await site.create("one")
        calls = site.world.created
        answers = [await site.ada.client.post(PATH, json=cluster_body(site.credential, "two"))]
        boss = await limited(site, clusters=5, nodes=3)
        answers.append(await site.ada.client.post(PATH, json=cluster_body(site.credential, "two")))
        await limited(site, usd_per_month=(await use_of(site))["usd_per_month"]["use"] + 1)
        answers.append(await site.ada.client.post(PATH, json=cluster_body(site.credential, "two")))
        for answer, name in zip(answers, ("clusters", "nodes", "usd_per_month"), strict=True):
            assert (answer.status_code, problem_kind(answer)) == (409, "workspace-quota-exceeded"), answer.text
            problem = answer.json()
            assert name in {item["name"] for item in problem["quotas"]}
            assert {"limit", "use", "wanted"} <= problem["quotas"][0].keys()
            assert problem["raised_by"] == "platform.admin"
        assert [item["name"] for item in answers[1].json()["quotas"]] == ["nodes"]
        assert answers[1].json()["quotas"][0] == {"name": "nodes", "limit": 3, "use": 2, "wanted": 2}
        assert site.world.created == calls
        assert [item["name"] for item in (await boss.client.get("/clusters")).json()["items"]] == []
        assert len((await site.ada.client.get("/clusters")).json()["items"]) == 1
        told = "SELECT count(*) FROM audit_entries WHERE action = 'cluster.create_requested'"
        assert await site.house.scalar(told) == 1

    on_site(postgres, scenario)


def test_of_many_who_create_at_once_as_many_get_through_as_the_quota_leaves(postgres):
    async def scenario(site):
        await limited(site, clusters=3)
        await site.create("first")
        bodies = [cluster_body(site.credential, f"c{number}") for number in range(8)]
        answers = await asyncio.gather(*(site.ada.client.post(PATH, json=body) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [202] * 2 + [409] * 6
        refused = [answer for answer in answers if answer.status_code == 409]
        assert {problem_kind(answer) for answer in refused} == {"workspace-quota-exceeded"}
        told = [answer.json()["quotas"] for answer in refused]
        assert told == [[{"name": "clusters", "limit": 3, "use": 3, "wanted": 1}]] * 6, "each saw what the others added"
        assert (await use_of(site))["clusters"]["use"] == 3
        assert await site.house.scalar("SELECT count(*) FROM clusters") == 3

    on_site(postgres, scenario)


def test_of_many_who_scale_and_add_pools_at_once_none_slips_through(postgres):
    async def scenario(site):
        for name in ("one", "two"):
            await site.succeeded(await site.create(name))
        await limited(site, nodes=7)
        calls = [
            site.ada.client.put(f"{PATH}/one/node-pools/default/scale", json={"node_count": 4}),
            site.ada.client.post(f"{PATH}/two/node-pools", json={"name": "more", **POOL}),
        ]
        answers = await asyncio.gather(*calls)
        assert sorted(answer.status_code for answer in answers) == [202, 409], [answer.text for answer in answers]
        assert (await use_of(site))["nodes"]["use"] == 6

    on_site(postgres, scenario)


def test_an_autoscaled_pool_counts_with_the_most_it_may_have(postgres):
    async def scenario(site):
        await limited(site, nodes=5)
        pool = {"name": "default", "machine_type": "small", "node_count": 1}
        body = cluster_body(site.credential, node_pool=pool | {"auto_scaling": {"enabled": True, "min": 1, "max": 6}})
        refused = await site.ada.client.post(PATH, json=body)
        assert refused.json()["quotas"] == [{"name": "nodes", "limit": 5, "use": 0, "wanted": 6}]
        body["node_pool"]["auto_scaling"]["max"] = 5
        begun = await site.ada.client.post(PATH, json=body)
        assert begun.status_code == 202, begun.text
        assert (await use_of(site))["nodes"]["use"] == 5

    on_site(postgres, scenario)


def test_a_plan_shows_what_would_remain_and_which_quota_would_refuse(postgres):
    async def scenario(site):
        create = f"{PATH}?dry_run=true"
        free = (await site.ada.client.post(create, json=cluster_body(site.credential))).json()
        assert (free["ok"], free["quotas"]) == (True, None)
        await limited(site, clusters=2, nodes=3)
        plan = (await site.ada.client.post(create, json=cluster_body(site.credential))).json()
        assert plan["ok"]
        assert plan["quotas"] == [
            {"name": "clusters", "limit": 2, "use": 0, "wanted": 1, "remaining": 1, "refused": False},
            {"name": "nodes", "limit": 3, "use": 0, "wanted": 2, "remaining": 1, "refused": False},
        ]
        await site.succeeded(await site.create())
        plan = (await site.ada.client.post(create, json=cluster_body(site.credential, "two"))).json()
        assert not plan["ok"]
        assert [(item["name"], item["refused"]) for item in plan["quotas"]] == [("clusters", False), ("nodes", True)]
        [finding] = [item for item in plan["findings"] if item["severity"] == "error"]
        assert finding["code"] == "workspace-quota-exceeded"
        assert "nodes" in finding["message"]
        grown = {"node_count": 4}
        plan = (await site.ada.client.put(f"{PATH}/one/node-pools/default/scale?dry_run=true", json=grown)).json()
        assert [(item["name"], item["wanted"], item["refused"]) for item in plan["quotas"]][1] == ("nodes", 2, True)

    on_site(postgres, scenario)


def test_what_a_plan_wants_is_what_is_counted_afterwards(postgres):
    async def scenario(site):
        await limited(site, clusters=50, nodes=500, usd_per_month=1e6)
        pool = {"name": "more", "machine_type": "small", "node_count": 3}
        body = {"credential_id": str(site.credential), "name": "n", "region": "sim-east-1", "cidr_block": "10.9.0.0/16"}
        steps = [
            ("POST", PATH, cluster_body(site.credential)),
            ("POST", f"{PATH}/one/node-pools", pool),
            ("PUT", f"{PATH}/one/node-pools/more/scale", {"node_count": 5}),
            ("PATCH", f"{PATH}/one", {"version": "1.34"}),
            ("POST", "/sim/network/vpcs", body),
        ]
        for method, path, sent in steps:
            before = used(await use_of(site))
            plan = (await site.ada.client.request(method, f"{path}?dry_run=true", json=sent)).json()
            begun = await site.ada.client.request(method, path, json=sent)
            assert begun.status_code == 202, begun.text
            at_once = used(await use_of(site))
            wanted = {item["name"]: item["wanted"] for item in plan["quotas"]}
            grown = {name: round(at_once[name] - before[name], 2) for name in before}
            assert grown == pytest.approx(wanted), (method, path)
            await site.succeeded(begun.json())
            assert used(await use_of(site)) == at_once, "nothing is counted otherwise once it is there"

    on_site(postgres, scenario)


def test_what_is_shown_equals_what_the_clusters_are_and_cost_until_everything_is_gone(postgres):
    async def scenario(site):
        await site.succeeded(await site.create("one"))
        await site.succeeded(await site.create("two", node_pool={"name": "default", **POOL, "node_count": 3}))
        clusters = (await site.ada.client.get("/clusters")).json()["items"]
        quotas = await use_of(site)
        assert quotas["clusters"]["use"] == len(clusters)
        assert quotas["nodes"]["use"] == sum(pool["node_count"] for item in clusters for pool in item["node_pools"])
        cost = sum(item["cost"]["usd_per_month"] for item in clusters)
        assert quotas["usd_per_month"]["use"] == pytest.approx(cost)
        assert {item["limit"] for item in quotas.values()} == {None}
        begun = (await site.ada.client.delete(f"{PATH}/two")).json()
        assert (await use_of(site))["nodes"]["use"] == 5, "what is on its way out still stands"
        await site.succeeded(begun)
        assert (await use_of(site))["nodes"]["use"] == 2
        await site.succeeded((await site.ada.client.delete(f"{PATH}/one")).json())
        assert used(await use_of(site)) == {"clusters": 0, "nodes": 0, "usd_per_month": 0}

    on_site(postgres, scenario)


def test_a_pool_that_shrinks_counts_in_full_until_it_has_shrunk(postgres):
    async def scenario(site):
        await site.succeeded(await site.create(node_pool={"name": "default", **POOL, "node_count": 5}))
        await limited(site, nodes=6)
        begun = (await site.ada.client.put(f"{PATH}/one/node-pools/default/scale", json={"node_count": 1})).json()
        early = await site.ada.client.post(PATH, json=cluster_body(site.credential, "two"))
        assert early.json()["quotas"] == [{"name": "nodes", "limit": 6, "use": 5, "wanted": 2}]
        await site.succeeded(begun)
        await site.create("two")

    on_site(postgres, scenario)


def test_above_a_lowered_limit_one_may_shrink_and_delete_but_not_grow(postgres):
    async def scenario(site):
        await site.succeeded(await site.create(node_pool={"name": "default", **POOL, "node_count": 4}))
        await limited(site, clusters=0, nodes=1, usd_per_month=1)
        scale = f"{PATH}/one/node-pools/default/scale"
        assert (await site.ada.client.put(scale, json={"node_count": 5})).status_code == 409
        begun = await site.ada.client.put(scale, json={"node_count": 2})
        assert begun.status_code == 202, begun.text
        await site.succeeded(begun.json())
        await site.succeeded((await site.ada.client.delete(f"{PATH}/one")).json())

    on_site(postgres, scenario)


def test_what_a_roll_back_would_bring_again_is_held_to_the_quota_too(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        await site.succeeded(await site.create(node_pool={"name": "default", **POOL, "node_count": 4}))
        shrunk = (await site.ada.client.put(f"{PATH}/one/node-pools/default/scale", json={"node_count": 1})).json()
        await site.succeeded(shrunk)
        await limited(site, nodes=2)
        back = f"/operations/{shrunk['id']}:rollback"
        before = await site.house.scalar("SELECT max(seq) FROM audit_heads"), await use_of(site)
        plan = (await site.ada.client.post(f"{back}?dry_run=true")).json()
        refused = await site.ada.client.post(back)
        assert refused.json()["quotas"] == [{"name": "nodes", "limit": 2, "use": 1, "wanted": 3}]
        (shown,) = plan["quotas"]
        assert {name: shown[name] for name in ("name", "limit", "use", "wanted")} == refused.json()["quotas"][0]
        assert (plan["ok"], shown["refused"]) == (False, True)
        assert "workspace-quota-exceeded" in [finding["code"] for finding in plan["findings"]]
        assert (await site.house.scalar("SELECT max(seq) FROM audit_heads"), await use_of(site)) == before
        assert (await site.ada.client.get(f"{PATH}/one")).json()["node_pools"][0]["node_count"] == 1
        await limited(site, nodes=4)
        plan = (await site.ada.client.post(f"{back}?dry_run=true")).json()
        assert (plan["ok"], plan["quotas"][0]["wanted"], plan["quotas"][0]["refused"]) == (True, 3, False)
        await site.succeeded((await site.ada.client.post(back)).json())

    on_site(postgres, scenario)


def test_taking_over_as_managed_counts_like_creating_and_observing_for_nothing(postgres):
    async def scenario(site, found):
        await limited(site, clusters=0)
        imports = f"{CLUSTERS}:import"
        plan = (await site.ada.client.post(f"{imports}?dry_run=true", json=found.body(managed=True))).json()
        assert (plan["ok"], plan["quotas"][0]["refused"]) == (False, True)
        refused = await site.ada.client.post(imports, json=found.body(managed=True))
        assert problem_kind(refused) == "workspace-quota-exceeded"
        assert set(found.tags()) == {None}
        await found.imported(managed=False)
        assert used(await use_of(site)) == {"clusters": 0, "nodes": 0, "usd_per_month": 0}
        refused = await site.ada.client.post(f"{CLUSTERS}/legacy:manage")
        assert problem_kind(refused) == "workspace-quota-exceeded"
        await limited(site, clusters=1, nodes=100, usd_per_month=1e6)
        plan = (await site.ada.client.post(f"{CLUSTERS}/legacy:manage?dry_run=true")).json()
        await site.succeeded((await site.ada.client.post(f"{CLUSTERS}/legacy:manage")).json())
        assert used(await use_of(site)) == pytest.approx({item["name"]: item["wanted"] for item in plan["quotas"]})

    on_old_ground(postgres, scenario)


def test_only_an_administrator_of_the_installation_sets_limits_and_the_act_is_told(postgres):
    async def scenario(site):
        path = f"/workspaces/{site.workspace}/quotas"
        refused = [await person.client.put(path, json={"clusters": 9}) for person in (site.ada, site.uma, site.eve)]
        assert {answer.status_code for answer in refused} == {403}
        assert {answer.json()["missing_permission"] for answer in refused} == {"platform.admin"}
        assert (await site.house.anonymous.get(path)).status_code == 401
        assert (await site.eve.client.get(path)).status_code == 404, "another tenant's"
        boss = await limited(site, clusters=2)
        assert (await use_of(site, site.vic))["clusters"]["limit"] == 2
        assert (await use_of(site, boss))["clusters"] == {
            "name": "clusters", "limit": 2, "own": True, "use": 0, "remaining": 2,
        }  # fmt: skip
        rehearsed = await boss.client.put(f"{path}?dry_run=true", json={"clusters": 7})
        assert rehearsed.json()["quotas"][0]["limit"] == 7
        assert (await use_of(site))["clusters"]["limit"] == 2
        told = "SELECT data->'after'->>'clusters' FROM audit_entries WHERE action = 'workspace.quotas_changed'"
        assert await site.house.scalar(told) == "2"
        nowhere = await boss.client.put("/workspaces/00000000-0000-0000-0000-000000000000/quotas", json={})
        assert nowhere.status_code == 404

    on_site(postgres, scenario)


def test_the_installations_defaults_hold_where_a_workspace_has_no_limit_of_its_own(postgres):
    async def scenario(site):
        site.house.app.state.settings = site.house.app.state.settings.model_copy(update={"quota_clusters": 0})
        refused = await site.ada.client.post(PATH, json=cluster_body(site.credential))
        assert problem_kind(refused) == "workspace-quota-exceeded"
        assert (await use_of(site))["clusters"] | {"use": 0} == {
            "name": "clusters", "limit": 0, "own": False, "use": 0, "remaining": 0,
        }  # fmt: skip
        await limited(site, clusters=1)
        await site.create()

    on_site(postgres, scenario)


def test_a_tenants_session_cannot_write_limits_whatever_the_application_asks_for(postgres):
    async def scenario(site):
        await limited(site, clusters=1)
        async with site.house.database.session(visible=str(site.workspace)) as session:
            raised = await session.execute(text("UPDATE workspace_quotas SET clusters = 99"))
            assert raised.rowcount == 0
            assert (await session.execute(text("DELETE FROM workspace_quotas"))).rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with site.house.database.session(visible=str(site.workspace)) as session:
                await session.execute(
                    text("INSERT INTO workspace_quotas (workspace_id, updated_at) VALUES (:id, now())"),
                    {"id": site.workspace},
                )

    on_site(postgres, scenario)
