"""What no kubectl shows: who gets in, what a port call does, and what survives a killed process."""

import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from skyclust.sandbox.kernel import CertificateAuthority, NodeSpec, SandboxClock, Store
from skyclust.sandbox.kubernetes import KubernetesClusters, writing

SOURCE = Path(__file__).parents[3] / "src"
SERVE = """
import socket
import sys
from pathlib import Path
import uvicorn
from skyclust.sandbox.kernel import CertificateAuthority, NodeSpec, SandboxClock, Store
from skyclust.sandbox.kubernetes import KubernetesClusters
folder = Path(sys.argv[1])
ca = CertificateAuthority(folder / "tls")
clusters = KubernetesClusters(Store(folder / "sandbox.sqlite3"), SandboxClock(), ca)
certificate, key = ca.issue("kubernetes")
config = uvicorn.Config(clusters.app, log_level="warning", lifespan="off", interface="asgi3",
                        ssl_certfile=str(certificate), ssl_keyfile=str(key))
server = uvicorn.Server(config)
listener = socket.create_server(("127.0.0.1", 0))
clusters.announce(f"https://127.0.0.1:{listener.getsockname()[1]}")
clusters.create("one", "1.34", lambda token: "admin" if token == "let-me-in" else None)
clusters.set_nodes("one", "pool", [NodeSpec("node-a", zone="zone-a"), NodeSpec("node-b", zone="zone-b")])
print(clusters.endpoint("one"), flush=True)
server.run(sockets=[listener])
"""


