"""What is installed and what may be asked for."""

from building import on_site
from tenancy import problem_kind

META = "/sim/kubernetes/metadata"


def test_the_catalogue_tells_what_may_be_asked_for(postgres):
    async def scenario(site):
        vic = site.vic.client
        calls = site.world.calls
        providers = {item["name"]: item for item in (await vic.get("/providers")).json()["items"]}
        assert set(providers) == {"cumulus", "sim"}
        assert providers["sim"]["credential_schema"]["properties"]["key"]["writeOnly"]
        assert "cluster.standard" in providers["sim"]["capabilities"]
        regions = (await vic.get(f"{META}/regions")).json()["items"]
        assert {"name": "sim-east-1"} in regions
        zones = (await vic.get(f"{META}/zones?region=sim-east-1")).json()["items"]
        assert [zone["name"] for zone in zones] == ["sim-east-1a", "sim-east-1b", "sim-east-1c"]
        versions = (await vic.get(f"{META}/versions")).json()["items"]
        assert [item["name"] for item in versions if item["default"]] == ["1.34"]
        page = (await vic.get(f"{META}/machine-types?region=sim-east-1&limit=2")).json()
        assert [item["name"] for item in page["items"]] == ["large", "medium"]
        assert page["items"][0]["price"]["source"]
        rest = (await vic.get(f"{META}/machine-types?region=sim-east-1&cursor={page['next_cursor']}")).json()
        assert [item["name"] for item in rest["items"]] == ["small"]
        big = (await vic.get(f"{META}/machine-types?region=sim-east-1&vcpu_min=4&name=med")).json()
        assert [item["name"] for item in big["items"]] == ["medium"]
        assert site.world.calls == calls, "the catalogue asked the cloud"

    on_site(postgres, scenario)


def test_what_is_not_there_is_told_with_what_is(postgres):
    async def scenario(site):
        vic = site.vic.client
        nowhere = await vic.get("/nimbus/kubernetes/metadata/regions")
        assert (nowhere.status_code, problem_kind(nowhere)) == (404, "unknown-provider")
        assert "sim" in nowhere.json()["detail"]
        region = await vic.get(f"{META}/zones?region=sim-east-9")
        assert region.status_code == 422
        assert region.json()["errors"][0]["pointer"] == "?region"
        assert "sim-east-1" in region.json()["errors"][0]["detail"]
        assert (await vic.get(f"{META}/machine-types")).status_code == 422

    on_site(postgres, scenario)
