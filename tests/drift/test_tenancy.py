"""Drift and orphans are seen by their workspace only, and acted on by those who may."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from building import REGION, on_site
from skyclust.kit.db import EVERYTHING
from skyclust.providers.sim.world import Wanted

READS = ("/drift", "/drift/{drift}", "/orphans", "/orphans/{orphan}", "/clusters/one/drift",
         "/sim/kubernetes/clusters/one/drift")  # fmt: skip
ACTS = ("/drift/{drift}:accept", "/drift/{drift}:repair", "/clusters/one:repair",
        "/sim/kubernetes/clusters/one:repair", "/orphans/{orphan}:sweep", "/orphans/{orphan}:adopt",
        "/orphans/{orphan}:ignore", "/orphans/{orphan}:unignore")  # fmt: skip


async def troubled(site):
    """A cluster with a changed node pool and an orphan; their ids."""
    await site.succeeded(await site.create())
    pool = next(item for item in site.world.resources() if item.kind == "node_pool")
    pool.fields = {**pool.fields, "node_count": 7}
    tags = {"skyclust:resource": str(uuid4()), "skyclust:stack": pool.tags["skyclust:stack"]}
    site.world.enter(Wanted("gateway", REGION, "left", {}, frozenset()), tags)
    await site.sweep(2)
    return {
        "drift": (await site.ada.client.get("/drift")).json()["items"][0]["id"],
        "orphan": (await site.ada.client.get("/orphans")).json()["items"][0]["id"],
    }


def test_others_find_nothing_and_viewers_only_look(postgres):
    async def scenario(site):
        ids = await troubled(site)
        for path in READS:
            seen = await site.vic.client.get(path.format(**ids))
            assert seen.status_code == 200, (path, seen.text)
            hidden = await site.eve.client.get(path.format(**ids))
            assert (hidden.status_code == 404) or hidden.json()["items"] == hidden.json()["sweeps"] == [], path
            assert (await site.house.anonymous.get(path.format(**ids))).status_code == 401, path
        for path in ACTS:
            for dry_run in (True, False):
                answer = [
                    (await person.client.post(path.format(**ids), params={"dry_run": dry_run})).status_code
                    for person in (site.vic, site.eve)
                ]
                assert answer == [403, 404], path
        many = {"orphan_ids": [ids["orphan"]]}
        assert (await site.vic.client.post("/orphans:sweep", json=many)).status_code == 403
        assert (await site.eve.client.post("/orphans:sweep", json=many)).status_code == 404
        for path in ACTS:
            answer = await site.uma.client.post(path.format(**ids), params={"dry_run": True})
            assert answer.status_code in (200, 409), (path, answer.text)

    on_site(postgres, scenario)


@pytest.mark.parametrize("table", ["sweeps", "orphans"])
def test_row_level_security_holds_the_rows(postgres, table):
    async def scenario(site):
        await troubled(site)
        seen = {}
        for visible in (str(site.workspace), "", str(UUID(int=9)), EVERYTHING):
            async with site.house.database.session(visible=visible) as session:
                seen[visible] = await session.scalar(text(f"SELECT count(*) FROM {table}"))
        assert list(seen.values()) == [1, 0, 0, 1]

    on_site(postgres, scenario)


def test_no_page_costs_more_statements_with_more_rows(postgres):
    async def scenario(site):
        await troubled(site)
        counted = []

        async def statements(path):
            from sqlalchemy import event

            engine = site.house.database.engine.sync_engine
            seen = []

            def count(_connection, _cursor, statement, *_rest):
                seen.append(statement)

            event.listen(engine, "before_cursor_execute", count)
            await site.ada.client.get(path)
            event.remove(engine, "before_cursor_execute", count)
            return len(seen)

        counted = [await statements(path) for path in ("/drift", "/orphans")]
        await site.succeeded(await site.create("two", network={"cidr_block": "10.9.0.0/16"}))
        for item in site.world.resources():
            if item.kind in ("subnet", "gateway", "role"):
                site.world.remove(item.id)
        await site.sweep(2)
        assert len((await site.ada.client.get("/drift")).json()["items"]) > 5
        assert [await statements(path) for path in ("/drift", "/orphans")] == counted

    on_site(postgres, scenario)
