"""Kubeconfigs, tokens and nodes: no static secret leaves, every handing out is told, the cluster's own API is bounded."""

import asyncio
import re
from datetime import UTC, datetime

import httpx
import pytest
import yaml

from building import KEY, PATH, on_site
from skyclust.clusters import kube
from skyclust.contract.provider import ClusterAccess, KubeToken
from skyclust.kit.problems import Problem
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


NODE = {
    "metadata": {
        "name": "n-1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {
            "cloud.example/nodepool": "default",
            "node.kubernetes.io/instance-type": "small",
            "topology.kubernetes.io/zone": "z-a",
        },
    },
    "spec": {},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "nodeInfo": {"kubeletVersion": "v1.33.1"},
        "addresses": [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.4"}],
    },
}
ACCESS = ClusterAccess("one", "https://one.example", "")
TOKEN = KubeToken("t-1", datetime(2030, 1, 1, tzinfo=UTC))


def with_api(answer, ask):
    async def scenario():
        async with kube.opened(ACCESS, TOKEN, httpx.MockTransport(answer)) as api:
            return await ask(api)

    return asyncio.run(scenario())


def test_nodes_are_read_page_by_page_with_the_short_lived_token():
    asked = []

    def answer(request):
        asked.append((request.headers["authorization"], request.url.params.get("continue", "")))
        second = {**NODE, "metadata": {**NODE["metadata"], "name": "n-0"}}
        if request.url.params.get("continue"):
            return httpx.Response(200, json={"items": [second], "metadata": {}})
        return httpx.Response(200, json={"items": [NODE], "metadata": {"continue": "more"}})

    nodes = with_api(answer, lambda api: api.nodes())
    assert [node.name for node in nodes] == ["n-0", "n-1"]
    assert asked == [("Bearer t-1", ""), ("Bearer t-1", "more")]
    node = nodes[1]
    assert (node.state, node.node_pool, node.machine_type, node.zone) == ("Ready", "default", "small", "z-a")
    assert (node.internal_ip, node.version) == ("10.0.0.4", "v1.33.1")


def test_cordon_is_a_merge_patch_of_one_field():
    def answer(request):
        assert request.method == "PATCH"
        assert request.headers["content-type"] == "application/merge-patch+json"
        assert re.sub(rb"\s", b"", request.content) == b'{"spec":{"unschedulable":true}}'
        return httpx.Response(200, json={**NODE, "spec": {"unschedulable": True}})

    node = with_api(answer, lambda api: api.set_schedulable("n-1", schedulable=False))
    assert not node.schedulable
    assert node.state == "Ready,SchedulingDisabled"


def pod(name, **more):
    return {"metadata": {"namespace": "web", "name": name} | more, "status": {"phase": "Running"}}


def test_draining_evicts_what_can_live_elsewhere_and_names_what_a_budget_holds():
    daemon = [{"kind": "DaemonSet", "controller": True}]
    pods = [
        pod("free"),
        pod("held"),
        pod("agent", ownerReferences=daemon),
        pod("kubelet", annotations={"kubernetes.io/config.mirror": "x"}),
        pod("old") | {"status": {"phase": "Succeeded"}},
        pod("gone"),
    ]
    evicted = []

    def answer(request):
        if request.method == "PATCH":
            return httpx.Response(200, json=NODE)
        if request.method == "GET":
            assert request.url.params["fieldSelector"] == "spec.nodeName=n-1"
            return httpx.Response(200, json={"items": pods, "metadata": {}})
        evicted.append(request.url.path)
        if "/held/" in request.url.path:
            return httpx.Response(429, json={"message": "Cannot evict: budget web-pdb needs 2 healthy pods"})
        return httpx.Response(404 if "/gone/" in request.url.path else 201, json={})

    drained = with_api(answer, lambda api: api.drain("n-1"))
    assert [item.name for item in drained.evicted] == ["free", "gone"]
    assert [(item.name, "web-pdb" in item.message) for item in drained.blocked] == [("held", True)]
    assert [item.name for item in drained.kept] == ["agent", "kubelet", "old"]
    assert not drained.done
    assert evicted[0] == "/api/v1/namespaces/web/pods/free/eviction"
    pods[:] = [item for item in pods if item["metadata"]["name"] in ("agent", "kubelet")]
    assert with_api(answer, lambda api: api.drain("n-1")).done


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda _: httpx.Response(404, json={"message": "no"}), "not-found"),
        (lambda _: httpx.Response(403, json={"message": "forbidden"}), "kubernetes-refused"),
        (lambda _: httpx.Response(302, headers={"location": "http://169.254.169.254/"}), "kubernetes-refused"),
    ],
)
def test_what_the_cluster_refuses_is_told(answer, kind):
    with pytest.raises(Problem) as refused:
        with_api(answer, lambda api: api.node("n-1"))
    assert refused.value.kind == kind


def test_a_cluster_that_does_not_answer_is_told():
    def answer(request):
        raise httpx.ConnectTimeout("too late")

    with pytest.raises(Problem) as refused:
        with_api(answer, lambda api: api.nodes())
    assert (refused.value.kind, refused.value.status) == ("kubernetes-unreachable", 502)
