"""Kubeconfigs and tokens: no static secret leaves, and every handing out is told."""

from datetime import UTC, datetime

import yaml

from building import KEY, PATH, on_site
from tenancy import problem_kind

HERE = f"{PATH}/one"


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
