"""Nodes, workloads, pods, events and logs through our door, as kubectl sees them: in the sandbox and on a real cluster."""

import json

import pytest

from building import on_site
from kubernetes_fixtures import ZONES
from reached import HERE, inside, lead_to
from tenancy import problem_kind

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}, {"name": "side", "image": "helper:1"}]},
        },
    },
}
JOB = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": "nightly"},
    "spec": {
        "schedule": "0 3 * * *",
        "suspend": True,
        "jobTemplate": {
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "j", "image": "job:1"}]}}}
        },
    },
}


@pytest.fixture
def web(kubectl):
    for manifest in (WEB, JOB):
        kubectl.run("apply", "-f", "-", stdin=json.dumps(manifest))
    kubectl.run("rollout", "status", "deployment/web", "--timeout=30s")
    return kubectl


async def pages(client, path, **params):
    """Every item, one by one."""
    found, cursor = [], None
    while True:
        answer = await client.get(path, params=params | {"limit": 1} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["items"]) <= 1
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


def test_what_is_inside_is_shown_as_kubectl_shows_it(postgres, web):
    async def scenario(site):
        vic, here = site.vic.client, {"namespace": web.namespace}
        nodes = await pages(vic, f"{HERE}/nodes")
        seen = web.json("get", "nodes")["items"]
        assert [node["name"] for node in nodes] == [item["metadata"]["name"] for item in seen] == sorted(ZONES)
        assert {node["name"]: node["zone"] for node in nodes} == ZONES
        assert {(node["state"], node["machine_type"]) for node in nodes} == {("Ready", "m5.large")}

        pods = await pages(vic, f"{HERE}/pods", **here)
        assert sorted(f"pod/{pod['name']}" for pod in pods) == sorted(web.names("pods"))
        assert {(p["phase"], p["ready"], tuple(p["containers"])) for p in pods} == {("Running", 2, ("main", "side"))}
        assert all(pod["owner"].startswith("ReplicaSet/web-") for pod in pods)

        node = (await vic.get(f"{HERE}/nodes/{pods[0]['node']}")).json()
        assert "Ready" in {condition["type"] for condition in node["conditions"]}
        assert node["capacity"]["pods"] == "110"
        assert pods[0]["name"] in {pod["name"] for pod in node["pods"]}
        there = (await vic.get(f"{HERE}/pods", params=here | {"node": pods[0]["node"]})).json()["items"]
        assert {pod["node"] for pod in there} == {pods[0]["node"]}

        assert web.namespace in {item["name"] for item in await pages(vic, f"{HERE}/namespaces")}
        workloads = await pages(vic, f"{HERE}/workloads", **here)
        assert [(w["kind"], w["name"], w["ready"], w["desired"], w["state"]) for w in workloads] == [
            ("Deployment", "web", 2, 2, "ready"),
            ("CronJob", "nightly", 0, 0, "paused"),
        ]
        assert workloads[0]["images"] == ["nginx:1.27", "helper:1"]
        only = (await vic.get(f"{HERE}/workloads", params=here | {"kind": "CronJob"})).json()
        assert ([item["name"] for item in only["items"]], only["next_cursor"]) == (["nightly"], None)
        events = await pages(vic, f"{HERE}/events", **here)
        assert "ScalingReplicaSet" in {event["reason"] for event in events if event["object_name"] == "web"}

        gone = await vic.get(f"{HERE}/nodes/none")
        assert (gone.status_code, problem_kind(gone)) == (404, "not-found")
        odd = await vic.get(f"{HERE}/pods", params={"cursor": "bm9uc2Vuc2U"})
        assert odd.status_code == 422
        elsewhere = await vic.get(f"{HERE}/pods", params=here | {"node": "../../secrets"})
        assert elsewhere.status_code == 422
        stranger = await site.eve.client.get(f"{HERE}/pods")
        assert stranger.status_code == 404

    inside(postgres, web, scenario)


