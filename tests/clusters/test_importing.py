"""Clusters that somebody else made: imported read-only or managed, then scaled, upgraded, released, deleted, forgotten."""

import asyncio
from uuid import uuid4

from building import cluster_body
from by_hand import CLUSTERS, enter, on_old_ground
from skyclust.contract.resources import Mark
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind

IMPORT = f"{CLUSTERS}:import"


def verbs(plan):
    return {change["key"]: change["verb"] for change in plan["changes"]}


def test_what_exists_is_listed_page_by_page_with_who_has_it(postgres):
    async def scenario(site, found):
        enter(site, "cluster", "other", {"version": "1.32", "mode": "standard"}, found.network)
        ours = await site.create("ours")
        await site.succeeded(ours)
        url = f"{CLUSTERS}:importable?credential_id={site.credential}&region=sim-east-1&limit=2"
        first = (await site.ada.client.get(url)).json()
        assert [item["name"] for item in first["items"]] == ["legacy", "other"]
        assert first["items"][0] == {
            "name": "legacy", "external_id": found.cluster, "region": "sim-east-1", "version": "1.33",
            "cidr_block": None, "taken": False, "id": None, "mark": None,
        }  # fmt: skip
        last = (await site.ada.client.get(f"{url}&cursor={first['next_cursor']}")).json()
        assert [(item["name"], item["taken"], item["id"]) for item in last["items"]] == [
            ("ours", True, ours["target"]["id"])
        ]
        assert last["items"][0]["mark"].startswith("tag skyclust:resource=")
        assert last["next_cursor"] is None

    on_old_ground(postgres, scenario)


def test_a_dry_run_shows_that_nothing_would_follow_and_writes_nothing(postgres):
    async def scenario(site, found):
        plan = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body(managed=True))).json()
        assert plan["ok"], plan
        assert (plan["following"], plan["managed"], plan["usd_per_month"]) == ([], True, 0)
        assert verbs(plan) == {
            "network": "read", f"subnet/{found.subnet}": "read", "role": "read",
            "cluster": "import", "node-pool/workers": "import",
        }  # fmt: skip
        only = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body())).json()
        assert set(verbs(only).values()) == {"read"}
        assert only["digest"] != plan["digest"]
        assert await site.house.scalar("SELECT count(*) FROM clusters") == 0
        assert set(found.tags()) == {None}

    on_old_ground(postgres, scenario)


