"""Drift through the HTTP door: seen by a sweep, shown, never repaired silently."""

from building import on_site


async def drift(site, person=None, **query):
    response = await (person or site.ada).client.get("/drift", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def thing(site, kind):
    return next(item for item in site.world.resources() if item.kind == kind)


def test_what_is_deleted_by_hand_is_drift_after_one_sweep(postgres):
    async def scenario(site):
        await site.succeeded(await site.create())
        await site.sweep()
        quiet = await drift(site)
        assert quiet["items"] == []
        assert [(item["stale"], item["error"]) for item in quiet["sweeps"]] == [(False, None)]
        gone = thing(site, "gateway")
        site.world.remove(gone.id)
        await site.sweep()
        [found] = (await drift(site))["items"]
        assert (found["drift"], found["external_id"], found["belongs_to"]["name"]) == ("missing", gone.id, "one")
        [cluster] = (await site.ada.client.get("/clusters")).json()["items"]
        assert cluster["state"] == "drifted"
        assert (await site.ada.client.get(f"/drift/{found['id']}")).json() == found
        assert [item.id for item in site.world.resources() if item.kind == "gateway"] == []

    on_site(postgres, scenario)