class Client:
    def __init__(self, endpoint: str, ca: Path, token: str = "let-me-in") -> None:
        self.endpoint = endpoint
        self.trust = ssl.create_default_context(cafile=str(ca))
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, path: str, method: str = "GET", body: dict | None = None, **headers: str):
        data = json.dumps(body).encode() if body is not None else None
        sent = {**self.headers, "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.endpoint + path, data=data, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.trust) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())


@pytest.fixture
def client(served, request):
    endpoint = served.add(request.node.name.replace("_", "-"), {"node-a": "zone-a"})
    return Client(endpoint, served.ca.certificate_file)


def config_map(name: str, **data: str) -> dict:
    return {"metadata": {"name": name}, "data": data}


MAPS = "/api/v1/namespaces/default/configmaps"


class TestAccess:
    @pytest.mark.parametrize("token", ["", "wrong"])
    def test_no_or_a_wrong_token_is_unauthorized(self, client, token):
        client.headers = {"Authorization": f"Bearer {token}"} if token else {}
        code, status = client.call("/api/v1/nodes")
        assert code == 401
        assert (status["kind"], status["reason"], status["code"]) == ("Status", "Unauthorized", 401)
        assert client.call(MAPS, "POST", config_map("x"))[0] == 401

    def test_the_version_needs_no_token(self, client):
        client.headers = {}
        assert client.call("/version")[1]["gitVersion"] == "v1.34.0"

    def test_an_unknown_cluster_is_not_found(self, client):
        client.endpoint = client.endpoint.rpartition("/")[0] + "/nowhere"
        assert client.call("/api")[0] == 404

    @pytest.mark.parametrize("path", ["/apis/none.example/v1/things", "/api/v1/nonsense", "/api/v1/pods/x/exec"])
    def test_unknown_paths_are_not_found(self, client, path):
        code, status = client.call(path)
        assert (code, status["reason"]) == (404, "NotFound")


class TestVerbs:
    def test_a_name_is_generated(self, client):
        code, made = client.call(MAPS, "POST", {"metadata": {"generateName": "x-"}})
        assert code == 201
        assert made["metadata"]["name"].startswith("x-")
        assert len(made["metadata"]["name"]) == len("x-") + 5

    def test_deleting_asks_for_preconditions(self, client):
        _, made = client.call(MAPS, "POST", config_map("x", a="1"))
        code, status = client.call(f"{MAPS}/x", "DELETE", {"preconditions": {"uid": "other"}})
        assert (code, status["reason"]) == (409, "Conflict")
        code, status = client.call(f"{MAPS}/x", "DELETE", {"preconditions": {"uid": made["metadata"]["uid"]}})
        assert (code, status["status"]) == (200, "Success")

    def test_finalizers_hold_an_object_back(self, client):
        held = {**config_map("x"), "metadata": {"name": "x", "finalizers": ["example.com/hold"]}}
        client.call(MAPS, "POST", held)
        _, going = client.call(f"{MAPS}/x", "DELETE")
        assert going["metadata"]["deletionTimestamp"]
        patch = {"metadata": {"finalizers": None}}
        client.call(f"{MAPS}/x", "PATCH", patch, **{"Content-Type": "application/merge-patch+json"})
        assert client.call(f"{MAPS}/x")[0] == 404

    def test_the_status_has_an_endpoint_of_its_own(self, client):
        node = client.call("/api/v1/nodes/node-a")[1]
        node["status"]["phase"] = "Terminated"
        unchanged = client.call("/api/v1/nodes/node-a", "PUT", node)[1]
        assert "phase" not in unchanged["status"]
        node["metadata"]["resourceVersion"] = unchanged["metadata"]["resourceVersion"]
        assert client.call("/api/v1/nodes/node-a/status", "PUT", node)[1]["status"]["phase"] == "Terminated"

    def test_unknown_media_types_are_refused(self, client):
        client.call(MAPS, "POST", config_map("x"))
        assert client.call(f"{MAPS}/x", "PATCH", {}, **{"Content-Type": "text/plain"})[0] == 415


class TestNodes:
    def test_pods_of_a_machine_that_is_gone_move(self, served):
        served.add("moving", {"node-a": "zone-a", "node-b": "zone-b"})
        client = Client(served.clusters.endpoint("moving"), served.ca.certificate_file)
        served.clusters.set_nodes("moving", "pool", [NodeSpec("node-b", zone="zone-b")])
        assert [n["metadata"]["name"] for n in client.call("/api/v1/nodes")[1]["items"]] == ["node-b"]
        pods = client.call("/api/v1/pods")[1]["items"]
        assert {pod["spec"]["nodeName"] for pod in pods} == {"node-b"}
        assert sum(pod["metadata"]["name"].startswith("coredns") for pod in pods) == 2
        served.clusters.set_nodes("moving", "pool", [])
        pods = client.call("/api/v1/pods")[1]["items"]
        assert {pod["status"]["phase"] for pod in pods} == {"Pending"}

    def test_a_machine_shows_what_it_is(self, served):
        served.clusters.create("shown", "1.34", lambda token: "admin")
        taint = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
        spec = NodeSpec(
            "n", "m5.large", "z1", "r1", 4000, 16 * 1024**3, "aws:///z1/i-1", "10.0.0.9", "1.33.4", 29,
            {"mine": "1"}, (taint,),
        )  # fmt: skip
        served.clusters.set_nodes("shown", "pool", [spec])
        node = Client(served.clusters.endpoint("shown"), served.ca.certificate_file).call("/api/v1/nodes/n")[1]
        assert node["status"]["capacity"]["cpu"] == "4"
        assert node["status"]["capacity"]["memory"] == f"{16 * 1024**2}Ki"
        assert node["status"]["capacity"]["pods"] == "29"
        assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.33.4"
        assert node["spec"]["providerID"] == "aws:///z1/i-1"
        assert node["spec"]["taints"] == [taint]
        labels = node["metadata"]["labels"]
        assert labels["mine"] == "1"
        assert labels["topology.kubernetes.io/zone"] == "z1"
        assert labels["node.kubernetes.io/instance-type"] == "m5.large"
        assert {"type": "InternalIP", "address": "10.0.0.9"} in node["status"]["addresses"]

    def test_saying_a_pool_again_changes_nothing_and_undoes_no_cordon(self, served):
        served.add("again", {"node-a": "zone-a"})
        client = Client(served.clusters.endpoint("again"), served.ca.certificate_file)
        patch = {"spec": {"unschedulable": True}}
        client.call("/api/v1/nodes/node-a", "PATCH", patch, **{"Content-Type": "application/merge-patch+json"})
        before = client.call("/api/v1/nodes/node-a")[1]
        served.add("again", {"node-a": "zone-a"})
        assert client.call("/api/v1/nodes/node-a")[1] == before

    def test_a_deleted_cluster_is_forgotten(self, served):
        served.add("gone", {"node-a": "zone-a"})
        client = Client(served.clusters.endpoint("gone"), served.ca.certificate_file)
        client.call(MAPS, "POST", config_map("x"))
        uid = client.call("/api/v1/namespaces/default")[1]["metadata"]["uid"]
        served.clusters.delete("gone")
        served.clusters.delete("gone")
        assert client.call("/api/v1/nodes")[0] == 404
        served.add("gone", {})
        assert client.call(f"{MAPS}/x")[0] == 404
        assert client.call("/api/v1/namespaces/default")[1]["metadata"]["uid"] != uid


class TestTime:
    def test_a_cron_job_runs_when_cloud_time_says_so(self, served):
        endpoint = served.add("cron", {"node-a": "zone-a"})
        client = Client(endpoint, served.ca.certificate_file)
        pod = {"containers": [{"name": "c", "image": "busybox"}], "restartPolicy": "Never"}
        spec = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
        code, _ = client.call(
            "/apis/batch/v1/namespaces/default/cronjobs", "POST", {"metadata": {"name": "often"}, "spec": spec}
        )
        assert code == 201
        jobs = "/apis/batch/v1/namespaces/default/jobs"
        assert client.call(jobs)[1]["items"] == []
        served.clock.advance(301)
        made = client.call(jobs)[1]["items"]
        assert [job["metadata"]["ownerReferences"][0]["name"] for job in made] == ["often"]
        served.clock.advance(5)
        assert client.call(jobs)[1]["items"][0]["status"]["succeeded"] == 1

    def test_a_very_fast_clock_does_not_keep_the_controllers_from_resting(self, tmp_path):
        store = Store()
        clusters = KubernetesClusters(store, SandboxClock(speed=1e7), CertificateAuthority(tmp_path))
        clusters.create("fast", "1.34", lambda token: None)
        clusters.set_nodes("fast", "pool", [NodeSpec("node-a")])
        cluster = clusters._clusters["fast"]
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "coredns"}
        autoscaler = {
            "metadata": {"name": "dns", "namespace": "kube-system"},
            "spec": {"scaleTargetRef": target, "maxReplicas": 4},
        }
        writing.add(cluster, cluster.resource("autoscaling", "HorizontalPodAutoscaler"), autoscaler)
        for number in range(5):
            clusters.set_nodes("fast", "pool", [NodeSpec(f"node-{n}") for n in range(number)])
        assert len(cluster.objects.all("nodes")) == 4
        store.close()

    def test_an_autoscaler_sizes_its_deployment_by_load(self, served):
        client = Client(served.add("autoscaled", {"node-a": "zone-a"}), served.ca.certificate_file)
        labels = {"app": "web"}
        container = {"name": "c", "image": "nginx:1.27", "resources": {"requests": {"cpu": "100m"}}}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
        deployments = "/apis/apps/v1/namespaces/default/deployments"
        client.call(deployments, "POST", {"metadata": {"name": "web"}, "spec": spec})
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
        metric = {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 5}},
        }
        autoscaler = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4, "metrics": [metric]}
        path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
        assert client.call(path, "POST", {"metadata": {"name": "web"}, "spec": autoscaler})[0] == 201
        assert client.call(f"{deployments}/web")[1]["spec"]["replicas"] == 4
        metric["resource"]["target"]["averageUtilization"] = 1000
        _, held = client.call(f"{path}/web")
        client.call(f"{path}/web", "PUT", {**held, "spec": {**held["spec"], "metrics": [metric]}})
        served.clock.advance(60)
        assert client.call(f"{deployments}/web")[1]["spec"]["replicas"] == 4
        served.clock.advance(300)
        assert client.call(f"{deployments}/web")[1]["spec"]["replicas"] == 1