def test_a_managed_import_marks_and_changes_nothing_and_leaves_an_empty_plan(postgres):
    async def scenario(site, found):
        before = {item.id: dict(item.fields) for item in site.world.resources()}
        plan = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body(managed=True))).json()
        body = found.body(managed=True, plan_digest=plan["digest"])
        begun = (await site.ada.client.post(IMPORT, json=body)).json()
        assert begun["kind"] == "cluster.import"
        shown = (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()
        assert (shown["state"], shown["endpoint"]) == ("updating", None)
        await site.succeeded(begun)
        shown = (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()
        assert (shown["state"], shown["managed"], shown["version"]) == ("ready", True, "1.33")
        assert shown["endpoint"]
        assert shown["options"] == {}
        assert (shown["network"]["vpc_id"], shown["network"]["own"]) == (found.network, False)
        assert [(pool["name"], pool["state"]) for pool in shown["node_pools"]] == [("workers", "ready")]
        assert set(verbs((await site.ada.client.get(f"{CLUSTERS}/legacy/plan")).json()).values()) == {"keep"}
        assert {item.id: dict(item.fields) for item in site.world.resources()} == before
        assert found.tags(found.network, found.subnet, found.role) == [None] * 3
        assert None not in found.tags(found.cluster, found.pool)

    on_old_ground(postgres, scenario)


def test_a_managed_one_is_scaled_upgraded_extended_and_deleted_without_touching_what_was_not_taken(postgres):
    async def scenario(site, found):
        await found.imported(managed=True)
        here = f"{CLUSTERS}/legacy"
        await found.done("PUT", f"{here}/node-pools/workers/scale", {"node_count": 5})
        assert site.world.books[found.pool].fields["node_count"] == 5
        await found.done("POST", f"{here}/node-pools", {"name": "more", "machine_type": "small"})
        await found.done("PATCH", here, {"version": "1.34"})
        assert site.world.books[found.cluster].fields["version"] == "1.34"
        assert set(verbs((await site.ada.client.get(f"{here}/plan")).json()).values()) == {"keep"}
        going = verbs((await site.ada.client.delete(f"{here}?dry_run=true")).json())
        assert {key for key, verb in going.items() if verb == "delete"} == {
            "cluster", "node-pool/workers", "node-pool/more"
        }  # fmt: skip
        await found.done("DELETE", here)
        assert {item.id for item in site.world.resources()} == {found.network, found.subnet, found.role}

    on_old_ground(postgres, scenario)


def test_a_read_only_one_is_shown_reached_and_never_changed(postgres):
    async def scenario(site, found):
        shown = await found.imported(managed=False)
        assert (shown["state"], shown["managed"]) == ("ready", False)
        here, ada = f"{CLUSTERS}/legacy", site.ada.client
        assert (await ada.get(f"{here}/kubeconfig")).status_code == 200
        assert set(verbs((await ada.get(f"{here}/plan")).json()).values()) == {"keep"}
        refused = [
            ("PATCH", here, {"version": "1.34"}),
            ("PUT", f"{here}/node-pools/workers/scale", {"node_count": 1}),
            ("POST", f"{here}/node-pools", {"name": "p", "machine_type": "small"}),
            ("DELETE", f"{here}/node-pools/workers", None),
            ("POST", f"{here}/nodes/n/cordon", None),
            ("POST", f"{here}/nodes/n/drain", None),
        ]
        for method, path, body in refused:
            answer = await ada.request(method, path, json=body)
            assert (answer.status_code, problem_kind(answer)) == (409, "read-only"), (path, answer.text)
            assert ":manage" in answer.json()["detail"]
        assert set(found.tags()) == {None}

    on_old_ground(postgres, scenario)


def test_deleting_a_read_only_one_forgets_it(postgres):
    async def scenario(site, found):
        await found.imported(managed=False)
        plan = (await site.ada.client.delete(f"{CLUSTERS}/legacy?dry_run=true")).json()
        assert set(verbs(plan).values()) == {"forget"}
        await found.done("DELETE", f"{CLUSTERS}/legacy")
        assert (await site.ada.client.get(f"{CLUSTERS}/legacy")).status_code == 404
        assert {item.id for item in site.world.resources()} == found.all
        assert (await found.imported(managed=True))["managed"], "it may be imported again"

    on_old_ground(postgres, scenario)


def test_a_read_only_one_is_taken_over_later_as_it_is_then(postgres):
    async def scenario(site, found):
        await found.imported(managed=False)
        site.world.books[found.pool].fields["node_count"] = 7
        gone = enter(site, "node_pool", "gone", dict(site.world.books[found.pool].fields), found.cluster)
        site.world.remove(gone)
        path = f"{CLUSTERS}/legacy:manage"
        plan = (await site.ada.client.post(f"{path}?dry_run=true")).json()
        assert (plan["ok"], plan["following"], verbs(plan)["cluster"]) == (True, [], "import")
        await found.done("POST", f"{path}?plan_digest={plan['digest']}")
        shown = (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()
        assert (shown["managed"], shown["node_pools"][0]["node_count"]) == (True, 7)
        assert None not in found.tags(found.cluster, found.pool)
        again = await site.ada.client.post(path)
        assert (again.status_code, problem_kind(again)) == (409, "managed-already")
        await found.done("PUT", f"{CLUSTERS}/legacy/node-pools/workers/scale", {"node_count": 3})
        assert site.world.books[found.pool].fields["node_count"] == 3

    on_old_ground(postgres, scenario)


def test_taking_over_is_rolled_back_to_only_observing(postgres):
    async def scenario(site, found):
        await found.imported(managed=False)
        operation = (await site.ada.client.post(f"{CLUSTERS}/legacy:manage")).json()
        await site.succeeded(operation)
        assert await site.house.scalar("SELECT count(*) FROM network_uses") == 1
        await site.succeeded(await site.roll_back(operation))
        assert await site.house.scalar("SELECT count(*) FROM network_uses") == 0, "its leftovers are not ours to sweep"
        shown = (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()
        assert (shown["managed"], shown["state"]) == (False, "ready")
        assert set(found.tags()) == {None}
        assert {item.id for item in site.world.resources()} == found.all

    on_old_ground(postgres, scenario)


def test_a_released_one_loses_our_mark_and_nothing_else(postgres):
    async def scenario(site, found):
        await found.imported(managed=True)
        await found.done("POST", f"{CLUSTERS}/legacy/node-pools", {"name": "more", "machine_type": "small"})
        path = f"{CLUSTERS}/legacy:release"
        plan = (await site.ada.client.post(f"{path}?dry_run=true")).json()
        assert set(verbs(plan).values()) == {"forget"}
        await found.done("POST", f"{path}?plan_digest={plan['digest']}")
        assert (await site.ada.client.get(f"{CLUSTERS}/legacy")).status_code == 404
        assert len(site.world.resources()) == len(found.all) + 1
        assert {item.tags.get("skyclust:resource") for item in site.world.resources()} == {None}
        assert await site.house.scalar("SELECT count(*) FROM network_uses") == 0
        assert (await found.imported(managed=True))["managed"]

    on_old_ground(postgres, scenario)


def test_what_we_made_ourselves_is_not_released(postgres):
    async def scenario(site, found):
        await site.succeeded(await site.create())
        answer = await site.ada.client.post(f"{CLUSTERS}/one:release")
        assert (answer.status_code, problem_kind(answer)) == (409, "never-imported")

    on_old_ground(postgres, scenario)


def test_an_import_that_is_refused_a_mark_can_be_rolled_back_or_resumed(postgres):
    async def scenario(site, found):
        site.faults.add("mark.node_pool", Fault(Mode.DENIED))
        body = found.body(managed=True)
        operation = (await site.ada.client.post(IMPORT, json=body)).json()
        assert (await site.ended(operation)).state == "needs_attention"
        scaled = await site.ada.client.put(
            f"{CLUSTERS}/legacy/node-pools/workers/scale", json={"node_count": 1}
        )  # fmt: skip
        assert problem_kind(scaled) == "import-unfinished"
        going = verbs((await site.ada.client.delete(f"{CLUSTERS}/legacy?dry_run=true")).json())
        assert (going["cluster"], going["node-pool/workers"]) == ("delete", "forget")
        await site.succeeded(await site.roll_back(operation))
        assert {item.id for item in site.world.resources()} == found.all
        assert set(found.tags()) == {None}

    on_old_ground(postgres, scenario)


def test_what_is_taken_is_refused_and_another_workspaces_is_not_named(postgres):
    async def scenario(site, found):
        mine = await found.imported(managed=False)
        again = await site.ada.client.post(IMPORT, json=found.body(managed=True))
        assert (again.status_code, problem_kind(again)) == (409, "already-imported")
        assert again.json()["existing"]["id"] == mine["id"]
        theirs = found.body() | {"credential_id": str(site.other_credential)}
        other = await site.eve.client.post(IMPORT, json=theirs)
        assert (other.status_code, problem_kind(other)) == (409, "already-imported")
        assert mine["id"] not in other.text
        assert "existing" not in other.json()
        listed = f"{CLUSTERS}:importable?credential_id={site.other_credential}&region=sim-east-1"
        [shown] = (await site.eve.client.get(listed)).json()["items"]
        assert (shown["taken"], shown["id"]) == (True, None)

    on_old_ground(postgres, scenario)


def test_two_workspaces_that_import_at_once_do_not_both_get_it(postgres):
    async def scenario(site, found):
        bodies = [(site.ada, site.credential), (site.eve, site.other_credential)]
        answers = await asyncio.gather(*(
            person.client.post(IMPORT, json=found.body(managed=True) | {"credential_id": str(credential)})
            for person, credential in bodies for _ in range(2)
        ))  # fmt: skip
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409], [a.text for a in answers]

    on_old_ground(postgres, scenario)


def test_another_installations_mark_is_respected(postgres):
    async def scenario(site, found):
        mark = Mark(uuid4(), uuid4(), 1, "elsewhere")
        site.world.books[found.cluster].tags.update(mark.tags())
        answer = await site.ada.client.post(IMPORT, json=found.body(managed=True))
        assert (answer.status_code, problem_kind(answer)) == (409, "marked-by-another")
        assert str(mark.resource_id) in answer.json()["proof"]
        plan = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body())).json()
        assert (plan["ok"], [finding["code"] for finding in plan["findings"]]) == (True, ["marked"])

    on_old_ground(postgres, scenario)


def test_what_our_words_cannot_say_is_only_imported_read_only(postgres):
    async def scenario(site, found):
        site.world.books[found.cluster].fields["outposts"] = True
        plan = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body(managed=True))).json()
        assert (plan["ok"], plan["findings"][0]["code"]) == (False, "unsayable")
        answer = await site.ada.client.post(IMPORT, json=found.body(managed=True))
        assert (answer.status_code, problem_kind(answer)) == (422, "import-refused")
        assert "read-only" in answer.json()["detail"]
        assert not (await found.imported(managed=False))["managed"]

    on_old_ground(postgres, scenario)