def test_a_log_is_read_by_whoever_may_reach_the_cluster_and_each_reading_is_told(postgres, web, cluster):
    async def scenario(site):
        ada, pod = site.ada.client, web.names("pods")[0].removeprefix("pod/")
        log = f"{HERE}/pods/{web.namespace}/{pod}/log"
        refused = await site.vic.client.get(log)
        assert (refused.status_code, refused.json()["missing_permission"]) == (403, "clusters.kubeconfig")
        which = await ada.get(log)
        assert which.status_code == 422, which.text
        assert "choose one of: [main side]" in which.json()["errors"][0]["detail"]
        missing = await ada.get(f"{HERE}/pods/{web.namespace}/none/log")
        assert (missing.status_code, problem_kind(missing)) == (404, "not-found")
        answer = await ada.get(log, params={"container": "main", "tail_lines": 1})
        if cluster.name == "sandbox":
            assert answer.json()["text"] == web.run("logs", pod, "-c", "main", "--tail=1")
            assert not answer.json()["truncated"]
        else:  # its kubelets are simulated: nobody has a log
            assert problem_kind(answer) in ("kubernetes-refused", "not-found", "invalid"), answer.text
        told = "SELECT string_agg(data->>'detail', ' ') FROM audit_entries WHERE action = 'cluster.pod_log_read'"
        assert f"{web.namespace}/{pod}" in await site.house.scalar(told)

    inside(postgres, web, scenario)


def test_a_cordon_is_seen_by_kubectl_and_a_dry_run_is_not(postgres, kubectl):
    def state():
        return kubectl.run("get", "node", "node-b", "-o", "jsonpath={.spec.unschedulable}")

    async def scenario(site):
        uma, here = site.uma.client, f"{HERE}/nodes/node-b"
        tried = await uma.post(f"{here}/cordon", params={"dry_run": True})
        assert (tried.json()["schedulable"], state()) == (False, "")
        for _ in range(2):
            done = await uma.post(f"{here}/cordon")
            assert (done.status_code, done.json()["state"], state()) == (200, "Ready,SchedulingDisabled", "true")
        back = await uma.post(f"{here}/uncordon")
        assert (back.json()["schedulable"], state()) == (True, "")
        assert (await uma.post(f"{HERE}/nodes/none/cordon")).status_code == 404
        refused = await site.vic.client.post(f"{here}/cordon")
        assert (refused.status_code, refused.json()["missing_permission"]) == (403, "clusters.update")
        told = "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_entries WHERE action LIKE 'cluster.node_%'"
        expected = "cluster.node_cordoned cluster.node_cordoned cluster.node_uncordoned"
        assert await site.house.scalar(told) == expected

    inside(postgres, kubectl, scenario)


def test_an_unreachable_cluster_says_why_and_everything_else_of_it_works(postgres, sandbox_cluster):
    async def scenario(site):
        ada, sim = site.ada.client, site.sim
        cases = [
            ({"endpoint": "https://127.0.0.1:9"}, "kubernetes-unreachable", "unreachable", "control plane is well"),
            ({"endpoint": "https://one.invalid"}, "kubernetes-unreachable", "no_address", "Private clusters"),
            ({"token": "somebody-else"}, "kubernetes-refused", "unauthenticated", "access entry"),
            ({"endpoint": "http://127.0.0.1:9"}, "kubernetes-unreachable", "unreachable", "endpoint"),
            ({"endpoint": "https://169.254.169.254"}, "kubernetes-unreachable", "unreachable", "endpoint"),
        ]
        for change, kind, reason, advice in cases:
            lead_to(sim, sandbox_cluster, **change)
            for method, path in (("GET", "nodes"), ("GET", "pods"), ("POST", "nodes/node-a/cordon")):
                answer = await ada.request(method, f"{HERE}/{path}")
                said = answer.json()
                assert (answer.status_code, problem_kind(answer), said["reason"]) == (502, kind, reason), answer.text
                assert advice in said["detail"]
            for path in (HERE, f"{HERE}/node-pools", f"{HERE}/kubeconfig", f"{HERE}/plan"):
                assert (await ada.get(path)).status_code == 200

    inside(postgres, sandbox_cluster, scenario)


def test_a_cluster_that_is_not_there_yet_is_409(postgres):
    async def scenario(site):
        await site.create()
        for path in ("nodes", "workloads", "namespaces", "events", "pods"):
            early = await site.ada.client.get(f"{HERE}/{path}")
            assert (early.status_code, problem_kind(early)) == (409, "cluster-not-ready")

    on_site(postgres, scenario)
