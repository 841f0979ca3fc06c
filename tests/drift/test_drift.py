"""Drift through the HTTP door: seen by a sweep, shown, never repaired silently, accepted or repaired on request."""

import asyncio

from building import on_site
from skyclust.providers.sim.faults import Fault, Mode


async def drift(site, path="/drift", **query):
    response = await site.ada.client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def items(site, **query):
    return (await drift(site, **query))["items"]


async def state(site):
    [cluster] = (await site.ada.client.get("/clusters")).json()["items"]
    return cluster["state"]


async def audited(site, like="%"):
    return await site.house.scalar(
        "SELECT string_agg(action, ',' ORDER BY action) FROM audit_entries WHERE action LIKE :like "
        "AND action NOT LIKE 'credential%'",
        like=like,
    )


async def told(site, name):
    return await site.house.scalar("SELECT count(*) FROM outbox WHERE name = :name", name=name)


def thing(site, kind):
    return next(item for item in site.world.resources() if item.kind == kind)


async def standing(site, **more):
    await site.succeeded(await site.create(**more))


def test_what_is_deleted_by_hand_is_drift_after_one_sweep(postgres):
    async def scenario(site):
        await standing(site)
        await site.sweep()
        quiet = await drift(site)
        assert quiet["items"] == []
        assert [(item["stale"], item["error"]) for item in quiet["sweeps"]] == [(False, None)]
        gone = thing(site, "gateway")
        site.world.remove(gone.id)
        await site.sweep(2)
        [found] = await items(site)
        assert (found["drift"], found["external_id"], found["belongs_to"]["name"]) == ("missing", gone.id, "one")
        assert await state(site) == "drifted"
        assert (await site.ada.client.get(f"/drift/{found['id']}")).json() == found
        assert [item.id for item in site.world.resources() if item.kind == "gateway"] == [], "repaired silently"
        assert await told(site, "resource.drifted") == 1, "told once, not with each sweep"

    on_site(postgres, scenario)


def test_what_is_missing_is_made_anew_on_request_and_as_planned(postgres):
    async def scenario(site):
        await standing(site)
        gone = thing(site, "gateway")
        site.world.remove(gone.id)
        await site.sweep()
        [found] = await items(site)
        path = f"/drift/{found['id']}:repair"
        plan = (await site.ada.client.post(path, params={"dry_run": True})).json()
        assert [(line["key"], line["verb"]) for line in plan["changes"] if line["verb"] != "keep"] == [
            ("gateway", "replace")
        ]
        wrong = await site.ada.client.post(path, json={"plan_digest": "another"})
        assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (409, "plan-changed")
        headers = {"Idempotency-Key": "once"}
        twice = [
            (await site.ada.client.post(path, json={"plan_digest": plan["digest"]}, headers=headers)).json()
            for _ in range(2)
        ]
        assert twice[0]["id"] == twice[1]["id"]
        assert (await site.succeeded(twice[0])).kind == "cluster.repair"
        assert thing(site, "gateway").id != gone.id
        assert await state(site) == "ready"
        assert await items(site) == []
        await site.sweep()
        assert await items(site) == []
        assert await audited(site, "%repair%") == "cluster.repair_requested"

    on_site(postgres, scenario)


def test_a_network_that_is_gone_with_all_in_it_comes_back_in_order(postgres):
    async def scenario(site):
        await standing(site)
        before = {item.id for item in site.world.resources()}
        for item in before:
            site.world.remove(item)
        await site.sweep()
        assert {found["drift"] for found in await items(site)} == {"missing"}
        assert len(await items(site)) == len(before)
        answer = await site.ada.client.post("/clusters/one:repair")
        assert answer.status_code == 202, answer.text
        await site.succeeded(answer.json())
        after = site.world.resources()
        assert len(after) == len(before)
        assert not before & {item.id for item in after}
        network = thing(site, "network").id
        assert all(network in item.uses for item in after if item.kind in ("subnet", "gateway", "firewall"))
        await site.sweep()
        assert (await items(site), await state(site)) == ([], "ready")
        again = await site.ada.client.post("/clusters/one:repair")
        assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "nothing-to-repair")

    on_site(postgres, scenario)


