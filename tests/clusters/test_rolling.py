"""How far a pool's nodes are, in words, and what holds a pod on them."""

import asyncio

import pytest

from skyclust.clusters.rolling import nodes_of_pool, progress_text
from skyclust.clusters.service.watching import look_at_nodes


def node(name, version, *, pool="web", cordoned=False, label="cloud.google.com/gke-nodepool"):
    return {
        "metadata": {"name": name, "labels": {label: pool}},
        "spec": {"unschedulable": cordoned},
        "status": {"nodeInfo": {"kubeletVersion": version}},
    }


def pod(name, **metadata):
    owner = [{"kind": "ReplicaSet", "name": "x", "controller": True}]
    named = {"namespace": "shop", "name": name, "labels": {"app": "web"}, "ownerReferences": owner}
    return {"metadata": named | metadata, "spec": {}, "status": {"phase": "Running"}}


BUDGET = {
    "metadata": {"namespace": "shop", "name": "web"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}},
    "status": {"disruptionsAllowed": 0, "desiredHealthy": 2, "currentHealthy": 2},
}
MORE = ". Add pods, or lower what it asks for"
HELD = "the pod shop/web-1 on ip-1 is held: The PodDisruptionBudget shop/web needs 2 healthy pods and has 2 now" + MORE


def told(nodes, version="1.34", pods=None, budgets=()):
    return progress_text(nodes_of_pool(nodes, {"web"}), version, pods or {}, budgets)


def test_nodes_are_counted_by_the_minor_version_of_their_kubelet():
    nodes = [node("ip-1", "v1.34.1-eks-7"), node("ip-2", "v1.33.9"), node("ip-3", "v1.34.0-gke.100"), node("x", "")]
    assert told(nodes) == "2 of 4 nodes on v1.34"
    assert told(nodes, "1.34.2-gke.5") == "2 of 4 nodes on v1.34", "the wanted version may be whole"
    assert told([node("ip-1", "v1.3.9")]) == "0 of 1 nodes on v1.34"


def test_only_nodes_of_the_pool_count_by_whatever_label_the_cloud_gives_them():
    labels = ("eks.amazonaws.com/nodegroup", "kubernetes.azure.com/agentpool", "cloud.google.com/gke-nodepool")
    nodes = [node(f"n{number}", "v1.34.1", label=label) for number, label in enumerate(labels)]
    assert told([*nodes, node("other", "v1.33.1", pool="batch")]) == "3 of 3 nodes on v1.34"
    assert told([node("other", "v1.33.1", pool="batch")]) == ""
    assert told(nodes, "latest") == ""


def test_what_is_drained_is_named_and_so_is_the_pod_that_a_budget_holds_there():
    nodes = [node("ip-1", "v1.33.1", cordoned=True), node("ip-2", "v1.34.1"), node("ip-3", "v1.34.1", cordoned=True)]
    assert told(nodes) == "2 of 3 nodes on v1.34; draining ip-1", "a new node that somebody cordoned is not drained"
    pods = {"ip-1": [pod("web-1"), pod("web-2", deletionTimestamp="2026-01-01T00:00:00Z")], "ip-2": [pod("web-3")]}
    assert told(nodes, pods=pods, budgets=[BUDGET]) == f"2 of 3 nodes on v1.34; draining ip-1; {HELD}"


@pytest.mark.parametrize(("count", "end"), [(3, "n0, n1, n2"), (5, "n0, n1, n2 and 2 more")])
def test_of_many_a_few_are_named(count, end):
    nodes = [node(f"n{number}", "v1.33.1", cordoned=True) for number in range(count)]
    assert told(nodes) == f"0 of {count} nodes on v1.34; draining {end}"


class Api:
    """Answers lists; remembers what it was asked."""

    def __init__(self, nodes):
        self.nodes, self.asked = nodes, []

    async def all(self, path, most, **query):
        self.asked.append((path.rpartition("/")[2], query.get("fieldSelector", "")))
        return {"nodes": self.nodes, "pods": [pod("web-1")], "poddisruptionbudgets": [BUDGET]}[self.asked[-1][0]]


def test_pods_are_read_only_of_nodes_that_are_drained():
    calm = Api([node("ip-1", "v1.33.1"), node("ip-2", "v1.34.1")])
    assert asyncio.run(look_at_nodes(calm, {"web"}, "1.34")) == "1 of 2 nodes on v1.34"
    assert calm.asked == [("nodes", "")]
    busy = Api([node("ip-1", "v1.33.1", cordoned=True), node("ip-2", "v1.34.1")])
    assert asyncio.run(look_at_nodes(busy, {"web"}, "1.34")) == f"1 of 2 nodes on v1.34; draining ip-1; {HELD}"
    assert ("pods", "spec.nodeName=ip-1") in busy.asked
    assert ("pods", "spec.nodeName=ip-2") not in busy.asked
