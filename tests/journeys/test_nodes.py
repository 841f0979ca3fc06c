"""Looking into a cluster of the sandbox and draining its nodes with our command line; kubectl as the witness."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLUSTER = {
    "name": "journey-nodes",
    "region": "europe-west1",
    "network": {"cidr_block": "10.77.0.0/16"},
    "node_pool": {"name": "default", "machine_type": "e2-standard-2", "node_count": 2},
}
PATH = "/gcp/kubernetes/clusters"
SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: main, image: "shop:1"}]
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway,
         labelSelector: {matchLabels: {app: shop}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop-stays}
spec: {minAvailable: 2, selector: {matchLabels: {app: shop}}}
"""


@pytest.fixture
def kubectl(up, tmp_path):
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed; https://kubernetes.io/docs/tasks/tools says how to get it")
    up.succeeded(up.call("POST", PATH, CLUSTER | {"credential_id": up.credential("gcp")}))
    file = tmp_path / "kubeconfig"
    file.write_text(up.call("GET", f"{PATH}/{CLUSTER['name']}/kubeconfig?auth=token"))

    def run(*arguments, stdin=None):
        command = ["kubectl", f"--kubeconfig={file}", f"--cache-dir={tmp_path / 'cache'}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=True).stdout

    yield run
    up.succeeded(up.call("DELETE", f"{PATH}/{CLUSTER['name']}"))


def test_a_node_is_drained_from_the_command_line_once_its_budget_allows(up, cli, kubectl):
    name = CLUSTER["name"]
    kubectl("apply", "-f", "-", stdin=SHOP)
    kubectl("wait", "--for=condition=Available", "deployment/shop", "--timeout=30s")
    nodes = json.loads(cli("nodes", "list", name, "-o", "json"))
    seen = kubectl("get", "nodes", "-o", "name").split()
    assert [f"node/{node['name']}" for node in nodes] == sorted(seen)
    pods = json.loads(cli("workloads", "pods", name, "-n", "default", "-o", "json"))
    pod = next(pod for pod in pods if pod["owner"].startswith("ReplicaSet/shop"))
    node = pod["node"]
    assert pod["name"] in cli("nodes", "get", name, node)
    assert "shop:1" in cli("workloads", "list", name, "--namespace", "default")
    assert "ScalingReplicaSet" in cli("workloads", "events", name, "-n", "default")
    assert "kube-system" in cli("workloads", "namespaces", name)
    assert cli("logs", name, pod["name"], "--tail", "1") == kubectl("logs", pod["name"], "--tail=1")

    cli("nodes", "cordon", name, node)
    assert kubectl("get", "node", node, "-o", "jsonpath={.spec.unschedulable}") == "true"
    cli("nodes", "uncordon", name, node)
    assert kubectl("get", "node", node, "-o", "jsonpath={.spec.unschedulable}") == ""

    plan = cli("nodes", "drain", name, node, "--dry-run")
    assert "default/shop-stays needs 2 healthy pods and has 2 now" in " ".join(plan.split())
    stuck = " ".join(cli("nodes", "drain", name, node, "--yes", "--timeout", "1", code=1).split())
    assert f"cordon of {node}: succeeded" in stuck
    assert f"pod default/{pod['name']}: running" in stuck
    assert "default/shop-stays" in stuck
    assert "skyclust operations resume" in stuck
    kubectl("patch", "pdb", "shop-stays", "--type=merge", "-p", '{"spec":{"minAvailable":1}}')
    drained = cli("nodes", "drain", name, node, "--yes")
    assert f"{node} is empty" in drained
    left = json.loads(kubectl("get", "pods", "-A", f"--field-selector=spec.nodeName={node}", "-o", "json"))["items"]
    assert {owner["kind"] for item in left for owner in item["metadata"]["ownerReferences"]} <= {"DaemonSet", "Node"}
    told = up.call("GET", "/audit-logs?action=cluster.node_drain_requested")["items"]
    assert {entry["data"]["node"] for entry in told} == {node}


def test_kubectl_works_through_a_file_that_our_clusters_were_merged_into(up, cli, kubectl, tmp_path, monkeypatch):
    file, name = tmp_path / "merged", CLUSTER["name"]
    theirs = {"name": "theirs", "context": {"cluster": "theirs", "user": "theirs"}}
    file.write_text(
        json.dumps({"apiVersion": "v1", "kind": "Config", "contexts": [theirs], "current-context": "theirs"})
    )
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert name in cli("clusters", "kubeconfig", "--all", "--merge")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def ask(*arguments):
        command = ["kubectl", f"--cache-dir={tmp_path / 'cache'}", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    contexts = ask("config", "get-contexts", "-o", "name").split()
    [ours] = [context for context in contexts if f"-{name}-" in context]
    assert "theirs" in contexts
    assert ask("config", "current-context").strip() == "theirs"
    assert ask("--context", ours, "get", "nodes", "-o", "name") == kubectl("get", "nodes", "-o", "name")
    assert ours in cli("clusters", "kubeconfig", name, "--merge")
    assert ask("config", "get-contexts", "-o", "name").split() == contexts