def test_what_would_be_changed_at_once_or_is_not_ready_is_not_managed(postgres):
    async def scenario(site, found):
        site.world.fail(found.pool, "no machines")
        answer = await site.ada.client.post(IMPORT, json=found.body(managed=True))
        assert answer.json()["codes"] == ["import-not-ready"], answer.text
        site.world.books[found.pool].failure = ""
        describe = site.sim.import_cluster

        async def wrongly(session, external_id):
            said = await describe(session, external_id)
            site.world.books[found.pool].fields["node_count"] = 9
            return said

        site.sim.import_cluster = wrongly
        plan = (await site.ada.client.post(f"{IMPORT}?dry_run=true", json=found.body(managed=True))).json()
        assert [change["key"] for change in plan["following"]] == ["node-pool/workers"]
        assert plan["findings"][0]["code"] == "import-differs"

    on_old_ground(postgres, scenario)


def test_what_is_wrong_with_a_request_is_said(postgres):
    async def scenario(site, found):
        ada = site.ada.client
        none = await ada.post(IMPORT, json=found.body("nothing"))
        assert (none.status_code, problem_kind(none)) == (404, "not-found")
        assert "legacy" in none.json()["detail"]
        enter(site, "cluster", "legacy", {"version": "1.33", "mode": "standard"}, found.network, found.role)
        two = await ada.post(IMPORT, json=found.body())
        assert (two.status_code, found.cluster in two.json()["external_ids"]) == (409, True)
        body = found.body() | {"external_id": found.cluster}
        assert (await ada.post(IMPORT, json=body)).status_code == 422, "one of the two"
        del body["name"]
        assert (await ada.post("/clusters:import", json=body | {"provider": "sim"})).status_code == 202
        site.sim.capabilities = frozenset()
        offered = await ada.post(IMPORT, json=body)
        assert (offered.status_code, problem_kind(offered)) == (422, "not-supported")

    on_old_ground(postgres, scenario)


