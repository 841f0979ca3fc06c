"""Kubeconfigs and tokens: no static secret leaves, and every handing out is told."""

from datetime import UTC, datetime

import yaml

from building import KEY, PATH, on_site
from tenancy import problem_kind

HERE = f"{PATH}/one"
ALL = "/clusters:kubeconfig"


def test_a_kubeconfig_holds_no_static_secret_and_is_audited(postgres):
    async def scenario(site):
        ada = site.ada.client
        made = await site.create()
        early = await ada.get(f"{HERE}/kubeconfig")
        assert (early.status_code, problem_kind(early)) == (409, "cluster-not-ready")
        await site.succeeded(made)
        response = await ada.get(f"{HERE}/kubeconfig")
        assert response.headers["content-type"].startswith("application/yaml")
        config = yaml.safe_load(response.text)
        cluster = (await ada.get(HERE)).json()
        assert config["clusters"][0]["cluster"]["server"] == cluster["endpoint"]
        assert config["users"][0]["user"]["exec"]["args"] == ["kube-token", "--cluster-id", cluster["id"]]
        assert set(config["users"][0]["user"]) == {"exec"}
        assert KEY not in response.text
        as_json = await ada.get(f"{HERE}/kubeconfig?format=json")
        assert as_json.json() == config
        saved = [answer.headers["content-disposition"] for answer in (response, as_json)]
        assert saved == [f'attachment; filename="kubeconfig-one.{kind}"' for kind in ("yaml", "json")]

        before = len(site.world.resources())
        short = yaml.safe_load((await ada.get(f"{HERE}/kubeconfig?auth=token")).text)["users"][0]["user"]
        assert set(short) == {"token"}
        again = yaml.safe_load((await ada.get(f"{HERE}/kubeconfig?auth=token")).text)["users"][0]["user"]
        assert again != short
        assert len(site.world.resources()) == before
        none = await ada.get(f"{HERE}/kubeconfig?auth=cloud")
        assert (none.status_code, none.json()["errors"][0]["pointer"]) == (422, "?auth")

        credential = (await ada.post(f"{HERE}/kube-token")).json()
        assert credential["kind"] == "ExecCredential"
        assert datetime.fromisoformat(credential["status"]["expirationTimestamp"]) > datetime.now(UTC)
        assert (await ada.post(f"/clusters/{cluster['id']}/kube-token")).status_code == 200
        told = "SELECT count(*) FROM audit_entries WHERE action LIKE 'cluster.kube%'"
        assert await site.house.scalar(told) == 6

    on_site(postgres, scenario)


def test_one_kubeconfig_holds_every_cluster_that_one_may_reach(postgres):
    async def scenario(site):
        ada = site.ada.client
        early = (await site.create("two"))["target"]["id"]
        named_early = await ada.get(ALL, params={"cluster_id": early})
        assert (named_early.status_code, problem_kind(named_early)) == (409, "cluster-not-ready")
        assert yaml.safe_load((await ada.get(ALL)).text)["contexts"] == []
        await site.succeeded(await site.create("one"))
        items = (await ada.get("/clusters")).json()["items"]
        before = len(site.world.resources())
        answer = await ada.get(ALL)
        config = yaml.safe_load(answer.text)
        expected = [f"sim-sim-east-1-{item['name']}-{item['id'][-8:]}" for item in items]
        assert sorted(item["name"] for item in config["contexts"]) == sorted(expected)
        assert config["current-context"] == config["contexts"][0]["name"]
        assert answer.headers["content-disposition"] == 'attachment; filename="kubeconfig.yaml"'
        assert all(set(item["user"]) == {"exec"} for item in config["users"])
        assert len(site.world.resources()) == before
        one = (await ada.get(ALL, params={"cluster_id": items[1]["id"], "format": "json"})).json()
        assert [item["name"] for item in one["contexts"]] == [expected[1]], "the name does not hang on the others"
        assert (await site.eve.client.get(ALL, params={"cluster_id": items[0]["id"]})).status_code == 404
        assert yaml.safe_load((await site.eve.client.get(ALL)).text)["clusters"] == []
        assert (await site.vic.client.get(ALL)).status_code == 403
        told = "SELECT count(*) FROM audit_entries WHERE action = 'cluster.kubeconfig_issued' AND target = :target"
        counts = [await site.house.scalar(told, target=f"cluster/{item['id']}") for item in items]
        assert counts == [1, 2]

    on_site(postgres, scenario)
