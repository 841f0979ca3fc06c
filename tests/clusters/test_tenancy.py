"""Rows of clusters and networks are held by row-level security; every mutation is told exactly once; the default region."""

from sqlalchemy import text

from building import KEY, PATH, cluster_body, on_site

TABLES = ("clusters", "networks", "network_uses")


def test_rows_are_seen_by_their_workspace_only(postgres):
    async def scenario(site):
        await site.create()
        await site.create("two", network={"vpc_id": "network-of-others", "subnet_ids": ["subnet-of-others"]})
        seen = {}
        for visible in (str(site.workspace), "", str(site.other_credential)):
            async with site.house.database.session(visible=visible) as session:
                seen[visible] = [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES]
        assert seen[str(site.workspace)] == [2, 1, 1]
        assert seen[""] == seen[str(site.other_credential)] == [0, 0, 0]

    on_site(postgres, scenario)


def test_every_mutation_is_told_once_with_who_did_it(postgres):
    async def scenario(site):
        await site.create()
        refused = await site.ada.client.post(PATH, json=cluster_body(site.credential))
        assert refused.status_code == 409
        await site.ada.client.post(f"{PATH}?dry_run=true", json=cluster_body(site.credential, "two"))
        await site.create_network()
        told = "SELECT string_agg(action || ' ' || actor_label, ',' ORDER BY action) FROM audit_entries WHERE action NOT LIKE 'cred%'"
        assert await site.house.scalar(told) == (
            "cluster.create_requested ada@example.com,network.create_requested ada@example.com"
        )
        told = f"SELECT count(*) FROM audit_entries WHERE data::text LIKE '%{KEY}%'"
        assert await site.house.scalar(told) == 0

    on_site(postgres, scenario)


def test_a_request_without_a_region_uses_the_credentials(postgres):
    async def scenario(site):
        site.sim.credential_schema["properties"]["region"] = {"type": "string", "maxLength": 50}
        data = {"name": "west", "provider": "sim", "data": {"key": KEY, "region": "sim-west-1"}}
        credential = (await site.ada.client.post("/credentials", json=data)).json()["id"]
        body = cluster_body(credential) | {"region": None}
        made = await site.ada.client.post(PATH, json=body)
        assert made.json()["target"]["region"] == "sim-west-1", made.text
        vpc = {"credential_id": credential, "name": "net", "cidr_block": "10.9.0.0/16"}
        assert (await site.ada.client.post("/sim/network/vpcs", json=vpc)).json()["target"]["region"] == "sim-west-1"
        none = await site.ada.client.post(PATH, json=cluster_body(site.credential) | {"region": None})
        assert none.json()["errors"][0]["pointer"] == "/region"

    on_site(postgres, scenario)


def test_what_a_provider_made_is_still_listed_when_it_is_no_longer_installed(postgres):
    async def scenario(site):
        await site.create()
        await site.create_network()
        del site.house.app.state.providers["sim"]
        [cluster] = (await site.ada.client.get("/clusters")).json()["items"]
        assert (cluster["name"], cluster["endpoint"]) == ("one", None)
        assert len((await site.ada.client.get("/networks")).json()["items"]) == 2
        assert (await site.ada.client.delete(f"/clusters/{cluster['id']}")).status_code == 404

    on_site(postgres, scenario)