def test_a_name_that_is_in_use_here_is_refused(postgres):
    async def scenario(site, found):
        await site.create("legacy2")
        enter(site, "cluster", "x", {"version": "1.33", "mode": "standard"}, found.network, found.role)
        site.world.books[found.cluster].name = "legacy2"
        site.world.books[found.cluster].region = "sim-east-1"
        answer = await site.ada.client.post(IMPORT, json=found.body("legacy2"))
        assert (answer.status_code, problem_kind(answer)) == (409, "name-exists"), answer.text

    on_old_ground(postgres, scenario)


def test_a_cited_plan_that_changed_and_a_key_that_is_repeated(postgres):
    async def scenario(site, found):
        stale = await site.ada.client.post(IMPORT, json=found.body(plan_digest="0" * 32))
        assert (stale.status_code, problem_kind(stale)) == (409, "plan-changed")
        key = {"Idempotency-Key": "once"}
        first = await site.ada.client.post(IMPORT, json=found.body(), headers=key)
        again = await site.ada.client.post(IMPORT, json=found.body(), headers=key)
        assert (first.status_code, again.status_code) == (202, 202), again.text
        assert again.json()["id"] == first.json()["id"]
        told = "SELECT count(*) FROM audit_entries WHERE action = 'cluster.import_requested'"
        assert await site.house.scalar(told) == 1

    on_old_ground(postgres, scenario)


def test_importing_is_more_than_creating_and_nothing_for_strangers(postgres):
    async def scenario(site, found):
        mine = await found.imported(managed=False)
        listing = f"{CLUSTERS}:importable?credential_id={site.credential}"
        routes = [
            ("GET", listing, None), ("POST", IMPORT, found.body()),
            ("POST", "/clusters:import", found.body() | {"provider": "sim"}),
            ("POST", f"{CLUSTERS}/legacy:manage", None), ("POST", f"/clusters/{mine['id']}:manage", None),
            ("POST", f"{CLUSTERS}/legacy:release", None), ("POST", f"/clusters/{mine['id']}:release", None),
        ]  # fmt: skip
        for method, path, body in routes:
            anonymous = await site.house.anonymous.request(method, path, json=body)
            assert anonymous.status_code == 401, path
            stranger = await site.eve.client.request(method, path, json=body)
            assert (stranger.status_code, problem_kind(stranger)) == (404, "not-found"), (path, stranger.text)
            viewer = await site.vic.client.request(method, path, json=body)
            assert viewer.status_code == 403, (path, viewer.text)
            user = await site.uma.client.request(method, path, json=body)
            assert (user.status_code, user.json()["missing_permission"]) == (403, "clusters.import"), (path, user.text)

    on_old_ground(postgres, scenario)


def test_a_cluster_of_ours_in_the_same_network_is_another_matter(postgres):
    async def scenario(site, found):
        body = cluster_body(site.credential, "ours", network={"vpc_id": found.network})
        await site.succeeded((await site.ada.client.post(CLUSTERS, json=body)).json())
        await found.imported(managed=True)
        await found.done("DELETE", f"{CLUSTERS}/legacy")
        assert (await site.ada.client.get(f"{CLUSTERS}/ours")).json()["state"] == "ready"

    on_old_ground(postgres, scenario)
