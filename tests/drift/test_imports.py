"""What sweeps make of what was imported: managed drifts like our own, observed only goes missing, given back is nobody's."""

from by_hand import CLUSTERS, on_old_ground
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind


async def items(site, path="/drift"):
    answer = await site.ada.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_managed_one_drifts_and_is_repaired_like_our_own(postgres):
    async def scenario(site, found):
        await found.imported(managed=True)
        await site.sweep(2)
        assert await items(site) == await items(site, "/orphans") == []
        site.world.books[found.pool].fields["node_count"] = 9
        await site.sweep()
        [drift] = await items(site)
        assert (drift["drift"], drift["external_id"]) == ("changed", found.pool)
        await found.done("POST", f"/drift/{drift['id']}:repair")
        assert site.world.books[found.pool].fields["node_count"] == 2

    on_old_ground(postgres, scenario)


def test_a_read_only_one_may_change_as_it_likes_and_is_not_made_anew_when_it_is_gone(postgres):
    async def scenario(site, found):
        await found.imported(managed=False)
        site.world.books[found.pool].fields["node_count"] = 9
        await site.sweep()
        assert await items(site) == []
        site.world.remove(found.pool)
        await site.sweep(2)
        [drift] = await items(site)
        assert (drift["drift"], drift["external_id"]) == ("missing", found.pool)
        assert (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()["state"] == "drifted"
        made = site.world.created
        refused = await site.ada.client.post(f"/drift/{drift['id']}:repair")
        assert refused.status_code in (409, 422), refused.text
        assert site.world.created == made
        await found.done("POST", f"{CLUSTERS}/legacy:manage")
        shown = (await site.ada.client.get(f"{CLUSTERS}/legacy")).json()
        assert (shown["state"], shown["managed"], shown["node_pools"]) == ("ready", True, [])

    on_old_ground(postgres, scenario)


def test_what_is_given_back_is_no_orphan(postgres):
    async def scenario(site, found):
        await found.imported(managed=True)
        await site.sweep()
        await found.done("POST", f"{CLUSTERS}/legacy:release")
        await site.create("keeps-the-sweep")
        await site.sweep(3)
        assert await items(site, "/orphans") == []
        assert set(found.tags()) == {None}

    on_old_ground(postgres, scenario)


def test_what_an_import_marked_before_it_failed_is_no_orphan(postgres):
    async def scenario(site, found):
        site.faults.add("mark.node_pool", Fault(Mode.DENIED))
        operation = (await site.ada.client.post(f"{CLUSTERS}:import", json=found.body(managed=True))).json()
        assert (await site.ended(operation)).state == "needs_attention"
        await site.sweep(3)
        assert await items(site, "/orphans") == []
        await site.succeeded(await site.roll_back(operation))
        await site.sweep(3)
        assert await items(site, "/orphans") == []
        again = await site.ada.client.post(f"{CLUSTERS}/legacy:release")
        assert (again.status_code, problem_kind(again)) == (404, "not-found")

    on_old_ground(postgres, scenario)