def test_a_changed_field_is_shown_accepted_and_drift_again_when_it_changes_again(postgres):
    async def scenario(site):
        await standing(site)
        pool = thing(site, "node_pool")
        pool.fields = {**pool.fields, "node_count": 7, "labels": {"by": "hand"}}
        await site.sweep()
        [found] = await items(site)
        fields = {item["field"]: (item["wanted"], item["seen"]) for item in found["fields"]}
        assert fields == {"labels": ({}, {"by": "hand"}), "node_count": (2, 7)}
        [shown] = (await site.ada.client.get("/sim/kubernetes/clusters/one/node-pools")).json()["items"]
        assert shown["state"] == "drifted"
        accept = f"/drift/{found['id']}:accept"
        assert (await site.ada.client.post(accept, json={"fields": ["size"]})).status_code == 422
        rehearsed = (await site.ada.client.post(accept, params={"dry_run": True})).json()
        assert [item["field"] for item in rehearsed["accepted"]] == ["labels", "node_count"]
        assert len(await items(site)) == 1
        answer = await site.ada.client.post(accept, json={"fields": ["node_count"]})
        assert answer.json()["left"] == ["labels"], answer.text
        await site.sweep()
        [left] = await items(site)
        assert [item["field"] for item in left["fields"]] == ["labels"]
        await site.ada.client.post(accept)
        await site.sweep()
        assert (await items(site), await state(site)) == ([], "ready")
        plan = (await site.ada.client.get("/sim/kubernetes/clusters/one/plan")).json()
        assert {line["verb"] for line in plan["changes"]} == {"keep"}
        pool.fields = {**pool.fields, "node_count": 9}
        await site.sweep()
        [again] = await items(site)
        assert [(item["field"], item["seen"]) for item in again["fields"]] == [("node_count", 9)]
        assert await audited(site, "drift%") == "drift.accepted,drift.accepted"

    on_site(postgres, scenario)


def test_a_repair_touches_what_was_asked_for_only(postgres):
    async def scenario(site):
        await standing(site)
        pool, firewall = thing(site, "node_pool"), thing(site, "firewall")
        rules = firewall.fields["rules"]
        pool.fields = {**pool.fields, "node_count": 7}
        firewall.fields = {
            **firewall.fields,
            "rules": [{"direction": "in", "protocol": "tcp", "from_port": 1, "to_port": 2, "cidrs": ["0.0.0.0/0"]}],
        }
        await site.sweep()
        found = {item["key"]: item for item in await items(site)}
        assert len(found) == 2
        key = next(key for key in found if key.startswith("security-group/"))
        answer = await site.ada.client.post(f"/drift/{found[key]['id']}:repair")
        assert [step["key"] for step in answer.json()["steps"]] == [key]
        await site.succeeded(answer.json())
        assert (firewall.fields["rules"], pool.fields["node_count"]) == (rules, 7)
        assert [item["key"] for item in await items(site)] == ["node-pool/default"]
        await site.succeeded((await site.ada.client.post("/sim/kubernetes/clusters/one:repair")).json())
        assert pool.fields["node_count"] == 2
        await site.sweep()
        assert await items(site) == []

    on_site(postgres, scenario)


def test_the_size_that_an_autoscaler_chose_is_no_drift(postgres):
    async def scenario(site):
        pool = {"name": "default", "machine_type": "small", "auto_scaling": {"enabled": True, "min": 1, "max": 9}}
        await standing(site, node_pool=pool | {"node_count": 2})
        made = thing(site, "node_pool")
        made.fields = {**made.fields, "node_count": 8}
        await site.sweep()
        assert await items(site) == []
        made.fields = {**made.fields, "auto_scaling": {"min": 1, "max": 50}}
        await site.sweep()
        [found] = await items(site)
        assert [item["field"] for item in found["fields"]] == ["auto_scaling"]

    on_site(postgres, scenario)


def test_drift_that_ends_by_itself_is_forgotten(postgres):
    async def scenario(site):
        await standing(site)
        pool = thing(site, "node_pool")
        before, pool.fields = pool.fields, {**pool.fields, "node_count": 7}
        await site.sweep()
        assert await state(site) == "drifted"
        pool.fields = before
        await site.sweep(2)
        assert (await items(site), await state(site)) == ([], "ready")
        assert await told(site, "resource.drift_ended") == 1

    on_site(postgres, scenario)


def test_what_the_cloud_gave_up_on_is_drift_too(postgres):
    async def scenario(site):
        await standing(site)
        pool = thing(site, "node_pool")
        site.world.fail(pool.id, "out of addresses")
        await site.sweep()
        [found] = await items(site)
        assert (found["drift"], "out of addresses" in found["message"]) == ("failed", True)
        assert found["actions"] == ["repair"]
        refused = await site.ada.client.post(f"/drift/{found['id']}:accept")
        assert refused.json()["type"].endswith("drift-not-acceptable")
        await site.succeeded((await site.ada.client.post(f"/drift/{found['id']}:repair")).json())
        assert thing(site, "node_pool").id != pool.id

    on_site(postgres, scenario)