def start(folder: Path) -> tuple[subprocess.Popen, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    endpoint = process.stdout.readline().strip()
    assert endpoint, "the server did not start"
    return process, endpoint


def test_a_killed_server_comes_back_with_everything_it_answered(tmp_path):
    process, endpoint = start(tmp_path)
    ca = tmp_path / "tls" / "ca.pem"
    try:
        client = Client(endpoint, ca)
        client.call(MAPS, "POST", config_map("kept", a="1"))
        labels = {"app": "web"}
        pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]}}
        spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": pod}
        deployments = "/apis/apps/v1/namespaces/default/deployments"
        assert client.call(deployments, "POST", {"metadata": {"name": "web"}, "spec": spec})[0] == 201
        before = {path: client.call(path)[1] for path in ("/api/v1/pods", "/api/v1/nodes", MAPS, deployments)}
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        process.stdout.close()
    process, endpoint = start(tmp_path)
    try:
        client = Client(endpoint, ca)
        for path, seen in before.items():
            assert client.call(path)[1]["items"] == seen["items"]
        old = before[MAPS]["metadata"]["resourceVersion"]
        assert int(client.call(MAPS)[1]["metadata"]["resourceVersion"]) >= int(old)
        code, status = client.call("/api/v1/configmaps?watch=1&resourceVersion=2")
        assert (code, status["reason"]) == (410, "Expired")
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