def test_what_is_not_ours_may_look_as_it_likes_but_is_missed_when_it_is_gone(postgres):
    async def scenario(site):
        await site.succeeded(await site.create_network())
        network = thing(site, "network")
        await standing(site, network={"vpc_id": network.id})
        await site.sweep()
        assert await items(site) == []
        site.world.remove(network.id)
        await site.sweep()
        found = {item["belongs_to"]["kind"]: item for item in await items(site)}
        assert (found["cluster"]["actions"], found["network"]["actions"]) == ([], ["repair"])
        refused = await site.ada.client.post(f"/drift/{found['cluster']['id']}:repair")
        assert refused.json()["type"].endswith("not-ours")
        own = await drift(site, "/networks/net/drift")
        assert [item["id"] for item in own["items"]] == [found["network"]["id"]]
        assert (await drift(site, "/sim/network/vpcs/net/drift"))["items"] == own["items"]
        listed = await drift(site, "/sim/kubernetes/clusters/one/drift")
        assert [item["id"] for item in listed["items"]] == [found["cluster"]["id"]]

    on_site(postgres, scenario)


def test_a_sweep_waits_while_an_operation_moves_the_stack(postgres):
    async def scenario(site):
        await standing(site)
        gone = thing(site, "gateway")
        body = {"node_count": 3}
        path = "/sim/kubernetes/clusters/one/node-pools/default"
        operation = (await site.ada.client.patch(path, json=body)).json()
        site.world.remove(gone.id)
        await site.sweep()
        assert await items(site) == []
        await site.succeeded(operation)
        await site.sweep()
        assert [item["key"] for item in await items(site)] == ["gateway"]

    on_site(postgres, scenario)


def test_a_credential_that_is_refused_makes_the_picture_stale_and_says_why(postgres):
    async def scenario(site):
        await standing(site)
        await site.sweep()
        keys = dict(site.world.keys)
        site.world.keys.clear()
        site.world.remove(thing(site, "gateway").id)
        await site.sweep(2)
        seen = await drift(site)
        [fresh] = seen["sweeps"]
        assert (seen["items"], fresh["stale"], fresh["error"]["reason"]) == ([], True, "AuthenticationFailed")
        assert fresh["error"]["since"] is not None
        site.world.keys.update(keys)
        await site.sweep()
        [fresh] = (await drift(site))["sweeps"]
        assert (fresh["stale"], fresh["error"], len(await items(site))) == (False, None, 1)

    on_site(postgres, scenario)


def test_nothing_is_concluded_about_a_kind_that_cannot_be_listed(postgres):
    async def scenario(site):
        await standing(site)
        site.world.remove(thing(site, "gateway").id)
        site.faults.add("read.gateway", Fault(Mode.DENIED))
        await site.sweep()
        seen = await drift(site)
        assert seen["items"] == []
        assert "sim.gateway" in seen["sweeps"][0]["unread"]
        await site.sweep()
        assert len(await items(site)) == 1

    on_site(postgres, scenario)


def test_one_place_that_fails_does_not_keep_others_from_being_swept(postgres):
    async def scenario(site):
        await standing(site)
        await site.succeeded(await site.create_network("far", region="sim-west-1"))
        calls = site.sim.survey

        async def survey(session, known):
            if session.region == "sim-west-1":
                raise RuntimeError("a defect of the provider")
            return await calls(session, known)

        site.sim.survey = survey
        site.world.remove(thing(site, "gateway").id)
        stop = asyncio.Event()
        await site.house.execute("DELETE FROM sweeps")
        running = asyncio.create_task(site.sweeper.run(stop))
        async with asyncio.timeout(60):
            while not (await items(site)):  # each question gives the sweeper its turn
                await site.house.execute("UPDATE sweeps SET due_at = clock_timestamp()")
        stop.set()
        await running
        reasons = {item["region"]: item["error"] and item["error"]["reason"] for item in (await drift(site))["sweeps"]}
        assert reasons["sim-east-1"] is None
        assert reasons["sim-west-1"] == "Unclassified"

    on_site(postgres, scenario)


def test_the_list_is_narrowed_and_paged(postgres):
    async def scenario(site):
        await standing(site)
        await site.succeeded(await site.create_network("net"))
        for item in [item for item in site.world.resources() if item.kind in ("subnet", "network", "role")]:
            site.world.remove(item.id)
        await site.sweep()
        every = await items(site)
        assert len(every) > 3
        ids, cursor = [], None
        while True:
            page = await drift(site, limit=2, **({"cursor": cursor} if cursor else {}))
            ids += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert ids == [item["id"] for item in every]
        of_net = await items(site, cluster="net")
        assert {item["belongs_to"]["name"] for item in of_net} == {"net"}
        assert await items(site, cluster=of_net[0]["belongs_to"]["id"]) == of_net
        assert await items(site, provider="sim", region="sim-east-1", credential_id=str(site.credential)) == every
        for other in ({"provider": "x"}, {"region": "x"}, {"credential_id": str(site.other_credential)}):
            assert await items(site, **other) == []

    on_site(postgres, scenario)
